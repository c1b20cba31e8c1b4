"""What is wrong with a dashboard, judged against the metric catalogue, the alerts and Grafana's own rules.

Each finding says the remedy. What a panel may not do: name what nobody exposes, blank itself by a label
that its query does not keep, add up what every replica reports alike, lose `le`, or stand on another panel.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import promql_parser as promql

from config.metrics import EVERY_JOB, exposers, metrics
from model.dashboards.expressions import UnknownVariable, family, plain
from model.dashboards.grid import COLUMNS, Placed, placed
from model.dashboards.listed import POINTS
from model.dashboards.outline import outline
from model.dashboards.units import UNITS
from model.dashboards.words import Board, Panel, Query, Title
from model.rules.lint import Known, findings
from model.rules.promql import NotPromqlError, bare, nodes, parsed, selections

# Kubernetes takes 1 MiB a ConfigMap, names and metadata included.
CONFIG_MAP_BYTES = 1_000_000
# And 256 KiB of annotations.
ANNOTATION_BYTES = 250_000
_MOST_QUERIES = 8
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-z]")
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_RETENTION = 30 * 86400.0
_RATES = re.compile(r"\b(?:rate|irate|increase)\(")
_RANGES = re.compile(r"\[(?:\$__rate_interval|\$__range)\]")
_ADDING = frozenset({"sum", "avg", "count"})


def problems(board: Board, recorded: Mapping[str, frozenset[str]]) -> list[str]:
    """Everything that is wrong with a dashboard; `recorded` are the series of rules with their labels."""
    known = Known(recorded)
    found = [text for panel in board.panels for text in _of_panel(panel, known)]
    found += grid_problems(list(placed(board.rows)))
    titles = Counter(panel.title.english for panel in board.panels)
    found += [f"{title}: {count} panels have this title" for title, count in titles.items() if count > 1]
    return [f"dashboard {board.name.uid}: {text}" for text in found]


def size_problem(uid: str, text: str) -> str | None:
    """What is wrong with the size of a file."""
    size, told = len(text.encode()), len(outline(text).encode())
    if size <= CONFIG_MAP_BYTES and told <= ANNOTATION_BYTES:
        return None
    return (
        f"dashboard {uid}: {size} bytes are more than a ConfigMap holds ({CONFIG_MAP_BYTES}),"
        f" or {told} of its"
        f" outline more than an annotation does ({ANNOTATION_BYTES}); move panels to another dashboard"
    )


def grid_problems(found: Sequence[Placed]) -> Iterator[str]:
    """Panels that stand on each other, or beyond the last column."""
    for what, place in found:
        if place.x < 0 or place.w < 1 or place.h < 1 or place.x + place.w > COLUMNS:
            yield f"{_name(what)}: {place.w} columns from {place.x} on; there are {COLUMNS}"
    for (one, here), (other, there) in combinations(found, 2):
        if here.meets(there):
            yield f"{_name(one)} and {_name(other)} stand in one place"


def _name(what: Panel | Title) -> str:
    return what.english if isinstance(what, Title) else what.title.english


def _of_panel(panel: Panel, known: Known) -> Iterator[str]:
    name = panel.title.english
    for text in _of_words(panel):
        yield f"{name}: {text}"
    for query in panel.queries:
        for text in _of_query(query, known):
            yield f"{name}: {text}"


def _of_words(panel: Panel) -> Iterator[str]:
    if not _HANGUL.search(panel.title.korean):
        yield "no Korean title"
    if not _LATIN.search(panel.title.english):
        yield "no English title"
    if not panel.good:
        yield "says nothing of what good looks like"
    if panel.unit not in UNITS:
        yield f"Grafana knows no unit {panel.unit}; units: {', '.join(sorted(UNITS))}"
    if not 1 <= panel.width <= COLUMNS:
        yield f"{panel.width} columns wide; there are {COLUMNS}"
    if not 0 < len(panel.queries) <= _MOST_QUERIES:
        yield f"{len(panel.queries)} queries; a panel has 1 to {_MOST_QUERIES}"
    for key in panel.lists:
        if key not in POINTS:
            yield f"shows the point {key}, which model/dashboards/listed.py does not have"


def _of_query(query: Query, known: Known) -> Iterator[str]:
    try:
        tree = parsed(plain(query.expr))
    except (UnknownVariable, NotPromqlError) as error:
        yield f"no PromQL: {error}"
        return
    yield from findings(tree, known, _RETENTION)
    missing = sorted(set(_LEGEND.findall(query.legend)) - known.kept(tree))
    if missing:
        kept = ", ".join(sorted(known.kept(tree))) or "none"
        yield f"the legend names {', '.join(missing)}, which the query does not keep; it keeps {kept}"
    if len(_RATES.findall(query.expr)) > len(_RANGES.findall(query.expr)):
        yield "a rate over a fixed time shows gaps or smears at another zoom; take $__rate_interval"
    yield from _of_jobs(tree, known)
    yield from _of_aggregates(tree, known)


def _of_jobs(tree: Any, known: Known) -> Iterator[str]:
    """Every selector follows the variable `job`, or names its own job."""
    for found in selections(tree):
        every = any(found.name in each.metrics for each in exposers().values() if EVERY_JOB in each.jobs)
        has = "job" in known.recorded.get(found.name, {"job"})
        if has and not (every or "job" in found.equal or found.like.get("job") == plain("$job")):
            yield f'{found.name} does not follow the variable job; add job=~"$job"'


def _of_aggregates(tree: Any, known: Known) -> Iterator[str]:
    for node in nodes(tree):
        if isinstance(node, promql.AggregateExpr) and str(node.op).strip() in _ADDING:
            for name in _shared(node.expr):
                yield f"every replica reports {name} alike: {node.op} counts it several times; take max"
        quantile = isinstance(node, promql.Call) and node.func.name == "histogram_quantile"
        if quantile and "le" not in known.kept(node.args[1]):
            yield "a quantile of buckets without le; keep it in the aggregation"


def _shared(tree: Any) -> Iterable[str]:
    """Gauges of one shared store below, unless something takes them once."""
    tree = bare(tree)
    if isinstance(tree, promql.AggregateExpr) and str(tree.op).strip() in {"max", "min"}:
        return
    if isinstance(tree, promql.VectorSelector | promql.MatrixSelector):
        for found in selections(tree):
            metric = metrics().get(family(found.name))
            if metric and metric.replicas == "shared":
                yield found.name
        return
    for child in list(nodes(tree))[1:]:
        if isinstance(child, promql.VectorSelector):
            yield from _shared(child)
