"""A dashboard line by line: the path of each value and the value, panels by what they are called."""

import json
from collections.abc import Iterator
from typing import Any


def outline(text: str) -> str:
    """The lines of a dashboard's JSON; every difference of two files is one of their lines."""
    return "\n".join(_lines(json.loads(text), ""))


def _lines(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _lines(item, f"{path}{' / ' if path else ''}{key}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _lines(item, f"{path}[{_named(item, index)}]")
    else:
        yield f"{path} = {json.dumps(value, ensure_ascii=False)}"


def _named(item: Any, index: int) -> str:
    """What tells an item from its neighbours, so that one more moves no others."""
    title = item.get("title") if isinstance(item, dict) else None
    return str(title) if title else str(index)
