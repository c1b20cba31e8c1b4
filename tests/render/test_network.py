"""The page that says who may talk to whom."""

from pathlib import Path

from render import network


def test_the_page_is_current() -> None:
    """`make docs` would change nothing."""
    assert Path("docs/network.md").read_text() == network.page()


def test_each_way_has_its_reason() -> None:
    """One row a connection, none without a why."""
    rows = [line.split("|")[1:-1] for line in network.page().splitlines() if line.startswith("| ")][1:]
    assert len({tuple(row[:4]) for row in rows}) == len(rows) > 100
    assert all(cell.strip() for row in rows for cell in row)
