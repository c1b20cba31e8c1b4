"""What is wrong with a rule, judged against the metric catalogue. Each finding says the remedy.

What Prometheus itself refuses is promtool's to find; these are the rules that it takes, and that
then never fire, always do, or say nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import promql_parser as promql

from config.metrics import FAMILY, Metric, carrying, metrics
from model.rules.promql import COMPARISONS, Selection, bare, kept, nodes, selections
from model.scrape import SCRAPE_INTERVAL

# What discovery adds to every series of a target.
TARGET_LABELS = frozenset({"job", "instance", "namespace", "pod", "node"})
_OF_COUNTERS = frozenset({"rate", "irate", "increase", "resets", "absent", "absent_over_time"}) | {
    # Whether a series was there, and how far one came that has just begun.
    "present_over_time",
    "last_over_time",
}
_OF_GAUGES = frozenset({"delta", "idelta", "deriv", "predict_linear"})
_RATES = frozenset({"rate", "irate", "increase"})
_LEAST_SCRAPES = 4
_LABEL = re.compile(r"\$labels\.([a-zA-Z_]+)")
_VALUE = re.compile(r"\$value\b")


@dataclass(frozen=True)
class Known:
    """What expressions may name: the catalogue, and what other rules record with its labels."""

    recorded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=metrics)

    def metric(self, name: str) -> Metric | None:
        """The metric that a series belongs to."""
        if name in self.metrics:
            return self.metrics[name]
        family = self.metrics.get(FAMILY.sub("", name))
        return family if family and family.type in {"histogram", "summary"} else None

    def labels(self, name: str) -> frozenset[str]:
        """What tells the series of a name apart."""
        if name in self.recorded:
            return self.recorded[name]
        metric = self.metric(name)
        edges = {"le"} if name.endswith("_bucket") else set()
        return TARGET_LABELS | set(metric.labels if metric else ()) | edges

    def kept(self, tree: Any) -> frozenset[str]:
        """The labels of an expression's result."""
        return kept(tree, {found.name: self.labels(found.name) for found in selections(tree)})


def findings(tree: Any, known: Known, retention_seconds: float) -> Iterator[str]:
    """What is wrong with an expression."""
    for found in selections(tree):
        yield from _of_selection(found, known, retention_seconds)
    for node in nodes(tree):
        if isinstance(node, promql.BinaryExpr):
            yield from _of_division(node)
            yield from _of_threshold(node, known)


def text_findings(labels: Mapping[str, str], texts: Mapping[str, str], has: frozenset[str]) -> Iterator[str]:
    """What is wrong with an alert's labels and annotations, whose expression keeps the labels `has`."""
    for name, text in labels.items():
        if _VALUE.search(text):
            yield f"label {name} holds $value, so each value is another alert; say it in an annotation"
    for name, text in {**labels, **texts}.items():
        for label in sorted(set(_LABEL.findall(text)) - has):
            listed = ", ".join(sorted(has)) or "none"
            yield f"{name} names the label {label}, which the expression does not keep; it keeps {listed}"


def _of_selection(found: Selection, known: Known, retention_seconds: float) -> Iterator[str]:
    name = found.name
    if found.seconds is not None and not _least_range() <= found.seconds <= retention_seconds:
        yield f"{name} over {found.seconds:g} s; a range is from {_least_range():g} s to the retention"
    labels = known.labels(name)
    if name in known.recorded:
        yield from (_no_label(name, label, labels) for label in {**found.equal, **found.like}.keys() - labels)
        return
    metric = known.metric(name)
    if metric is None:
        near = get_close_matches(name, (*known.metrics, *known.recorded), n=1, cutoff=0.8)
        meant = f"did you mean {near[0]}? Else " if near else ""
        yield f"nobody exposes {name}; {meant}list it in config/metrics with who does"
        return
    yield from _of_type(found, metric)
    yield from _of_labels(found, metric, labels)


def _least_range() -> float:
    return _LEAST_SCRAPES * float(SCRAPE_INTERVAL.removesuffix("s"))


def _of_type(found: Selection, metric: Metric) -> Iterator[str]:
    name, function = found.name, found.function
    histogram = metric.type == "histogram"
    if histogram and not FAMILY.search(name):
        yield f"{name} is a histogram: it has _bucket, _sum and _count, and no series of its own"
        return
    counts = metric.type == "counter" or histogram
    if counts and function not in _OF_COUNTERS:
        yield f"{name} counts since its process began; take rate() or increase() of it"
    if not counts and function in _RATES:
        yield f"{function}() of the gauge {name}; take delta() or deriv()"


def _of_labels(found: Selection, metric: Metric, labels: frozenset[str]) -> Iterator[str]:
    for label, value in {**found.equal, **found.like}.items():
        matches = re.compile(value if label in found.like else re.escape(value)).fullmatch
        if label not in labels:
            yield _no_label(found.name, label, labels)
        elif label == "job" and (jobs := carrying(found.name)) and not any(map(matches, jobs)):
            yield f"no job {value} carries {found.name}; {', '.join(jobs)} do"
        elif label == "le" and not any(map(matches, _le_values(metric))):
            yield f"{found.name} has no edge at {value}; {_edges(metric)}"
        elif isinstance(values := metric.labels.get(label), tuple) and not any(map(matches, values)):
            yield f"{found.name} has no {label} {value}; there are {', '.join(values)}"


def _le_values(metric: Metric) -> tuple[str, ...]:
    return (*(f"{edge:g}" for edge in metric.buckets or ()), "+Inf")


def _no_label(name: str, label: str, labels: frozenset[str]) -> str:
    return f"{name} has no label {label}; it has {', '.join(sorted(labels))}"


def _of_division(node: Any) -> Iterator[str]:
    divisor = bare(node.rhs)
    if str(node.op) != "/" or isinstance(divisor, promql.NumberLiteral):
        return
    guarded = isinstance(divisor, promql.BinaryExpr) and str(divisor.op) == ">"
    if not (guarded and isinstance(bare(divisor.rhs), promql.NumberLiteral)):
        yield "a divisor may be zero: keep only what is above it, (… > 0)"


def _of_threshold(node: Any, known: Known) -> Iterator[str]:
    quantile, threshold = bare(node.lhs), bare(node.rhs)
    if str(node.op) not in COMPARISONS or not isinstance(threshold, promql.NumberLiteral):
        return
    if not (isinstance(quantile, promql.Call) and quantile.func.name == "histogram_quantile"):
        return
    for found in selections(quantile):
        metric = known.metric(found.name)
        if metric and threshold.val not in (metric.buckets or ()):
            yield f"{threshold.val:g} is no edge of {found.name}, which can't tell it; {_edges(metric)}"


def _edges(metric: Metric) -> str:
    return "edges: " + ", ".join(f"{edge:g}" for edge in metric.buckets or ())
