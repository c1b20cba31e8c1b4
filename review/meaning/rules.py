"""Files of Prometheus rules: alerts that come, go, or fire at another moment."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import brief

_COMPARED = re.compile(r"(>=|<=|==|!=|>|<)(\s*(?:bool\s+)?)(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.\[])")
_SEVERITY = "severity"


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of each rule."""
    repeated = _repeated(old) | _repeated(new)
    one, other = _rules(old, repeated), _rules(new, repeated)
    for key, rule in other.items():
        if key not in one:
            yield f"{_called(rule)} added: {code(_flat(str(rule.get('expr'))), 200)}"
    for key, rule in one.items():
        if key not in other:
            what = f"removed: {code(_flat(str(rule.get('expr'))), 200)}"
            yield f"{_called(rule)} {what} fires no more" if "alert" in rule else f"{_called(rule)} {what}"
            continue
        for said in _changed(rule, other[key]):
            yield f"{_called(rule)}: {said}"


def _repeated(file: Mapping[str, Any]) -> set[str]:
    """Names that several rules of the file have."""
    names = Counter(_name(rule) for group in _list(file.get("groups")) for rule in _list(group.get("rules")))
    return {name for name, count in names.items() if count > 1}


def _rules(file: Mapping[str, Any], repeated: set[str]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """The rules by group and name; those of a repeated name also by their expression."""
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for group in _list(file.get("groups")):
        for rule in _list(group.get("rules")):
            more = (str(rule.get("expr")),) if _name(rule) in repeated else ()
            found[str(group.get("name")), _name(rule), *more] = rule
    return found


def _name(rule: Mapping[str, Any]) -> str:
    return str(rule.get("alert") or rule.get("record"))


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _called(rule: Mapping[str, Any]) -> str:
    return f"alert {code(rule['alert'])}" if "alert" in rule else f"recording rule {code(rule.get('record'))}"


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("expr") != new.get("expr"):
        yield from expression(str(old.get("expr")), str(new.get("expr")))
    if old.get("for") != new.get("for"):
        was, becomes = (code(rule.get("for") or "no time") for rule in (old, new))
        yield f"waits {was} → {becomes} before it fires"
    labels, others = _mapping(old, "labels"), _mapping(new, "labels")
    for name in sorted(labels.keys() | others.keys(), key=str):
        if labels.get(name) != others.get(name):
            what = _SEVERITY if name == _SEVERITY else f"label {code(name)}"
            yield f"{what} {code(brief(labels.get(name, 'none')))} → {code(brief(others.get(name, 'none')))}"
    texts, written = _mapping(old, "annotations"), _mapping(new, "annotations")
    changed = [
        str(name)
        for name in sorted(texts.keys() | written.keys(), key=str)
        if texts.get(name) != written.get(name)
    ]
    if changed:
        yield f"other words in {', '.join(code(name) for name in changed)}"


def _mapping(rule: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = rule.get(key)
    return value if isinstance(value, Mapping) else {}


def expression(old: str, new: str) -> Iterator[str]:
    """Thresholds that changed, where nothing else did; else both expressions."""
    before, after = _COMPARED.findall(old), _COMPARED.findall(new)
    if len(before) == len(after) and _COMPARED.sub(r"\1\2#", old) == _COMPARED.sub(r"\1\2#", new):
        for (sign, _, was), (_, _, becomes) in zip(before, after, strict=True):
            if was != becomes:
                yield f"threshold {code(f'{sign} {was}')} → {code(becomes)}{_unit(old)}"
        return
    yield f"expression {code(_flat(old), 300)} → {code(_flat(new), 300)}"


def _unit(expr: str) -> str:
    """The unit of what is compared, as the metrics' names say it; nothing where they say several."""
    units = {unit for unit in ("seconds", "bytes") if re.search(rf"_{unit}\b|_{unit}_(?!count|total)", expr)}
    return {"seconds": " s", "bytes": " bytes"}[units.pop()] if len(units) == 1 else ""


def _flat(text: str) -> str:
    return " ".join(text.split())
