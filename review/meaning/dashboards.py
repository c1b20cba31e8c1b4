"""Dashboards of Grafana: panels that come, go, or ask something else."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import brief, differences, line, named, remaining

_PLACE = ("gridPos", "id", "version", "iteration")


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of panels, variables and the rest."""
    if old.get("title") != new.get("title"):
        yield f"title {code(old.get('title'))} → {code(new.get('title'))}"
    one, other = panels(old), panels(new)
    for name in other:
        if name not in one:
            yield f"panel {code(name)} added"
    for name, panel in one.items():
        if name not in other:
            yield f"panel {code(name)} removed"
            continue
        yield from (f"panel {code(name)}: {said}" for said in _of_panel(panel, other[name]))
    yield from _variables(old, new)
    yield from remaining(old, new, "panels", "templating", "title", *_PLACE)


def panels(dashboard: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Every panel by its title, those within rows too."""
    found: dict[str, Mapping[str, Any]] = {}
    pending = _list(dashboard.get("panels"))[::-1]
    while pending:
        panel = pending.pop()
        pending += _list(panel.get("panels"))[::-1]
        key = title = str(panel.get("title") or f"without a title ({panel.get('type')})")
        place = 1
        while key in found:
            place += 1
            key = f"{title} ({place})"
        found[key] = panel
    return found


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _of_panel(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    one, other = (_queries(panel) for panel in (old, new))
    for ref in [*one, *(ref for ref in other if ref not in one)]:
        if one.get(ref) != other.get(ref):
            was, becomes = (code(queries.get(ref, "none"), 200) for queries in (one, other))
            yield f"query {code(ref)}: {was} → {becomes}"
    yield from remaining(old, new, *_PLACE, "title", "panels", "targets")
    if old.get("gridPos") != new.get("gridPos"):
        yield "moved"


def _queries(panel: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(target.get("refId", place)): str(
            target.get("expr") or target.get("query") or target.get("rawSql") or brief(target)
        )
        for place, target in enumerate(_list(panel.get("targets")))
    }


def _variables(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    one, other = (named(_templating(file)) or {} for file in (old, new))
    for path, was, becomes in differences(one, other):
        yield f"variable {line((path, was, becomes))}"


def _templating(file: Mapping[str, Any]) -> Any:
    found = file.get("templating")
    return found.get("list") if isinstance(found, Mapping) else None
