"""Reads a stack file's settings, and puts one-off settings on top, without Pulumi.

Both follow what Pulumi does with the same text, so that a check says what an `up` would.
"""

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from config.errors import Problem, SettingsError

PROJECT = "axiom-monitoring"
_STEP = re.compile(r'(?:^|\.)([^.\[\]"]+)|\[(\d{1,4})\]|\["([^"]+)"\]')


class _Loader(yaml.SafeLoader):
    """YAML as Pulumi reads it: `yes` and dates are text, a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen and isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key_node.value} stands twice", key_node.start_mark
                )
            if isinstance(key_node, yaml.ScalarNode):
                seen.add(key_node.value)
        return super().construct_mapping(node, deep)


# PyYAML follows YAML 1.1, where `yes` and `on` are booleans and `2026-01-01` is a date.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith((":bool", ":timestamp"))]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.I), list("tTfF"))


def read(path: Path, *, stack: str) -> dict[str, Any]:
    """The settings under `axiom-monitoring:`; secrets are left out.

    Raises:
        SettingsError: no such file, no valid YAML, or no mapping.
    """
    config = _document(path, stack).get("config") or {}
    if not isinstance(config, dict):
        raise _refused(path, "no mapping", "a mapping under `config:` is expected", stack)
    own: dict[str, Any] = {}
    for full, value in config.items():
        namespace, _, key = str(full).rpartition(":")
        # Pulumi puts a key without a namespace into the project's.
        if namespace in ("", PROJECT) and not _is_secret(value):
            own[key] = value
    try:
        return dict(json.loads(json.dumps(own)))
    except (TypeError, ValueError, RecursionError) as error:
        raise _refused(path, "a value that no setting can hold", str(error), stack) from None


def apply_overrides(raw: Mapping[str, Any], overrides: Sequence[str], *, stack: str) -> dict[str, Any]:
    """`raw` with settings such as `neo4j.acceptLicense=true` or `logSinks[0]=loki` on top.

    Raises:
        SettingsError: an override is no `path=value`, or leaves a gap in a list.
    """
    merged: Any = dict(raw)
    for override in overrides:
        path, equals, text = override.partition("=")
        steps = _steps(path.removeprefix(f"{PROJECT}:"))
        if not equals or not steps:
            raise _bad_override(override, "is no path=value, such as neo4j.acceptLicense=true", stack)
        try:
            # A key of its own is always text, as `pulumi config set --path` has it.
            merged = _with(merged, steps, _parsed(text) if len(steps) > 1 else text)
        except IndexError:
            raise _bad_override(override, "leaves a gap: a list grows by one at its end", stack) from None
    return dict(merged)


def _document(path: Path, stack: str) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        known = ", ".join(sorted(found.name.split(".")[1] for found in path.parent.glob("Pulumi.*.yaml")))
        raise _refused(
            path, "nothing", f"the file does not exist; stacks here: {known or 'none'}", stack
        ) from None
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, "a file that cannot be read", str(error), stack) from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise _refused(path, f"no valid YAML{line}", str(problem), stack) from None
    if not isinstance(document, dict | None):
        raise _refused(path, "no mapping", "a mapping with `config:` is expected", stack)
    return document or {}


def _steps(path: str) -> list[str | int]:
    """The steps of a property path; empty when it is none, or does not begin with a key."""
    matches = list(_STEP.finditer(path))
    if "".join(match.group(0) for match in matches) != path:
        return []
    steps = [int(match[2]) if match[2] else match[1] or match[3] for match in matches]
    return [] if steps and isinstance(steps[0], int) else steps


def _with(found: Any, steps: Sequence[str | int], value: Any) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(found) if isinstance(found, list) else []
        if step > len(items):
            raise IndexError(step)
        items[step : step + 1] = [_with(items[step] if step < len(items) else None, rest, value)]
        return items
    fields = dict(found) if isinstance(found, Mapping) else {}
    return {**fields, step: _with(fields.get(step), rest, value)}


def _parsed(text: str) -> Any:
    """Numbers and booleans as `pulumi config set --path` takes them."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"0|-?[1-9]\d{0,17}", text) else text


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _bad_override(override: str, reason: str, stack: str) -> SettingsError:
    return SettingsError([Problem(override, "it", reason, None, remedy="see SET or --set")], stack=stack)


def _refused(path: Path, got: str, allowed: str, stack: str) -> SettingsError:
    return SettingsError([Problem(path.name, got, allowed, None, remedy=f"see {path.name}")], stack=stack)
