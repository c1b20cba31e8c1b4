"""Autoscalers in words: from how many pods to how many, and what they follow."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import ABSENT, brief, differences, line

_WORDS = {
    "minReplicas": "pods at the least",
    "minReplicaCount": "pods at the least",
    "maxReplicas": "pods at the most",
    "maxReplicaCount": "pods at the most",
    "fallback.replicas": "pods while there are no figures",
    "behavior.scaleDown.stabilizationWindowSeconds": "seconds of quiet before pods go",
    "behavior.scaleUp.stabilizationWindowSeconds": "seconds of load before pods come",
}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of an autoscaler, KEDA's ScaledObjects too."""
    one, other = (_followed(side) for side in (old, new))
    for path, was, becomes in differences(one, other):
        inside = path.removeprefix("advanced.horizontalPodAutoscalerConfig.")
        values = f"{code(brief(was))} → {code(brief(becomes))}"
        if inside in _WORDS:
            yield f"{_WORDS[inside]} {values}"
        elif inside.startswith("follows.") and inside.count(".") == 1:
            yield f"{_verb(was, becomes)} {code(inside.removeprefix('follows.'))}: {values}"
        else:
            yield line((path, was, becomes))


def _verb(was: Any, becomes: Any) -> str:
    if was is ABSENT:
        return "also follows"
    return "follows no more" if becomes is ABSENT else "adds pods by"


def _followed(side: Mapping[str, Any]) -> dict[str, Any]:
    """Its `spec` with the metrics by name, each with the value that it aims at."""
    spec = side.get("spec")
    found = dict(spec) if isinstance(spec, Mapping) else {}
    metrics = found.pop("metrics", None)
    if isinstance(metrics, list):
        found["follows"] = {
            _name(metric): _target(metric) for metric in metrics if isinstance(metric, Mapping)
        }
    return found


def _name(metric: Mapping[str, Any]) -> str:
    resource = metric.get("resource")
    return str(resource.get("name")) if isinstance(resource, Mapping) else str(metric.get("type"))


def _target(metric: Mapping[str, Any]) -> str:
    resource = metric.get("resource")
    target = resource.get("target") if isinstance(resource, Mapping) else None
    percent = target.get("averageUtilization") if isinstance(target, Mapping) else None
    return f"{percent}%" if percent is not None else brief(target if target is not None else metric)
