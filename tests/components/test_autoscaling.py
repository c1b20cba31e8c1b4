"""The two kinds of autoscaler as they are declared."""

from functools import cache
from typing import Any

from config.settings import load
from model.plan import build_plan
from render.recorder import Recording, record

SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
RELEASE = "kubernetes:helm.sh/v3:Release"


@cache
def recorded() -> Recording:
    """Prod."""
    return record(build_plan(load({}, stack="prod")))


def specs(kind: str) -> dict[str, Any]:
    """The autoscalers of a kind by the workload that they scale."""
    return {found.inputs["metadata"]["name"]: found.inputs["spec"] for found in recorded().of(kind)}


def test_keda_owns_the_autoscalers_with_a_trigger_and_no_other() -> None:
    """Never two on the same pods."""
    assert set(specs(SCALED_OBJECT)) == {"core-worker", "oracle"}
    assert set(specs(AUTOSCALER)) == {"core-api", "vision", "synapse", "weaver", "canvas"}


def test_both_kinds_are_equally_quick() -> None:
    """One pod a minute up at once, one down after five minutes."""
    plain = specs(AUTOSCALER)["core-api"]["behavior"]
    assert plain["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert plain["scaleDown"]["stabilizationWindowSeconds"] == 300
    for name, spec in specs(SCALED_OBJECT).items():
        made = spec["advanced"]["horizontalPodAutoscalerConfig"]
        assert made == {"name": name, "behavior": plain}


def test_a_scaled_object_has_cpu_and_memory_beside_its_trigger() -> None:
    """All three, and the percentages of the plain ones."""
    for spec in specs(SCALED_OBJECT).values():
        triggers = {found["type"]: found for found in spec["triggers"]}
        assert set(triggers) == {"prometheus", "cpu", "memory"}
        assert triggers["cpu"]["metadata"] == {"value": "70"}
        assert triggers["memory"]["metadata"] == {"value": "80"}
        assert {triggers[name]["metricType"] for name in ("cpu", "memory")} == {"Utilization"}


def test_no_answer_is_a_failure_and_takes_no_pod_away() -> None:
    """By default it would count as 0, and a fixed number would undo what CPU has asked for."""
    for spec in specs(SCALED_OBJECT).values():
        asked = spec["triggers"][0]["metadata"]
        assert asked["serverAddress"] == "http://prometheus.monitoring.svc:9090"
        assert asked["ignoreNullValues"] == "false"
        assert spec["fallback"]["behavior"] == "currentReplicasIfHigher"
        assert spec["minReplicaCount"] < spec["fallback"]["replicas"] <= spec["maxReplicaCount"]


def test_the_metrics_are_held_against_the_right_thing() -> None:
    """The outbox is shared out among pods, a latency is not."""
    triggers = {name: spec["triggers"][0] for name, spec in specs(SCALED_OBJECT).items()}
    assert {name: found["metricType"] for name, found in triggers.items()} == {
        "core-worker": "AverageValue",
        "oracle": "Value",
    }
    assert triggers["oracle"]["metadata"]["threshold"] == "15"


def test_kinds_and_policies_come_before_what_needs_them() -> None:
    """ScaledObjects after the release, the release after the policies and its namespace's bounds."""
    (release,) = recorded().of(RELEASE)
    for found in recorded().of(SCALED_OBJECT):
        assert release.urn in found.dependencies
    kinds = {urn.split("::")[2].rsplit("$", 1)[-1] for urn in release.dependencies}
    assert {"kubernetes:networking.k8s.io/v1:NetworkPolicy", "kubernetes:core/v1:ResourceQuota"} <= kinds
    assert release.inputs["atomic"] is True
