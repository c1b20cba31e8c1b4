"""What of the dashboards a stack can have: panels, queries and annotations whose every series is there."""

from collections.abc import Iterable
from dataclasses import replace

from config.metrics import EVERY_JOB, carrying, exposers
from model.dashboards.document import Annotation
from model.dashboards.expressions import plain, service_jobs
from model.dashboards.words import Board, Panel, Row
from model.rules.promql import Selection, parsed, selections
from model.rules.stack import Stack


def of_stack(board: Board, stack: Stack) -> Board:
    """The dashboard without what would be empty for ever."""
    kept = [Row(row.title, tuple(_panels(row, stack))) for row in board.rows]
    return replace(board, rows=tuple(row for row in kept if row.panels))


def annotations_of(found: Iterable[Annotation], stack: Stack) -> tuple[Annotation, ...]:
    """The annotations whose series are there."""
    return tuple(each for each in found if stack.has_series(plain(each.expr)))


def jobs_of(board: Board, stack: Stack) -> frozenset[str]:
    """The jobs whose series the panels read, among those of the stack."""
    queries = [query for panel in board.panels for query in panel.queries]
    read = {job for query in queries for job in _read(query.expr)}
    return frozenset(read & set(stack.jobs))


def _panels(row: Row, stack: Stack) -> Iterable[Panel]:
    for panel in row.panels:
        queries = tuple(query for query in panel.queries if stack.has_series(plain(query.expr)))
        if queries:
            yield replace(panel, queries=queries)


def _read(expr: str) -> Iterable[str]:
    for found in selections(parsed(plain(expr))):
        if "job" in found.equal:
            # It does not follow the variable.
            continue
        yield from _carried(found)


def _carried(found: Selection) -> Iterable[str]:
    if ":" in found.name:
        return service_jobs()
    everywhere = any(found.name in each.metrics for each in exposers().values() if EVERY_JOB in each.jobs)
    return () if everywhere else carrying(found.name)
