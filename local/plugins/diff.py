"""Which properties differ between two sets of inputs, by property path."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

Kind = Literal["add", "delete", "update"]

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$]*")


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Kind]:
    """Leaf paths (`spec.replicas`, `data["app.conf"]`, `ports[0].name`) and what became of each."""
    return dict(_mapping(old, new, ""))


def _mapping(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Kind]]:
    for key in sorted(old.keys() | new.keys()):
        path = _joined(prefix, key)
        if key not in old:
            yield path, "add"
        elif key not in new:
            yield path, "delete"
        else:
            yield from _value(old[key], new[key], path)


def _value(old: Any, new: Any, path: str) -> Iterator[tuple[str, Kind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mapping(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            place = f"{path}[{index}]"
            if index >= len(old):
                yield place, "add"
            elif index >= len(new):
                yield place, "delete"
            else:
                yield from _value(old[index], new[index], place)
    elif old is not new and old != new:
        yield path, "update"


def _joined(prefix: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        return f'{prefix}["{key}"]'
    return f"{prefix}.{key}" if prefix else key
