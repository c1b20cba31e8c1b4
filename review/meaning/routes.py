"""The file of Alertmanager: where alerts go, and how long they wait and stay silent."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import ABSENT, brief, differences, line, named, remaining

_WORDS = {
    "group_wait": "waits for others",
    "group_interval": "tells of new ones after",
    "repeat_interval": "repeats after",
    "receiver": "goes to",
    "group_by": "is grouped by",
    "continue": "goes on to the next route",
}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of routes, receivers and inhibitions."""
    yield from _routes(old.get("route"), new.get("route"), "the default route")
    yield from _receivers(named(old.get("receivers")) or {}, named(new.get("receivers")) or {})
    yield from remaining(old, new, "route", "receivers")


def _routes(old: Any, new: Any, called: str) -> Iterator[str]:
    one, other = _mapping(old), _mapping(new)
    for key in sorted((one.keys() | other.keys()) - {"routes"}, key=str):
        was, becomes = one.get(key, "nothing"), other.get(key, "nothing")
        if was != becomes:
            yield f"{called} {_WORDS.get(key, code(key))}: {code(brief(was))} → {code(brief(becomes))}"
    below, others = _by_matchers(one), _by_matchers(other)
    for matchers in [*below, *(key for key in others if key not in below)]:
        name = f"route {code(matchers)}"
        if matchers not in others:
            yield f"{name} removed"
        elif matchers not in below:
            yield f"{name} added: goes to {code(others[matchers].get('receiver', 'the one above'))}"
        else:
            yield from _routes(below[matchers], others[matchers], name)
    if list(below) != list(others) and set(below) == set(others):
        yield f"{called}: its routes are tried in another order"


def _by_matchers(route: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    routes = route.get("routes")
    found = [item for item in routes if isinstance(item, Mapping)] if isinstance(routes, list) else []
    return {
        brief(item.get("matchers") or item.get("match") or item.get("match_re") or "every alert"): item
        for item in found
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _receivers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for path, was, becomes in differences(old, new):
        name, _, inside = path.partition(".")
        if was is ABSENT and not inside:
            yield f"receiver {code(name)} added"
        elif becomes is ABSENT and not inside:
            yield f"receiver {code(name)} removed"
        else:
            yield f"receiver {code(name)}: {line((inside or name, was, becomes))}"
