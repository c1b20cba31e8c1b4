"""docs/metrics-to-add.md: what Axiom's services must expose yet and what for."""

from collections.abc import Iterator

from config.data import alert_files
from config.metrics import Metric, carrying, exposers, metrics
from model.dashboards import BOARDS
from model.dashboards.expressions import family, plain
from model.rules.promql import parsed, selections
from model.slos import objectives

_HEAD = """# Metrics that services must add

Made by `make docs` from `config/metrics/`; a test holds it current. Alerts, objectives and panels that need
one of these are written already and stand in no stack. When a service exposes it, take `neededBy` away from
its row in `config/metrics/` (for Canvas: name the job that scrapes it), and they are there.

Counters end in `_total`; a histogram has the buckets that are given, since an edge stands at every objective.
A gauge of one shared store is reported alike by every replica and read with `max`.

Of what is there already one thing is relied on: `core_llm_request_duration_seconds` times the calls that were
answered, and a call that fails counts in `core_llm_errors_total` alone. LLMErrorRate adds the two up.
"""
_TABLE = "| metric | type | labels | what it tells | needed by |\n| --- | --- | --- | --- | --- |\n"


def is_waiting(name: str) -> bool:
    """Whether nobody exposes a metric of the catalogue yet."""
    return metrics()[name].needed_by is not None or not carrying(name)


def page() -> str:
    """The whole page, in Markdown."""
    return _HEAD + "".join(_sections())


def _sections() -> Iterator[str]:
    for who, exposer in exposers().items():
        pushed = not exposer.jobs and not any(metric.needed_by for metric in exposer.metrics.values())
        rows = [
            _row(name, metric)
            for name, metric in exposer.metrics.items()
            # Tempo writes what no job carries.
            if is_waiting(name) and not pushed
        ]
        if rows:
            yield f"\n## {who}\n\n{_TABLE}{''.join(rows)}"


def _row(name: str, metric: Metric) -> str:
    shape: str = metric.type
    if metric.buckets:
        shape = f"histogram, buckets {', '.join(f'{edge:g}' for edge in metric.buckets)}"
    if metric.replicas == "shared":
        shape += ", shared"
    labels = ", ".join(_label(label, values) for label, values in metric.labels.items()) or "none"
    return f"| `{name}` | {shape} | {labels} | {metric.help} ({metric.unit}) | {', '.join(_needs(name))} |\n"


def _label(name: str, values: object) -> str:
    return f"`{name}` ({' '.join(values)})" if isinstance(values, tuple) else f"`{name}`"


def _needs(name: str) -> Iterator[str]:
    for board in BOARDS:
        for panel in board.panels:
            if any(name in _read(query.expr) for query in panel.queries):
                yield f"panel {panel.title.english}"
    slos = [found.slo for found in objectives() if found.metric == name]
    if slos:
        yield f"objectives {slos[0]} and {len(slos) - 1} more" if len(slos) > 1 else f"objective {slos[0]}"
    if any(name in text for text in alert_files().values()):
        yield "an alert"


def _read(expr: str) -> set[str]:
    return {family(found.name) for found in selections(parsed(plain(expr)))}
