"""Reads files out of a preview, within bounds: whatever is too large, too deep or no YAML is text."""

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

_LONGEST = 200_000
_DEEPEST = 60
_MOST_NODES = 20_000
# libyaml's composer recurses without a guard: some thousands of levels end the process.
_MOST_OPENED = 1_500
_MOST_ENTRIES = 60
# Dashboards are long, and would leave no room for the rules behind them.
_JSON_IS_FASTER = 5
_ENTRY = re.compile(r"[-?]\s")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Reader:
    """Reads until `left` characters of YAML are used up: a comment is made in bounded time."""

    left: int = 500_000

    def read(self, text: str) -> Any:
        """The content of JSON or YAML as mappings and lists, or None."""
        is_json = text.lstrip()[:1] == "{"
        cost = len(text) // (_JSON_IS_FASTER if is_json else 1)
        if len(text) > _LONGEST or cost > self.left:
            return None
        self.left -= cost
        try:
            found = json.loads(text) if is_json else _yaml(text)
        except (ValueError, RecursionError, yaml.YAMLError):
            return None
        return found if isinstance(found, dict) and _bounded(found) else None

    def takes(self, text: str) -> bool:
        """Whether there is room to look at a text line by line."""
        if len(text) > min(_LONGEST, self.left):
            return False
        self.left -= len(text)
        return True


def _yaml(text: str) -> Any:
    # The loader is a safe one, in C where there is one.
    return None if _nests(text) else yaml.load(text, Loader=_Loader)  # noqa: S506


def _nests(text: str) -> bool:
    """Whether YAML may nest deeper than its reader can go.

    It nests by brackets, of which comments and texts may hold others, so all that open count; and by entries
    within entries on one line. By indentation alone a text of this length cannot.
    """
    opened = text.count("[") + text.count("{")
    return opened > _MOST_OPENED or any(
        len(_ENTRY.findall(line)) > _MOST_ENTRIES for line in text.splitlines()
    )


def _bounded(found: Any) -> bool:
    """Whether it is small as a tree: aliases may make much of little."""
    pending, seen = [(found, 0)], 0
    while pending:
        value, depth = pending.pop()
        seen += 1
        if seen > _MOST_NODES or depth > _DEEPEST:
            return False
        if isinstance(value, dict):
            pending += ((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            pending += ((item, depth + 1) for item in value)
    return True
