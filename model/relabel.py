"""Steps of Prometheus's relabelling, by what they do."""

from collections.abc import Iterable, Mapping
from typing import Any

Step = Mapping[str, Any]


def keep(source: str, pattern: str) -> Step:
    """Only what has a label like the pattern, which must match the whole value."""
    return {"source_labels": [source], "regex": pattern, "action": "keep"}


def drop(source: str, pattern: str) -> Step:
    """All but what has a label like the pattern."""
    return {"source_labels": [source], "regex": pattern, "action": "drop"}


def copied(source: str, to: str) -> Step:
    """The value of one label as another's."""
    return {"source_labels": [source], "target_label": to}


def written(to: str, value: str) -> Step:
    """One value for all."""
    return {"target_label": to, "replacement": value}


def only(metrics: Iterable[str]) -> Step:
    """Of what a target answers, these metrics; it is a step of `metric_relabel_configs`."""
    return keep("__name__", "|".join(sorted(metrics)))
