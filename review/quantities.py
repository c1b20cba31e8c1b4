"""Numbers out of what a preview tells, where anything may stand: what is no number is None."""

import math
from collections.abc import Mapping
from typing import Any

from model.sizes import cores, gibibytes


def at(value: Any, *path: str) -> Any:
    """The value at a path through mappings, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def items(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list; nothing where it is none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def whole(value: Any) -> int | None:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return int(value) if abs(value) < 10**9 else None


def processors(quantity: Any) -> float | None:
    """Cores of a quantity of Kubernetes."""
    try:
        return cores(str(quantity)) if len(str(quantity)) < 20 else None
    except (ValueError, KeyError, IndexError):
        return None


def memory(quantity: Any) -> float | None:
    """GiB of a quantity of Kubernetes."""
    try:
        return gibibytes(str(quantity)) if len(str(quantity)) < 20 else None
    except (ValueError, KeyError):
        return None
