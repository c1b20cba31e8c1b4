"""Reads files out of a preview, within bounds: whatever is too large, too deep or no YAML is text."""

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

_LONGEST = 200_000
_DEEPEST = 60
_MOST_NODES = 20_000
# Sequences and keys within each other on one line.
_COMPACT = re.compile(rf"(?:[-?]\s+){{{_DEEPEST}}}")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Reader:
    """Reads until `left` characters are used up: a comment is made in bounded time."""

    left: int = 500_000

    def read(self, text: str) -> Any:
        """The content of JSON or YAML as mappings and lists, or None."""
        if len(text) > min(_LONGEST, self.left) or _nests(text):
            return None
        self.left -= len(text)
        try:
            found = json.loads(text) if text.lstrip()[:1] == "{" else yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, in C where there is one
        except (ValueError, RecursionError, yaml.YAMLError):
            return None
        return found if isinstance(found, dict) and _bounded(found) else None

    def takes(self, text: str) -> bool:
        """Whether there is room to look at a text line by line."""
        if len(text) > min(_LONGEST, self.left):
            return False
        self.left -= len(text)
        return True


def _nests(text: str) -> bool:
    """Whether it may nest deeper than a parser should go; quick, and rather true than false."""
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest > _DEEPEST or _COMPACT.search(text) is not None


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
