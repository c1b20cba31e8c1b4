"""Texts that are nothing but lines: what was added and removed, shortly."""

import difflib
from collections.abc import Iterator

from review.markdown import fence
from review.meaning.reading import Reader

_MOST = 200
_SHOWN = 24


def changes(old: str, new: str, reader: Reader) -> Iterator[str]:
    """A short diff in a fence, or how much changed where that is too much to look at."""
    if not reader.takes(old) or not reader.takes(new):
        yield f"changed: {len(old):,} → {len(new):,} characters, too many to compare here"
        return
    one, other = _between(old.splitlines(), new.splitlines())
    if len(one) > _MOST or len(other) > _MOST:
        yield f"changed: {len(one):,} lines replaced by {len(other):,}"
        return
    lines = [
        line
        for line in difflib.unified_diff(one, other, lineterm="", n=1)
        if not line.startswith(("---", "+++", "@@"))
    ]
    yield "changed:\n\n" + fence("\n".join(lines), "diff", most_lines=_SHOWN, width=200)


def _between(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Both without the lines that they begin and end with alike."""
    start, shorter = 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]
