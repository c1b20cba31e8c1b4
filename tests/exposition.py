"""What a server exposes, held against what the catalogue says of it."""

import re
from collections.abc import Iterator, Mapping

from config.metrics import Metric, exposers

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? [^ ]+(?: \d+)?$")
_LABEL = re.compile(r'(\w+)="(?:[^"\\]|\\.)*"')
# Labels by which a histogram and a summary tell their own samples apart.
_PARTS = {"le", "quantile"}


def contradictions(exposer: str, text: str) -> list[str]:
    """Where a page of metrics, or several one after another, says otherwise than the catalogue."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    labels = _labels(text)
    listed = exposers()[exposer].metrics
    return [found for name, metric in listed.items() for found in _of(name, metric, types, labels)]


def _of(
    name: str, metric: Metric, types: Mapping[str, str], labels: Mapping[str, set[frozenset[str]]]
) -> Iterator[str]:
    if name not in types:
        if not (metric.idle or metric.when):
            yield f"{name} is not exposed"
        return
    if types[name] not in (metric.type, "untyped"):
        yield f"{name} is a {types[name]}, not a {metric.type}"
    for found in labels.get(f"{name}_bucket" if metric.buckets else name, set()):
        if not found <= set(metric.labels):
            yield f"{name} has the labels {sorted(found)}, not {sorted(metric.labels)}"


def _labels(text: str) -> dict[str, set[frozenset[str]]]:
    """The sets of labels of each sample's name."""
    found: dict[str, set[frozenset[str]]] = {}
    for line in text.splitlines():
        sample = _SAMPLE.match(line)
        if sample:
            names = frozenset(_LABEL.findall(sample[2] or "")) - _PARTS
            found.setdefault(sample[1], set()).add(names)
    return found
