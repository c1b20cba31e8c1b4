"""Pulumi property values on the wire, and as plain Python.

Secret envelopes are taken off on the way in, and the paths they stood at are remembered, so
that `to_struct` can put them back. Unknown values travel as a sentinel string.
"""

from collections.abc import Collection, Mapping
from typing import Any

from google.protobuf import struct_pb2

from local.plugins.backend import UNKNOWN, Unknown

Path = tuple[str | int, ...]

_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public protocol constant
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def from_struct(message: struct_pb2.Struct) -> tuple[dict[str, Any], set[Path]]:
    """Plain values of a property map, and the paths of its secrets."""
    secrets: set[Path] = set()
    plain = {key: _plain(value, (key,), secrets) for key, value in message.fields.items()}
    return plain, secrets


def to_struct(values: Mapping[str, Any], secrets: Collection[Path] = ()) -> struct_pb2.Struct:
    """A property map, with envelopes around the values at the paths in `secrets`."""
    message = struct_pb2.Struct()
    marked = set(secrets)
    for key, value in values.items():
        _fill(message.fields[key], value, (key,), marked)
    return message


def has_unknown(value: Any) -> bool:
    """Whether anything inside `value` is not known yet."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return False


def _plain(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN_TEXT else value.string_value
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "list_value":
            items = value.list_value.values
            return [_plain(item, (*path, index), secrets) for index, item in enumerate(items)]
        case "struct_value":
            return _plain_struct(value.struct_value, path, secrets)
        case _:
            return None


def _plain_struct(message: struct_pb2.Struct, path: Path, secrets: set[Path]) -> Any:
    fields = message.fields
    if _SIGNATURE_KEY in fields and fields[_SIGNATURE_KEY].string_value == _SECRET_SIGNATURE:
        secrets.add(path)
        return _plain(fields["value"], path, secrets)
    return {key: _plain(item, (*path, key), secrets) for key, item in fields.items()}


def _fill(target: struct_pb2.Value, value: Any, path: Path, secrets: set[Path]) -> None:
    if path in secrets:
        envelope = target.struct_value.fields
        envelope[_SIGNATURE_KEY].string_value = _SECRET_SIGNATURE
        _fill(envelope["value"], value, path, secrets - {path})
        return
    match value:
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case str():
            target.string_value = value
        case Unknown():
            target.string_value = _UNKNOWN_TEXT
        case Mapping():
            target.struct_value.SetInParent()
            for key, item in value.items():
                _fill(target.struct_value.fields[key], item, (*path, key), secrets)
        case list() | tuple():
            target.list_value.SetInParent()
            for index, item in enumerate(value):
                _fill(target.list_value.values.add(), item, (*path, index), secrets)
        case _:
            raise TypeError(f"no property value: {type(value).__name__} at {path}")
