"""Colours that people with any colour vision tell apart: those of Okabe and Ito (jfly.uni-koeln.de/color)."""

from collections.abc import Iterator, Sequence

from config.data import services
from config.metrics import metrics
from model.dashboards.expressions import family, plain
from model.dashboards.words import Mood, Query
from model.rules.promql import parsed, selections

MOODS: dict[Mood, str] = {"good": "#009E73", "warning": "#E69F00", "bad": "#D55E00", "neutral": "#56B4E9"}
# What is neither good nor bad: their blue and pink, and shades between them. None is near a mood's for any
# kind of vision, since a line in the colour of "bad" says so; all are seen on both of Grafana's grounds.
LINES = (
    "#0072B2", "#CC79A7", "#733BE3", "#94C3DB", "#8F147A", "#9970EB", "#804D66", "#3838A8",
)  # fmt: skip


def of_series(queries: Sequence[Query]) -> dict[str, str]:
    """A colour for each series whose name is known beforehand, by that name; a mood's where one says it."""
    names = [name for query in queries if query.mood is None for name in _names(query)]
    unique = list(dict.fromkeys(names))
    lines = dict(zip(unique, LINES, strict=False)) if len(unique) <= len(LINES) else {}
    return lines | {query.legend: MOODS[query.mood] for query in queries if query.mood}


def _names(query: Query) -> Iterator[str]:
    if "{{" not in query.legend:
        yield query.legend
        return
    label = query.legend.removeprefix("{{").removesuffix("}}")
    if label == "job":
        yield from (service.job for service in services().values() if service.job)
        return
    for found in selections(parsed(plain(query.expr))):
        metric = metrics().get(family(found.name))
        values = metric.labels.get(label) if metric else None
        if isinstance(values, tuple):
            yield from values
