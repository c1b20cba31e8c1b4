"""What autoscalers follow beside CPU and memory: queries of Prometheus, checked against the catalogue."""

import math
import re
from collections.abc import Iterator

from config.files import DataError
from config.metrics import metrics
from config.tables import Service
from model.container import Trigger
from model.servers.names import PROMETHEUS_PORT, service

_PROMETHEUS = "prometheus"
# What names of metrics may be mistaken for: texts, selectors, ranges, lists of labels.
_BESIDE_NAMES = re.compile(
    r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)'
)
# A word that no bracket follows is no function.
_NAME = re.compile(r"(?<![\w.])[a-z_][a-z0-9_:]*\b(?!\s*\()", re.IGNORECASE)
_OPERATORS = frozenset({"and", "atan2", "bool", "or", "unless"})
_MAX = re.compile(r"\bmax\b")
_OF_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")


def trigger(name: str, wanted: Service, minimum: int, maximum: int) -> Trigger | None:
    """The trigger of a service that has between so many pods, if it has one.

    Raises:
        DataError: with all that is wrong with it.
    """
    data = wanted.trigger
    if data is None:
        return None
    problems = [f"config/services.yaml: trigger of {name}: {found}" for found in _problems(wanted)]
    if problems:
        raise DataError("\n".join(problems))
    return Trigger(
        server=service(_PROMETHEUS, PROMETHEUS_PORT),
        query=data.query,
        threshold=data.threshold,
        target=data.target,
        # Nobody knows the load then: half of what there may be, neither the least nor everything.
        fallback=math.ceil((minimum + maximum) / 2),
    )


def _problems(wanted: Service) -> Iterator[str]:
    data = wanted.trigger
    assert data is not None
    if not wanted.autoscaled:
        yield "`autoscaled` is false, so that nothing would follow it"
    if data.threshold <= 0:
        yield f"the threshold is above 0, not {data.threshold:g}"
    known = metrics()
    for name in named(data.query):
        found = known.get(name) or known.get(_OF_HISTOGRAM.sub("", name))
        if found is None:
            yield f"no metric {name} in config/metrics"
        elif name.endswith("_bucket") and data.threshold not in (found.buckets or ()):
            yield f"{_OF_HISTOGRAM.sub('', name)} has no edge at {data.threshold:g}"
        elif found.replicas == "shared" and not _MAX.search(data.query):
            yield f"every pod reports {name} of one shared store: take its max"


def named(query: str) -> list[str]:
    """The metrics that a query names, each once, in alphabetical order."""
    return sorted(set(_NAME.findall(_BESIDE_NAMES.sub(" ", query))) - _OPERATORS)
