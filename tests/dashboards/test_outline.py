"""A dashboard line by line."""

import json

import pytest
from dashboards.rendered import files

from model.dashboards.names import NAMES
from model.dashboards.outline import outline


@pytest.mark.parametrize("uid", [name.uid for name in NAMES])
def test_nothing_is_left_out(uid: str) -> None:
    """Every value is a line, and no two lines have one path."""
    text = files("prod", "current")[uid]
    lines = outline(text).splitlines()
    values = text.count("\n") - sum(
        line.strip(" ,\n").endswith(("{", "[", "}", "]")) for line in text.splitlines()
    )
    paths = [line.partition(" = ")[0] for line in lines]
    assert len(set(paths)) == len(lines) >= values


def test_one_panel_more_moves_no_others() -> None:
    """They go by their names."""
    one = {"panels": [{"title": "a", "unit": "s"}]}
    two = {"panels": [{"title": "b", "unit": "ms"}, *one["panels"]]}
    assert set(outline(json.dumps(one)).splitlines()) < set(outline(json.dumps(two)).splitlines())


def test_what_is_empty_is_told() -> None:
    """An empty list or a null is a value as well; an empty map too."""
    assert outline('{"a": [], "b": null, "c": {}}').splitlines() == ["a = []", "b = null", "c = {}"]
