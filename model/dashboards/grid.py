"""Where panels stand: from left to right on 24 columns, each line as high as its highest panel."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from model.dashboards.words import Panel, Row, Title

COLUMNS = 24


@dataclass(frozen=True, kw_only=True)
class Place:
    """A rectangle of the grid."""

    x: int
    y: int
    w: int
    h: int

    def meets(self, other: "Place") -> bool:
        """Whether the two cover a cell together."""
        apart = (
            self.x + self.w <= other.x
            or other.x + other.w <= self.x
            or self.y + self.h <= other.y
            or other.y + other.h <= self.y
        )
        return not apart


Placed = tuple[Panel | Title, Place]


def placed(rows: Iterable[Row]) -> Iterator[Placed]:
    """Every panel and heading with its place; what a stack lacks leaves no hole."""
    y = 0
    for row in rows:
        if row.title:
            yield row.title, Place(x=0, y=y, w=COLUMNS, h=1)
            y += 1
        for line in _lines(row.panels):
            height = max(panel.height for panel in line)
            yield from _in_line(line, y, height)
            y += height


def _lines(panels: Iterable[Panel]) -> Iterator[Sequence[Panel]]:
    line: list[Panel] = []
    for panel in panels:
        if line and sum(each.width for each in line) + panel.width > COLUMNS:
            yield line
            line = []
        line.append(panel)
    if line:
        yield line


def _in_line(line: Sequence[Panel], y: int, height: int) -> Iterator[Placed]:
    x = 0
    for panel in line:
        # The last takes what is left of the line.
        width = COLUMNS - x if panel is line[-1] else panel.width
        yield panel, Place(x=x, y=y, w=width, h=height)
        x += width
