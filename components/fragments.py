"""Pieces of a resource's inputs without the parts that are not there.

The SDK leaves out a top-level input that is None and sends a nested one as null; an API server
takes null for a value that somebody set.
"""

from typing import TypeVar

Fragment = TypeVar("Fragment")


def present(fragment: Fragment) -> Fragment:
    """`fragment` without members that are None, at every depth of mappings and lists."""
    return _pruned(fragment)  # type: ignore[return-value]


def _pruned(value: object) -> object:
    if isinstance(value, dict):
        return {key: _pruned(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value
