"""Lua text of values that a script is given."""

from collections.abc import Mapping
from typing import Any


def written(value: Any, indent: str = "") -> str:
    """`value` as a constructor of Lua; texts are ASCII, other bytes by their numbers."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    deeper = f"{indent}  "
    if isinstance(value, Mapping):
        items = [f"[{_text(key)}] = {written(item, deeper)}" for key, item in value.items()]
    else:
        items = [written(item, deeper) for item in value]
    flat = f"{{ {', '.join(items)} }}" if items else "{}"
    if len(indent) + len(flat) <= 90 and "\n" not in flat:
        return flat
    return "{\n" + "".join(f"{deeper}{item},\n" for item in items) + f"{indent}}}"


def _text(text: str) -> str:
    plain = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode()
    )
    return f'"{plain}"'
