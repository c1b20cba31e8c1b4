"""What two stacks differ in, line by line: every field of every resource, files opened."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from render.recorder import Recording
from render.tree import opened

NOTHING = "nothing"
_LONGEST = 70
_DIGESTS = ("/config-digest", "/secret-digest")
# What tells an element of a list from its neighbours, so that one more moves no others.
_NAMES = ("name", "job_name", "type", "key", "targetUID", "topologyKey", "receiver")


def differences(one: Recording, other: Recording, names: tuple[str, str]) -> list[str]:
    """Lines such as `StatefulSet/prometheus-pods spec.replicas: 1 → 2`, sorted.

    `names` are the stacks' environments: where a text differs only by them, it is the same. What
    only one of the stacks has is one line, whatever it holds.
    """
    left, right = (_resources(stack, name) for stack, name in zip((one, other), names, strict=True))
    found = _compared(left, right, "")
    # A digest changes with the files that it is of, which have lines of their own.
    told = ((path, was, now) for path, was, now in found if not path.endswith(_DIGESTS))
    return sorted(f"{path}: {_short(was)} → {_short(now)}" for path, was, now in told)


def _resources(recording: Recording, environment: str) -> dict[str, Any]:
    found = {}
    for each in recording.resources:
        if each.custom and not each.type.startswith("pulumi:"):
            content = {**opened(each.inputs), "protect": each.protect}
            found[f"{each.type.rsplit(':', 1)[-1]}/{each.name}"] = _normal(content, environment)
    return found


def _normal(value: Any, environment: str) -> Any:
    """A value with files opened, lists by name, and the environment's name taken out of texts."""
    if isinstance(value, Mapping):
        return {key: _normal(_parsed(str(key), item), environment) for key, item in value.items()}
    if isinstance(value, list):
        items = [_normal(item, environment) for item in value]
        return {_named(item, index): item for index, item in enumerate(items)}
    # Not the folder /dev.
    return re.sub(rf"(?<![\w(|]){environment}\b", "ENV", value) if isinstance(value, str) else value


def _named(item: Any, index: int) -> str:
    if isinstance(item, Mapping) and isinstance(item.get("to") or item.get("from"), Mapping):
        # A rule of a policy, by whom it is about.
        peers = item.get("to") or item["from"]
        return f"[{_peer(next(iter(peers.values())))}]"
    if isinstance(item, Mapping) and "alert" in item:
        # The generated ones share a name and differ in what is missed.
        missed = f" {item['expr']}" if item["expr"].startswith("absent(") else ""
        return f"[{item['alert']}{missed}]"
    if isinstance(item, Mapping):
        named = (str(item[key]) for key in _NAMES if isinstance(item.get(key), str))
        return f"[{next(named, index)}]"
    return f"[{item}]" if isinstance(item, str) else f"[{index}]"


def _peer(peer: Mapping[str, Any]) -> str:
    if "ipBlock" in peer:
        return str(peer["ipBlock"]["cidr"])
    return str(peer.get("podSelector", {}).get("matchLabels", {}).get("app", "every pod"))


def _parsed(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if key.endswith((".yaml", ".yml", ".json")):
        return yaml.safe_load(value)
    return value.splitlines() if key.endswith((".ini", ".conf", ".sql")) else value


def _compared(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        if one != other:
            yield path, one, other
        return
    for key in sorted(one.keys() | other.keys()):
        inner = f"{path}{'' if key.startswith('[') else ' ' if path.count(' ') == 0 else '.'}{key}"
        yield from _compared(one.get(key, NOTHING), other.get(key, NOTHING), inner.strip())


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "there"
    text = " ".join(value.split()) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def unintended(lines: Sequence[str], intended: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Lines that no entry intends, and lines of entries that are no longer found; `*` is any text."""
    known = {line: _pattern(line) for entry in intended for line in entry["lines"]}
    return (
        [line for line in lines if not any(pattern.fullmatch(line) for pattern in known.values())],
        [line for line, pattern in known.items() if not any(map(pattern.fullmatch, lines))],
    )


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, line.split("*"))))
