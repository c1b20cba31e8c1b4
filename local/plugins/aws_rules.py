"""What AWS refuses among the inputs of one resource: the rules that the rows of the table state."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.plugins.aws_table import TypeRow, name_failures
from local.plugins.backend import UNKNOWN, Failure, Properties, Refused


def failures(row: TypeRow, inputs: Properties) -> list[Failure]:
    """Why AWS would not take the inputs; what is not known yet is never a reason."""
    found = [Failure(key, "is required") for key in row.required if key not in inputs]
    found += name_failures(row, inputs)
    for key, choices in (row.choices or {}).items():
        value = inputs.get(key)
        if value is not None and value is not UNKNOWN and value not in choices:
            found.append(Failure(key, f"{value} is none of {', '.join(map(str, choices))}"))
    for key, pattern in (row.formats or {}).items():
        value = inputs.get(key)
        # The value itself may be secret: only what it has to be is told.
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            found.append(Failure(key, f"does not match {pattern}"))
    return [*found, *_together(row, inputs), *_needs(row, inputs)]


def refuse_change(row: TypeRow, old: Properties, new: Properties) -> None:
    """Let a change in place pass that AWS makes.

    Raises:
        Refused: something would shrink, go back, or skip a step.
    """
    for key in row.grows:
        if key in old and key in new and new[key] < old[key]:
            raise Refused(f"{key} cannot shrink from {old[key]} to {new[key]}")
    for key, steps in (row.steps or {}).items():
        before, after = old.get(key, steps[0]), new.get(key)
        if after is None or after == before:
            continue
        if steps.index(after) != steps.index(before) + 1:
            order = " → ".join(steps)
            raise Refused(f"{key} cannot go from {before} to {after}: it goes {order}, a step at a time")


def _together(row: TypeRow, inputs: Properties) -> Iterator[Failure]:
    values = {path: _at(inputs, path) for path in row.together}
    if UNKNOWN in values.values():
        return
    on = [path for path, value in values.items() if value is True]
    off = [path for path in values if path not in on]
    if on and off:
        yield Failure(
            off[0], f"is not enabled, {' and '.join(on)} is: AWS wants all enabled or all disabled together"
        )


def _needs(row: TypeRow, inputs: Properties) -> Iterator[Failure]:
    for path, others in (row.needs or {}).items():
        if _at(inputs, path) in (None, False, UNKNOWN):
            continue
        if not any(_is(_at(inputs, other), wanted) for other, wanted in others.items()):
            ways = " or ".join(f"{other} {_said(wanted)}" for other, wanted in others.items())
            yield Failure(path, f"needs {ways}")


def _is(value: Any, wanted: Any) -> bool:
    if value is UNKNOWN:
        return True
    if isinstance(wanted, Mapping):
        number = len(value) if isinstance(value, Sequence) else value
        return number is not None and bool(number >= wanted["least"])
    return bool(value == wanted)


def _said(wanted: Any) -> str:
    return f"of at least {wanted['least']}" if isinstance(wanted, Mapping) else f"= {str(wanted).lower()}"


def _at(inputs: Properties, path: str) -> Any:
    found: Any = inputs
    for key in path.split("."):
        if found is UNKNOWN:
            return UNKNOWN
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
