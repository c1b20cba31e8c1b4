"""The file of Fluent Bit: where logs come from, what is done to them, where they go."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import differences, line, remaining

_PARTS = {"inputs": "input", "filters": "filter", "outputs": "output"}
_ENDS = {"outputs": ": logs go there no more", "inputs": ": its logs are read no more", "filters": ""}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of inputs, filters, outputs and the rest."""
    for part, word in _PARTS.items():
        one, other = (_plugins(file, part) for file in (old, new))
        for key in other:
            if key not in one:
                yield f"{word} {code(key)} added"
        for key, plugin in one.items():
            if key not in other:
                yield f"{word} {code(key)} dropped{_ENDS[part]}"
                continue
            for found in differences(plugin, other[key]):
                yield f"{word} {code(key)}: {line(found)}"
    one, other = _rest(old), _rest(new)
    yield from remaining(one, other)


def _plugins(file: Mapping[str, Any], part: str) -> dict[str, Mapping[str, Any]]:
    """Plugins by name, what they match, and their order where two are alike."""
    pipeline = file.get("pipeline")
    listed = pipeline.get(part) if isinstance(pipeline, Mapping) else None
    found: dict[str, Mapping[str, Any]] = {}
    for plugin in listed if isinstance(listed, list) else []:
        if not isinstance(plugin, Mapping):
            continue
        matched = plugin.get("match") or plugin.get("tag") or ""
        key = name = f"{plugin.get('name')} {matched}".strip()
        place = 1
        while key in found:
            place += 1
            key = f"{name} ({place})"
        found[key] = plugin
    return found


def _rest(file: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = file.get("pipeline")
    other = (
        {key: value for key, value in pipeline.items() if key not in _PARTS}
        if isinstance(pipeline, Mapping)
        else {}
    )
    return {
        **{key: value for key, value in file.items() if key != "pipeline"},
        **({"pipeline": other} if other else {}),
    }
