"""Which properties differ between two sets of inputs, by path."""

from collections.abc import Iterator, Mapping
from typing import Any

from model.transitions.finding import HIDDEN


def changed(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Paths through mappings (`spec.replicas`); a list is one value.

    A value that is hidden is taken for the same: what is not known yet is judged once it is.
    """
    for key in sorted(old.keys() | new.keys()):
        before, after, path = old.get(key), new.get(key), f"{prefix}{key}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from changed(before, after, f"{path}.")
        elif before != after and HIDDEN not in (before, after):
            yield path
