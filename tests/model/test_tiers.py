"""Two tiers differ in what `config/tiers.yaml` says they differ in, and in nothing else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest

from config import files
from config.scalars import Environment, Tier
from config.settings import load
from model.plan import build_plan

ALWAYS = r"identity\.(tier|tags\.tier)|load\.\w+"
# What a key of a tier may change in a plan, by path. A quota is a fold over the pods of its namespace.
MAY_CHANGE: Mapping[str, str] = {
    "users": r"load\.\w+",
    "requestsPerDay": (
        r"load\.\w+"
        # Traces that are not decided on wait in its memory.
        r"|observability\.(files\.otel-collector/|servers\.otel-collector\.workload\.config\.).+"
        r"|observability\.servers\.otel-collector\.workload\.(resources\.memory.*|environment\.GOMEMLIMIT)"
    ),
    "nodes": r"load\.\w+",
    "instances": (
        r"workloads\.services\.(core-api|oracle)\.workload\.replicas\.(minimum|trigger\.fallback)"
        r"|platform\.namespaces\.axiom\.quota\..+"
    ),
    "postgres": r"stores\.postgres\.(multi_az|instance_class|allocated_gibibytes)",
    "redis": (
        r"stores\.redis\.(cluster_mode|shards|replicas|parameters\.cluster-enabled)"
        r"|workloads\.services\.[\w-]+\.workload\.environment\.REDIS_CLUSTER"
        # Several nodes are found by asking AWS.
        r"|platform\.network\.interface_endpoints\.elasticache"
        r"|(access\.permissions|observability\.servers)\.prometheus\..*elasticache.*"
        r"|observability\.servers\.redis-exporter\.scrape\.redis\..+"
        r"|observability\.(files\.prometheus/|servers\.prometheus\.workload\.config\.).*prometheus\.yml.*"
    ),
    "neo4j": (
        r"stores\.(neo4j|backup\.claims)\..+"
        r"|platform\.namespaces\.axiom\.quota\..+"
        r"|observability\.servers\.blackbox-exporter\.(edges|scrape)\..+"
        r"|access\.edges\..*neo4j.*"
        # Its alerts and panels follow the edition.
        r"|observability\.(files\.grafana/dashboards/|servers\.grafana\.workload\.config\.grafana-)"
        r"axiom-(data|overview)\..+"
        r"|observability\.files\.prometheus/rules/(axiom-stores|monitoring-targets)\.yml"
        r"|observability\.(files\.prometheus/|servers\.prometheus\.workload\.config\.).*prometheus\.yml.*"
    ),
    "prometheus": (
        r"observability\.servers\.prometheus\.workload\.(resources\..+|claim\..+|environment\.GOMEMLIMIT)"
        r"|observability\.(files\.prometheus/|servers\.prometheus\.workload\.config\.).*prometheus\.yml.*"
        r"|platform\.namespaces\.monitoring\.quota\..+"
    ),
    # Where it is a sink outside of dev, which no default says.
    "loki": r"(observability\.(servers\.loki|files\.loki/)|access\.edges\..*loki).*",
    "workspace": (
        r"observability\.workspace(\..+)?"
        r"|(access\.permissions|observability\.servers)\.prometheus\..*"
        r"|platform\.network\.interface_endpoints\.aps-workspaces"
        r"|observability\.files\.prometheus/(prometheus|rules/monitoring-pipelines)\.yml"
    ),
}
CHANGES: Mapping[str, Mapping[str, Any]] = files.read("tiers.yaml")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf by its path; members of a list by their name, or by what they are."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(
                inner if isinstance(inner, dict) and _name(inner) else True, f"{path}.{_key(inner)}"
            )
    else:
        yield path, value


def _name(item: Any) -> str | None:
    return item.get("workload", item).get("name") if isinstance(item, dict) else None


def _key(item: Any) -> str:
    return _name(item) or str(item)


def plan(environment: str, tier: Tier) -> dict[str, Any]:
    """The leaves of a plan."""
    settings = load({"tier": tier.value, "neo4j": {"acceptLicense": True}}, stack=environment)
    return dict(leaves(asdict(build_plan(settings))))


def strays(below: Mapping[str, Any], above: Mapping[str, Any], changed: set[str]) -> list[str]:
    """The paths that differ though no changed key of a tier may change them."""
    allowed = re.compile("|".join([ALWAYS, *(MAY_CHANGE[key] for key in changed)]))
    nothing = object()
    differing = {key for key in {*below, *above} if below.get(key, nothing) != above.get(key, nothing)}
    return sorted(key for key in differing if not allowed.fullmatch(key))


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize(("below", "above"), list(pairwise(Tier)))
def test_a_tier_changes_what_it_states(environment: Environment, below: Tier, above: Tier) -> None:
    """Each leaf that differs belongs to a key that the bigger tier has."""
    found = strays(plan(environment, below), plan(environment, above), set(CHANGES[above]))
    assert found == []


@pytest.mark.parametrize("key", ["instances", "postgres", "redis", "neo4j", "prometheus", "workspace"])
def test_a_change_that_no_key_states_is_found(key: str) -> None:
    """Without its key, what a key changes is a stray."""
    below, above = next((b, a) for b, a in pairwise(Tier) if key in CHANGES[a])
    assert strays(plan("prod", below), plan("prod", above), set(CHANGES[above]) - {key})


def test_every_key_of_a_tier_is_told() -> None:
    """A new key needs a line of its own."""
    assert {key for change in CHANGES.values() for key in change} == set(MAY_CHANGE)
