"""A bill adds up line by line, has a price for all that the tiers declare, and names what has none."""

from dataclasses import replace

import pytest
from carried import scene

from config.capacity import assumptions
from config.prices import Above, Price, prices
from config.scalars import Environment, Tier
from review.capacity import capacity
from review.figures import cost_table
from review.money import Bill, bill
from review.planned import RDS, planned
from review.states import Side

HOST = {"host": "a.example.com"}


def side(environment: str, tier: str) -> Side:
    """A stack as it is planned."""
    plan = scene(environment, tier=tier, ingress=HOST, grafana=HOST).plan
    return Side(tier=tier, sinks=plan.identity.sinks, states=planned(plan), load=plan.load)


def costs(found: Side) -> Bill:
    """Its bill."""
    return bill(found, capacity(found))


@pytest.mark.parametrize("tier", [Tier.CURRENT, Tier.ONE_YEAR])
def test_prod_adds_up_line_by_line(tier: Tier) -> None:
    """Each line is its quantity times its price; their sum is the sum that is shown."""
    found = costs(side("prod", tier))
    known = prices()
    for line in found.lines:
        price = known.prices[line.key]
        hours = known.hours_per_month if price.per == "hour" else 1
        assert line.usd == round(price.of_units(line.quantity * hours)), line
    assert found.usd == sum(line.usd or 0 for line in found.lines)
    shown = [row.split(" | ") for row in cost_table(found, found).splitlines() if row.startswith("| ")][2:-1]
    amounts = [int(row[-1].strip(" |").replace(",", "").replace("under 1", "0")) for row in shown]
    assert len(amounts) == len(found.lines)
    assert sum(amounts) == found.usd
    assert f"**{found.usd:,}**" in cost_table(found, found)


def test_the_bill_of_prod_counts_what_is_declared() -> None:
    """By hand: 1 class and 100 GiB, then 2 of another and twice the storage; 1 node of Redis, then 6."""
    now, later = costs(side("prod", "current")), costs(side("prod", "1year"))
    for found, key, quantity in (
        (now, "rds-db.m6g.xlarge", 1),
        (now, "rds-gp3", 100),
        (now, "elasticache-cache.m7g.large", 1),
        (now, "nat-gateway", 3),
        (now, "interface-endpoint", 30),
        (now, "load-balancer", 2),
        (later, "rds-db.r6g.xlarge", 2),
        (later, "rds-gp3", 200),
        (later, "elasticache-cache.m7g.large", 6),
        (later, "interface-endpoint", 36),
    ):
        line = found.line(key)
        assert line is not None, key
        assert line.quantity == quantity, key
    assert later.usd > now.usd


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("environment", list(Environment))
def test_everything_that_a_stack_declares_has_a_price(environment: Environment, tier: Tier) -> None:
    """In every environment and tier."""
    assert costs(side(environment, tier)).unpriced == ()


def test_every_class_that_may_be_chosen_has_a_price() -> None:
    """Those of config/capacity.yaml."""
    classes = {f"rds-{name}" for name in assumptions().rds_classes}
    nodes = {f"elasticache-{name}" for name in assumptions().redis_nodes}
    assert classes | nodes <= prices().prices.keys()


def test_a_missing_price_is_named_and_never_zero() -> None:
    """In the table, and in the words below it."""
    found = side("prod", "current")
    states = tuple(
        replace(state, inputs={**state.inputs, "instanceClass": "db.x9.huge"}) if state.kind == RDS else state
        for state in found.states
    )
    unpriced = costs(replace(found, states=states))
    assert unpriced.unpriced == ("rds-db.x9.huge",)
    shown = cost_table(unpriced, unpriced)
    assert "no price" in shown
    assert "Without a price, and so in no sum" in shown
    assert "`rds-db.x9.huge`" in shown


def test_what_is_from_memory_says_so() -> None:
    """Every price has a source and a month; a line that nobody looked up is marked."""
    assert all(price.source and price.date for price in prices().prices.values())
    found = costs(side("prod", "current"))
    unchecked = [line for line in found.lines if not prices().prices[line.key].checked]
    assert unchecked
    shown = cost_table(found, found)
    assert sum(row.rstrip().split(" | ")[0].endswith("¹") for row in shown.splitlines()) == len(unchecked)
    assert "From memory" in shown


def test_units_beyond_a_bound_cost_what_they_cost() -> None:
    """The first ten at 2, the rest at 1."""
    price = Price(
        usd=2, above=(Above(units=10, usd=1),), per="GB", of="x", source="y", date="2026-01", checked=True
    )
    assert [price.of_units(units) for units in (0, 5, 10, 15)] == [0, 10, 20, 25]


def test_the_priced_node_is_the_one_that_tiers_count_with() -> None:
    """Or the number of nodes would be of another size."""
    node = prices().node
    for tier in Tier:
        size = scene(tier=tier.value).tier.nodes
        assert (size.cpu, size.memory_gibibytes) == (node.cpu, node.memory_gibibytes)
