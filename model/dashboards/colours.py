"""Colours that people with any colour vision tell apart: those of Okabe and Ito (jfly.uni-koeln.de/color)."""

from collections.abc import Iterator, Sequence

from config.data import services
from config.metrics import metrics
from model.dashboards.expressions import family, plain
from model.dashboards.words import Mood, Query
from model.rules.promql import parsed, selections

MOODS: dict[Mood, str] = {"good": "#009E73", "warning": "#E69F00", "bad": "#D55E00"}
# Their black and yellow are invisible on one of Grafana's two grounds; a grey takes their place.
LINES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#666666")


def of_series(queries: Sequence[Query]) -> dict[str, str]:
    """A colour for each series whose name is known beforehand, by that name."""
    names = [name for query in queries for name in _names(query)]
    unique = list(dict.fromkeys(names))
    return dict(zip(unique, LINES, strict=False)) if len(unique) <= len(LINES) else {}


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
