"""The pages of dashboards and of metrics to add."""

import re
from pathlib import Path

import pytest

from config.metrics import exposers
from model.dashboards.listed import POINTS
from render import dashboards, waiting

PAGES = {"dashboards": dashboards.page, "metrics-to-add": waiting.page}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name: str) -> None:
    """`make docs` would change nothing."""
    assert PAGES[name]() == Path(f"docs/{name}.md").read_text(), "run `make docs`"


def test_every_point_of_the_requirements_has_a_row() -> None:
    """In the section of its dashboard, with a panel, a query, a unit and a source."""
    text = dashboards.page()
    for point in POINTS.values():
        section = text.split(f"## {point.board.title}\n")[1].split("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith(f"| {point.korean} |")]
        assert rows, point
        assert all(all(cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]) for row in rows)


def test_what_waits_is_on_both_pages() -> None:
    """A row without a metric yet says so, and what is to be added says what for."""
    assert re.search(r"\| Retry 성공/실패율 \|.*\| core, \*waiting\* \|", dashboards.page())
    assert re.search(
        r"\| `core_retries_total` \| counter \|.*\| panel Retries that helped \|", waiting.page()
    )


def test_nothing_waits_for_nothing() -> None:
    """Every metric that is asked for is needed by something that is named."""
    listed = re.findall(r"^\| `(\w+)` .*\| ([^|]*) \|$", waiting.page(), re.MULTILINE)
    assert [name for name, needs in listed if not needs.strip()] == []
    asked = {
        name for each in exposers().values() for name, metric in each.metrics.items() if metric.needed_by
    }
    assert asked <= {name for name, _ in listed}
