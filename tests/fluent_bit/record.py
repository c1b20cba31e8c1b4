"""What flows through the pipeline: text with any bytes, records, and the tags they carry."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

Record = dict[str, Any]


class NotModelledError(Exception):
    """The file uses an option whose effect the interpreter does not know."""


@dataclass(frozen=True)
class Event:
    """A record with its tag and its time, as the line has it."""

    tag: str
    time: str
    record: Record


def text(raw: bytes) -> str:
    """Bytes as text: those that are no UTF-8 stay what they are."""
    return raw.decode("utf-8", "surrogateescape")


def raw(value: str) -> bytes:
    """The bytes of a text."""
    return value.encode("utf-8", "surrogateescape")


def matches(plugin: Mapping[str, Any], tag: str) -> bool:
    """Whether a filter or an output takes records of a tag."""
    return fnmatchcase(tag, str(plugin["match"]))


def switched(plugin: Mapping[str, Any], option: str, *, default: bool) -> bool:
    """A switch of a plugin."""
    return str(plugin.get(option, default)).lower() in ("on", "true", "yes")


def size(value: Any) -> int:
    """Bytes of a size such as `2M`."""
    written = str(value).upper().removesuffix("B")
    factor = {"K": 1000, "M": 1000**2, "G": 1000**3}.get(written[-1:], 1)
    return int(float(written.rstrip("KMG")) * factor)


def only(plugin: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse options that are not `known`.

    Raises:
        NotModelledError: there are others.
    """
    if others := sorted({*plugin} - {"name", "alias", "match", *known}):
        raise NotModelledError(f"{plugin['name']}: {', '.join(others)}")
