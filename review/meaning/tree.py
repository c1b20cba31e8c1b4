"""Differences between two trees of values, by path; items of lists are matched by their names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.markdown import code

# What tells an item of a list from its neighbours.
_NAMES = (
    "name",
    "job_name",
    "alert",
    "record",
    "receiver",
    "uid",
    "title",
    "id",
    "type",
    "key",
    "containerPort",
)


@dataclass(frozen=True)
class Absent:
    """What stands on the side that has nothing."""

    def __str__(self) -> str:
        return "nothing"


ABSENT = Absent()
Difference = tuple[str, Any, Any]


def differences(old: Any, new: Any, path: str = "") -> Iterator[Difference]:
    """Path, old and new value of whatever differs; `ABSENT` where one side has nothing."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys(), key=str):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), inner)
        return
    one, other = named(old), named(new)
    if one is not None and other is not None and (one or other):
        for name in _in_order(one, other):
            yield from differences(one.get(name, ABSENT), other.get(name, ABSENT), f"{path}[{name}]")
        return
    yield path, old, new


def remaining(old: Mapping[str, Any], new: Mapping[str, Any], *told: str) -> Iterator[str]:
    """Lines about whatever differs under other keys than those that are told already."""
    one, other = ({key: side[key] for key in side if key not in told} for side in (old, new))
    yield from (line(found) for found in differences(one, other))


def named(items: Any) -> dict[str, Any] | None:
    """The items of a list by their names, or None where they have none of their own."""
    if not isinstance(items, list):
        return None
    for key in _NAMES:
        names = [str(item[key]) for item in items if isinstance(item, Mapping) and key in item]
        if len(names) == len(items) == len(set(names)):
            return dict(zip(names, items, strict=True))
    return None


def _in_order(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [*one, *(name for name in other if name not in one)]


def line(difference: Difference) -> str:
    """A difference in a line of Markdown."""
    path, old, new = difference
    where = code(path, 160) if path else "the whole"
    if old is ABSENT:
        return f"{where} added: {code(brief(new))}"
    if new is ABSENT:
        return f"{where} removed: {code(brief(old))}"
    return f"{where}: {code(brief(old))} → {code(brief(new))}"


def brief(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, Mapping):
        shown = [f"{key}: {value[key]}" if not _nests(value[key]) else str(key) for key in list(value)[:5]]
        return f"{{{', '.join(shown)}{', …' if len(value) > 5 else ''}}}"
    if isinstance(value, list):
        if any(_nests(item) for item in value[:8]):
            return "1 item" if len(value) == 1 else f"{len(value)} items"
        return f"[{', '.join(map(str, value[:8]))}{', …' if len(value) > 8 else ''}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nests(value: Any) -> bool:
    return isinstance(value, Mapping | list)
