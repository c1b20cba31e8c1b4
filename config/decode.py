"""From the text that `pulumi config` hands a program to plain values."""

import json
from collections.abc import Mapping
from typing import Any

from config.errors import Problem, SettingsError

_LISTS = ("logSinks",)


def decode(raw: Mapping[str, Any], *, stack: str) -> dict[str, Any]:
    """Values of configuration keys: sections and lists arrive as JSON text, the rest as it is.

    Values that a stack file's reader has parsed already pass through.

    Raises:
        SettingsError: a text begins like JSON and is none.
    """
    decoded: dict[str, Any] = {}
    problems = []
    for key, value in raw.items():
        try:
            decoded[key] = _value(key, value)
        except json.JSONDecodeError as error:
            problems.append(Problem(key, repr(value), f"no valid JSON: {error.msg}", None))
    if problems:
        raise SettingsError(problems, stack=stack)
    return decoded


def _value(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip()[:1] in ("{", "["):
        return json.loads(value)
    if key in _LISTS:
        # `pulumi config set logSinks loki,cloudwatch` reads as it is meant.
        return [item.strip() for item in value.split(",") if item.strip()]
    return {"true": True, "false": False}.get(value, value)
