"""Reads a stack file's settings, and puts one-off settings on top, without Pulumi."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from config.errors import Problem, SettingsError

PROJECT = "axiom-monitoring"
_PART = re.compile(r"[^.\[\]]+|\[\d+\]")


def read(path: Path, *, stack: str) -> dict[str, Any]:
    """The settings under `axiom-monitoring:`; secrets are left out.

    Raises:
        SettingsError: no such file, no valid YAML, or no mapping.
    """
    try:
        document = yaml.safe_load(path.read_text()) or {}
        config = document.get("config") or {}
        items = config.items()
    except FileNotFoundError:
        raise _refused(path, "nothing", "the file does not exist", stack) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise _refused(path, f"no valid YAML{line}", str(getattr(error, "problem", "")), stack) from None
    except AttributeError:
        raise _refused(path, "no mapping", "a mapping with `config:` is expected", stack) from None
    own = {key.removeprefix(f"{PROJECT}:"): value for key, value in items if key.startswith(f"{PROJECT}:")}
    return {key: value for key, value in own.items() if not _is_secret(value)}


def apply_overrides(raw: Mapping[str, Any], overrides: Sequence[str], *, stack: str) -> dict[str, Any]:
    """`raw` with settings such as `neo4j.acceptLicense=true` or `logSinks[0]=loki` on top.

    Raises:
        SettingsError: an override has no `=`.
    """
    merged: dict[str, Any] = json.loads(json.dumps(dict(raw)))
    for override in overrides:
        path, equals, text = override.partition("=")
        if not equals or not path:
            raise SettingsError([Problem(override, "no value", "may look like key=value", None)], stack=stack)
        _put(merged, _PART.findall(path), _parsed(text))
    return merged


def _put(target: Any, parts: list[str], value: Any) -> None:
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        key: Any = int(part[1:-1]) if part.startswith("[") else part
        fresh: Any = [] if following.startswith("[") else {}
        if isinstance(target, list):
            target += [None] * (key + 1 - len(target))
        if not following:
            target[key] = value
            return
        known = target[key] if isinstance(target, list) else target.get(key)
        target[key] = known if isinstance(known, dict | list) else fresh
        target = target[key]


def _parsed(text: str) -> Any:
    """Numbers and booleans as `pulumi config set --path` takes them."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"0|[1-9]\d*", text) else text


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _refused(path: Path, got: str, allowed: str, stack: str) -> SettingsError:
    return SettingsError([Problem(path.name, got, allowed, None, file=True)], stack=stack)
