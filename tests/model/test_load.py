"""The figures that follow from a tier's load."""

from itertools import pairwise

import pytest

from config.capacity import assumptions
from config.data import tier as tier_data
from config.scalars import Environment, Tier
from config.settings import load
from model.nodes import Nodes
from model.plan import build_plan
from model.slices import Load


def load_of(environment: str = "prod", **raw: object) -> Load:
    """The load of a stack."""
    return build_plan(load({"neo4j": {"acceptLicense": True}, **raw}, stack=environment)).load


def test_requests_a_second_follow_from_a_day() -> None:
    """500,000 a day are 5.8 a second, and ten times as many at the peak."""
    found = load_of(tier="2year")
    assert found.requests_per_second == pytest.approx(5.787, abs=0.001)
    assert found.peak_requests_per_second == pytest.approx(57.87, abs=0.01)
    assert found.peak_spans_per_second == pytest.approx(868, abs=1)
    assert found.peak_events_per_second == pytest.approx(28.9, abs=0.1)
    assert found.tokens_per_day == 30_000_000


def test_logs_have_a_part_that_nobody_asks_for() -> None:
    """Twice the requests are less than twice the lines: pods write of themselves."""
    small, big = (load_of(tier=tier) for tier in ("current", "2year"))
    of_requests = (big.requests_per_day - small.requests_per_day) * 8 * 500 / 1e9
    assert big.logs_gigabytes_per_day - small.logs_gigabytes_per_day == pytest.approx(of_requests, rel=0.1)
    assert small.logs_gigabytes_per_day > small.requests_per_day * 8 * 500 / 1e9


def test_an_environment_promises_its_share() -> None:
    """Dev a tenth of the tier, with the tier's figures still told."""
    dev, prod = load_of("dev"), load_of("prod")
    assert (dev.share, prod.share) == (0.1, 1)
    assert dev.requests_per_day == prod.requests_per_day
    assert dev.requests_per_second == pytest.approx(prod.requests_per_second / 10)
    assert set(assumptions().promise) == set(Environment)


def test_samples_follow_from_series_and_intervals() -> None:
    """Every 15 s, and Core every 10 s."""
    found = load_of()
    assert found.samples_per_second > found.active_series / 15
    assert found.samples_per_second < found.active_series / 10
    assert found.most_series > found.active_series


def test_load_grows_by_tier() -> None:
    """Every figure, from each tier to the next."""
    loads = [vars(load_of(tier=tier.value)) for tier in Tier]
    for below, above in pairwise(loads):
        assert all(above[name] > below[name] for name in below if name != "share")


def test_nodes_are_spread_over_the_zones() -> None:
    """As many in each, at the least and at the most."""
    for tier in Tier:
        settings = load({"tier": tier.value, "neo4j": {"acceptLicense": True}}, stack="prod")
        plan = build_plan(settings)
        found = Nodes.of([server.workload for server in plan.servers], tier_data(tier).nodes)
        assert found.least % 3 == found.most % 3 == 0
        assert found.least <= found.most
