"""The page that says who may talk to whom."""

from dataclasses import replace
from pathlib import Path

import pytest

from model.reach import Edge, Namespace, Peer
from render import network

PAGE = Path("docs/network.md").read_text()


def test_the_page_is_current() -> None:
    """`make docs` would change nothing."""
    assert network.page() == PAGE


@pytest.mark.parametrize(
    "row",
    [
        "| `prometheus` | `alertmanager` | 9093 TCP | alerts | always |",
        "| `fluent-bit` | `loki` | 3100 TCP | logs | `loki` is a log sink |",
        "| `blackbox-exporter` | `neo4j` | 7474 TCP | whether it answers | Neo4j is Community |",
        "| `oracle` | any address | 443 TCP | LLM providers, Sentry, LangSmith | always |",
        "| `fluent-bit` | any address | 443 TCP | DataDog | `datadog` is a log sink |",
        "| `grafana` | any address | 443 TCP | single sign-on | `grafana.oidc.clientId` is set |",
        "| load balancers | `canvas` | 8080 TCP | users | `ingress.host` is set |",
    ],
)
def test_a_row_says_when(row: str) -> None:
    """Also for what no stack has by default."""
    assert f"{row}\n" in PAGE


def test_databases_of_customers_are_named_by_their_setting() -> None:
    """No stack has such ranges by default, so none would show otherwise."""
    where = "`network.dataSourceCidrs`"
    rows = [line.split(" | ") for line in PAGE.splitlines() if f"| {where} |" in line]
    assert [row[0] for row in rows] == ["| `mindsdb`", "| `oracle`", "| `weaver`"]
    assert {row[-1] for row in rows} == {f"{where} is set |"}


def test_conditions_are_told_apart() -> None:
    """None holds for the same stacks as another: a row could say either."""
    known = network.stacks()
    held = [tuple(meets(stack.settings) for stack in known) for meets in network.CONDITIONS.values()]
    assert len(set(held)) == len(held)


def test_a_connection_that_no_condition_explains_is_refused() -> None:
    """One that a single stack has; in all of them it would be there always."""
    known = list(network.stacks())
    ends = {"source": Peer(namespace=Namespace.AXIOM, app="canvas"), "target": Peer(cidr="192.0.2.9/32")}
    planted = Edge(**ends, port=1, why="planted")
    plan = known[5].plan
    access = replace(plan.access, edges=(*plan.access.edges, planted))
    known[5] = replace(known[5], plan=replace(plan, access=access))
    with pytest.raises(ValueError, match=r"says when there is .*canvas.*planted"):
        network.conditional(known)
