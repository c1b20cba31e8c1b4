"""Any set of sinks in any environment: what two of them differ in belongs to a sink."""

import itertools
from collections.abc import Sequence
from functools import cache

import pytest
from differences import differences

from config.scalars import Environment, SinkName
from config.settings import load
from model.plan import build_plan
from render.recorder import Recording, record

SINKS = tuple(str(name) for name in SinkName)
SCRIPT = "fluent-bit/records.lua"
SETS = [chosen for size in (1, 2, 3) for chosen in itertools.combinations(SINKS, size)]
# What follows a sink without its name: who writes to it and who searches it, their ways, rights and keys.
FOLLOWING = (
    # What its links to logs say of the time.
    "ConfigMap/alertmanager-files-config data.alertmanager.yml.receivers[",
    # Held below: what one output does to its records stands behind what is done to all.
    "ConfigMap/fluent-bit-files-config data.records.lua: ",
    "ConfigMap/grafana-files-datasources data.datasources.yaml.datasources[Tempo].",
    "DaemonSet/fluent-bit-pods spec.template.spec.containers[fluent-bit].envFrom",
    "Deployment/otel-collector-pods spec.template.spec.containers[otel-collector].envFrom",
    "LogGroup/application-logs-application",
    "NetworkPolicy/access-monitoring-agents-fluent-bit spec.egress",
    "NetworkPolicy/access-monitoring-grafana spec.egress",
    "NetworkPolicy/access-monitoring-otel-collector spec.egress",
    "PodIdentityAssociation/fluent-bit-identity-association",
    "PodIdentityAssociation/grafana-identity-association",
    "ResourceQuota/monitoring-quota spec.hard.",
    "Role/fluent-bit-identity-role",
    "Role/grafana-identity-role",
    "RolePolicy/fluent-bit-identity-policy",
    "RolePolicy/grafana-identity-policy",
    "Secret/fluent-bit-secrets-secret-environment",
    "Secret/otel-collector-secrets-secret-environment",
)


@cache
def stack(environment: str, *sinks: str) -> Recording:
    """Everything that the program declares."""
    return record(build_plan(load({"logSinks": list(sinks)}, stack=environment)))


def strange(lines: Sequence[str]) -> list[str]:
    """Lines that belong to no sink."""
    others = (line for line in lines if not any(name in line.lower() for name in SINKS))
    return [line for line in others if not line.startswith(FOLLOWING)]


@pytest.mark.parametrize(
    ("environment", "sets"),
    [
        (Environment.PROD, SETS[: len(SINKS)]),
        *(pytest.param(each, SETS[:-1], marks=pytest.mark.long) for each in Environment),
    ],
    ids=str,
)
def test_two_sets_differ_in_what_belongs_to_a_sink(
    environment: Environment, sets: Sequence[Sequence[str]]
) -> None:
    """Each set against all of them, which any two of them can be compared by."""
    every = stack(environment, *SINKS)
    for chosen in sets:
        lines = differences(every, stack(environment, *chosen), (environment, environment))
        assert lines
        assert strange(lines) == [], chosen


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("chosen", SETS, ids="+".join)
def test_any_set_is_planned_in_any_environment(environment: Environment, chosen: tuple[str, ...]) -> None:
    """An output for each, a server for Loki, a group for CloudWatch, and no more."""
    found = build_plan(load({"logSinks": list(chosen)}, stack=environment)).observability
    text = found.files["fluent-bit/fluent-bit.yaml"]
    assert {name for name in SINKS if f"alias: {name}\n" in text} == set(chosen)
    assert ("loki/loki.yaml" in found.files) == ("loki" in chosen)
    assert bool(found.log_groups) == ("cloudwatch" in chosen)


def test_a_line_of_no_sink_is_strange() -> None:
    """Planted beside one that follows a sink."""
    assert strange(["StatefulSet/prometheus-pods spec.replicas: 1 → 2", f"{FOLLOWING[0]}x: 1 → 2"]) == [
        "StatefulSet/prometheus-pods spec.replicas: 1 → 2"
    ]


@pytest.mark.parametrize("sinks", SETS, ids="+".join)
def test_what_is_done_to_every_record_is_the_same(sinks: tuple[str, ...]) -> None:
    """Whatever a sink adds to the script comes after it."""
    scripts = [
        build_plan(load({"logSinks": list(chosen)}, stack="prod")).observability.files[SCRIPT]
        for chosen in (("loki",), sinks)
    ]
    assert scripts[1].startswith(scripts[0].rstrip())
