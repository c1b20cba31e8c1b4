"""Numbers out of what a preview tells, where anything may stand: what is no number is None."""

from collections.abc import Callable, Mapping
from typing import Any

from model.sizes import cores, gibibytes

_MOST = 10**9


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
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # No comparison with what is no number is true, and an integer may be too large for a float.
    return int(value) if -_MOST < value < _MOST else None


def processors(quantity: Any) -> float | None:
    """Cores of a quantity of Kubernetes."""
    return _sized(quantity, cores)


def memory(quantity: Any) -> float | None:
    """GiB of a quantity of Kubernetes."""
    return _sized(quantity, gibibytes)


def _sized(quantity: Any, read: Callable[[str], float]) -> float | None:
    # A longer one is none that a machine has, and numbers of any length take any time.
    if not isinstance(quantity, str | int | float) or (isinstance(quantity, int) and abs(quantity) > _MOST):
        return None
    try:
        found = read(str(quantity)) if len(str(quantity)) < 20 else None
    except (ValueError, KeyError, IndexError):
        return None
    return found if found is not None and 0 <= found < _MOST else None
