"""The arithmetic of the tiers: it holds, and each check turns red when it should."""

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from carried import found, scene

from config import files
from config.capacity import assumptions
from config.data import alert_files, services
from config.scalars import Environment, SinkName, Tier
from config.slos import slos
from model import workloads
from model.capacity import require
from model.capacity.figures import shrinking
from model.rules.placeholders import number
from render import capacity as page

Raw = dict[str, Any]
STACKS = [(environment, tier) for environment in Environment for tier in Tier]


@cache
def every_name() -> frozenset[str]:
    """The name of every check that any stack has."""
    sinks = list(SinkName)
    return frozenset(name for tier in Tier for name in found(tier=tier.value, logSinks=sinks))


@pytest.fixture
def assume() -> Iterator[Callable[[str, Any], None]]:
    """Changes an assumption, by its path in `capacity.yaml`."""
    whole, patch = files.read("capacity.yaml"), pytest.MonkeyPatch()

    def change(path: str, value: Any) -> None:
        changed = copy.deepcopy(whole)
        *above, last = path.split("/")
        inner = changed
        for key in above:
            inner = inner[key]
        assert last in inner, path
        inner[last] = value
        real = files.read
        patch.setattr(files, "read", lambda file: changed if file == "capacity.yaml" else real(file))
        assumptions.cache_clear()

    yield change
    patch.undo()
    assumptions.cache_clear()


# --- they hold -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("environment", "tier"), STACKS)
def test_every_stack_carries_its_load(environment: Environment, tier: Tier) -> None:
    """No binding check fails, with the usual sinks and with all of them."""
    for sinks in ({}, {"logSinks": list(SinkName)}):
        looked = scene(environment, tier=tier.value, **sinks)
        require(looked.plan, looked.settings, stack="any")


@pytest.mark.parametrize("environment", Environment)
def test_no_tier_has_less_than_the_one_before(environment: Environment) -> None:
    """Pods, sizes, disks, stores, nodes."""
    assert shrinking([scene(environment, tier=tier.value) for tier in Tier]) == []


def test_a_tier_that_shrinks_is_found() -> None:
    """The other way round, by name."""
    told = shrinking([scene(tier="2year"), scene(tier="current")])
    assert any("GiB of storage of PostgreSQL" in line for line in told)
    assert any("most pods of neo4j" in line for line in told)
    assert any("GiB of disk of prometheus" in line for line in told)


def test_monitoring_takes_a_smaller_share_in_each_tier() -> None:
    """Below the aim at `current`, and falling."""
    shares = [found(tier=tier.value)["monitoring-share"] for tier in Tier]
    print({tier.value: f"{check.need:.1%}" for tier, check in zip(Tier, shares, strict=True)})
    assert shares[0].need <= assumptions().monitoring.aim
    assert [check.need for check in shares] == sorted((check.need for check in shares), reverse=True)
    assert shares[0].binding
    assert not found("dev")["monitoring-share"].binding


def test_connections_are_those_of_the_decision() -> None:
    """The sum of 0008, and what the classes allow."""
    current, later = found()["postgres-connections"], found(tier="6month")["postgres-connections"]
    assert (current.need, current.limit, later.limit) == (1563, 1617, 3239)
    text = Path("docs/decisions/0008-connections.md").read_text()
    assert all(f"{figure:,.0f}" in text for figure in (current.need, current.limit, later.limit))
    assert current.inputs["core-api"] == 900


def test_a_process_of_weaver_counts_for_itself() -> None:
    """Ten connections, two processes, nine pods."""
    assert found()["postgres-connections"].inputs["weaver"] == 180


# --- each turns red ------------------------------------------------------------------------------

# What to plant: settings, or an assumption by its path and value, or a call.
Planted = Mapping[str, Any] | tuple[str, Any] | Callable[[pytest.MonkeyPatch], None]


def _busy(name: str) -> Planted:
    return (f"cpuSecondsPerRequest/{name}", 100)


def _tested(name: str) -> Planted:
    return (f"loadTests/{name}/requestsPerSecond", 10_000)


def _late_trigger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workloads, "_CPU_PERCENT", 150)


_LOKI = {"logSinks": ["loki"]}
_GROWN = {"tier": "1year"}


# Check to what is planted, and the settings beside it.
def _longer_window(patch: pytest.MonkeyPatch) -> None:
    longer = slos().model_copy(update={"window_days": 90})
    patch.setattr("model.capacity.metrics.slos", lambda: longer)


