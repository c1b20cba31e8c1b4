"""The corpus as files of containers, and the pods of the node that they lie on."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from fluent_bit.record import raw

TIME = "2026-08-01T09:00:00.000000000Z"
NODE = "node-1"
CASES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("corpus.yaml").read_text(encoding="utf-8")
)
_ID = "0123456789abcdef" * 4


def pods(apps: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the API says of a pod of each app."""
    return {f"{app}-0": {"labels": {"app": app}, "host": NODE} for app in apps}


def path_of(app: str, namespace: str = "axiom") -> str:
    """Where the runtime writes what a container of the app prints."""
    return f"/var/log/containers/{app}-0_{namespace}_{app}-{_ID}.log"


def written(lines: Sequence[Any], time: str = TIME) -> bytes:
    """The file of a container that printed these lines."""
    return b"".join(_written(lines, time))


def _written(lines: Sequence[Any], time: str) -> Iterator[bytes]:
    for line in lines:
        stream, parts = "stdout", [line]
        if isinstance(line, dict):
            stream = "stderr" if "stderr" in line else "stdout"
            parts = line.get("parts", [line.get("stderr")])
        for place, part in enumerate(parts):
            last = "F" if place == len(parts) - 1 else "P"
            yield raw(f"{time} {stream} {last} {part}\n")


def in_parts(line: str, size: int = 16384) -> dict[str, list[str]]:
    """A long line in the parts that the runtime makes of it."""
    return {"parts": [line[start : start + size] for start in range(0, len(line), size)]}
