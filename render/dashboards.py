"""docs/dashboards.md: every point of the requirements with its panels."""

import re
from collections.abc import Iterable, Iterator, Sequence

from config.metrics import exposers
from model.dashboards import BOARDS
from model.dashboards.expressions import family, plain
from model.dashboards.listed import POINTS
from model.dashboards.names import NAMES
from model.dashboards.words import Board, Panel
from model.rules.promql import parsed, selections
from render.waiting import is_waiting

_HEAD = """# Dashboards

Made by `make docs` from `model/dashboards/`; a test holds it current. Every point of the requirements' list
(section 5) has a panel; one whose metric nobody exposes yet is *waiting*, and stands in no stack until a
service has the metric ([metrics-to-add.md](metrics-to-add.md)). Series of `rules` are recorded by
`config/alerts/`. `$job` is the variable of that name; `beside` is what nobody asked for by name.

| dashboard | uid |
| --- | --- |
"""


def page() -> str:
    """The whole page, in Markdown."""
    names = "".join(f"| {name.title} | `{name.uid}` |\n" for name in NAMES)
    return _HEAD + names + "".join(_section(board) for board in BOARDS)


def _section(board: Board) -> str:
    listed = list(_listed(board))
    beside = [row for panel in board.panels if not panel.lists for row in _of_panel("beside", panel)]
    head = ("asked for", "panel", "query", "unit", "source")
    return f"\n## {board.name.title}\n\n{board.about}\n\n{_table(head, [*listed, *beside])}"


def _listed(board: Board) -> Iterator[Sequence[str]]:
    for key, point in POINTS.items():
        if point.board == board.name:
            for panel in (found for found in board.panels if key in found.lists):
                yield from _of_panel(point.korean, panel)


def _of_panel(asked: str, panel: Panel) -> Iterator[Sequence[str]]:
    for query in panel.queries:
        written = re.sub(r"\s+", " ", query.expr).replace("|", "\\|")
        yield (
            asked.replace("|", "\\|"),
            panel.title.text,
            f"`{written}`",
            panel.unit,
            ", ".join(_sources(query.expr)),
        )


def _sources(expr: str) -> Iterator[str]:
    """Who exposes what a query reads, and what of it is waiting."""
    seen = set()
    for found in selections(parsed(plain(expr))):
        name = family(found.name)
        known = next((who for who, each in exposers().items() if name in each.metrics), None)
        text = "rules" if known is None else f"{known}, *waiting*" if is_waiting(name) else known
        if text not in seen:
            seen.add(text)
            yield text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    listed = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in listed)