VIOLATIONS: Mapping[str, tuple[Planted, Raw]] = {
    "postgres-connections": ({"postgres": {"poolSize": 1000}}, {}),
    "postgres-storage": (("postgres/bytesPerRequest", 40_000), {}),
    "postgres-cpu": (("postgres/cpuSecondsPerRequest", 0.02), {}),
    "redis-clients": (("redis/clientsPerProcess", 5000), {}),
    "redis-memory": (("redis/overheadFactor", 1000), {}),
    "neo4j-memory": (("neo4j/fixedGibibytes", 2), {}),
    "prometheus-volume": ({"retention": {"metricsDays": 365}}, {}),
    "prometheus-retention-size": (("prometheus/usableShare", 0.5), {}),
    "prometheus-memory": (("prometheus/bytesPerSeries", 80_000), {}),
    "metrics-retention": (_longer_window, {}),
    "amp-series": (("quotas/ampSeries", 1000), _GROWN),
    "amp-samples": (("quotas/ampSamples", 1000), _GROWN),
    "log-agent": (("logs/agentBytesPerSecond", 10), {}),
    "log-buffer": (("logs/nodeDiskGibibytes", 25), {}),
    "tempo-volume": (("traces/tempoSeconds", 10_000_000), {}),
    "tempo-pace": (("traces/tempoBytesPerSecond", 10), {}),
    "loki-volume": (("logs/serverSeconds", 1_000_000), _LOKI),
    "loki-pace": (("logs/serverBytesPerSecond", 10), _LOKI),
    "cloudwatch-ingestion": (("quotas/putLogEvents", 5), {}),
    "cloudwatch-metrics": (("quotas/getMetricData", 0), {}),
    "nodes-cpu": (("nodes/usableShare", 0.5), {}),
    "nodes-memory": (("nodes/usableShare", 0.1), {}),
    "monitoring-share": (("monitoring/bar", 0.1), {}),
    **{f"{name}-cpu": (_busy(name), {}) for name in services()},
    **{
        f"load-test-{name}": (_tested(name), {})
        for name in ("daily", "peak", "stress", "nl2sql-burst", "extraction")
    },
    "extraction-concurrency": (("extractionSeconds", 60), {}),
    **{
        f"{name}-trigger": (_late_trigger, {})
        for name in ("core-api", "core-worker", "oracle", "vision", "synapse", "weaver")
    },
    **{
        f"availability-{name}": (("availability/rdsMultiAz", 0.9), _GROWN)
        for name in (
            "core-api", "core-worker", "oracle-nl2sql", "oracle-cached-answer", "vision-olap-pivot",
            "vision-what-if", "synapse-document-extraction", "synapse-ontology-search",
            "weaver-metadata-read", "weaver-cross-db-query",
        )
    },
    "token-budget": ({"alerting": {"tokenBudget": 1000}}, {}),
}  # fmt: skip
# Told in every tier: the requirements' own sizes.
ALWAYS_RED = {f"{name}-trigger" for name in ("core-api", "oracle", "vision", "synapse")}


def test_every_check_has_a_violation() -> None:
    """A new check needs one more line above."""
    assert set(VIOLATIONS) == every_name()


@pytest.mark.parametrize("name", sorted(VIOLATIONS))
def test_a_violation_turns_its_check_red_with_a_remedy(
    name: str, assume: Callable[[str, Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Green before, red after, told with figures; the setting it names, where it does, mends it."""
    planted, raw = VIOLATIONS[name]
    assert found(**raw)[name].holds or name in ALWAYS_RED
    if isinstance(planted, tuple):
        assume(*planted)
    elif callable(planted):
        planted(monkeypatch)
    else:
        raw = {**raw, **planted}
    red = found(**raw)[name]
    assert not red.holds
    assert red.margin < 0
    assert red.remedy
    told = red.told("prod")
    assert name in told
    assert all(input_name in told for input_name in red.inputs)
    if red.setting:
        section, key = red.setting.key.split(".")
        value = int(red.setting.value) if red.setting.value.isdecimal() else red.setting.value
        mended = {**raw, section: {**raw.get(section, {}), key: value}}
        assert f"pulumi config set --path {red.setting.key} {red.setting.value} --stack prod" in told
        assert found(**mended)[name].holds


def test_what_is_stated_refuses_nothing() -> None:
    """Availability, triggers and the budget of tokens; monitoring's share outside prod."""
    stated = {name for name, check in found().items() if not check.binding}
    assert all(
        name.startswith("availability-") or name.endswith("-trigger") for name in stated - {"token-budget"}
    )
    looked = scene()
    require(looked.plan, looked.settings, stack="prod")


# --- availability and the page -------------------------------------------------------------------


def test_one_zone_does_not_carry_the_objectives_and_settings_do() -> None:
    """Core's 99.9% on single PostgreSQL and Redis, until 1year or the settings say otherwise."""
    name = "availability-core-api"
    assert not found()[name].holds
    assert found(postgres={"multiAz": True}, redis={"replicas": 1})[name].holds
    assert found(tier="1year")[name].holds


def test_the_page_is_current() -> None:
    """`make docs` would change nothing."""
    assert Path("docs/capacity.md").read_text() == page.page()


def test_redis_is_full_where_its_alert_begins() -> None:
    """A tier that fits would else warn at once, or have room that nobody may use."""
    rules = yaml.safe_load(alert_files()["axiom-resources"])["rules"]
    (limit,) = (rule["limit"] for rule in rules if rule.get("alert") == "RedisHighMemory")
    assert assumptions().redis.usable_share == float(number(limit)), (
        "redis.usableShare of config/capacity.yaml is the limit of RedisHighMemory: change both, or neither"
    )
