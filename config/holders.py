"""What holds data, typed: the rows of `transitions.yaml`, and the changes a user may acknowledge."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter

from config.files import checked_file
from config.section import Section


class Effect(StrEnum):
    """What a change does to what holds data, the harmless ones first."""

    IN_PLACE = "in place"
    FAILOVER = "failover"
    RESTART = "restart"
    ONE_WAY = "one-way"
    DELETION = "deletion"
    REPLACEMENT = "replacement"
    IMPOSSIBLE = "impossible"
    JUDGED = "judged"
    """Only in the table: it depends on more than one property."""


class Property(Section):
    """A property whose change matters, and where that is written."""

    effect: Effect
    source: str
    grows: bool = False
    """Whether it can only become larger."""


class Holder(Section):
    """A type of resource that holds data."""

    holds: str
    names: tuple[str, ...]
    """Expressions for the logical names of such resources."""
    acknowledge: tuple[str, ...]
    properties: Mapping[str, Property]

    def is_called(self, name: str) -> bool:
        """Whether a resource of this logical name is such a holder."""
        return any(re.fullmatch(pattern, name) for pattern in self.names)


@cache
def holders() -> Mapping[str, Holder]:
    """What holds data, by type token."""
    return checked_file("transitions.yaml", TypeAdapter(dict[str, Holder]))


def holder(kind: str, name: str) -> Holder | None:
    """The row of a resource, or None: it holds nothing."""
    found = holders().get(kind)
    return found if found and found.is_called(name) else None


def unknown_acknowledgement(text: str) -> str | None:
    """Why `text` acknowledges nothing that can happen; None where it does."""
    name, _, change = text.partition("/")
    named = [row for row in holders().values() if row.is_called(name)]
    if not named:
        return f"no resource that holds data is called {name}: may be {', '.join(_names())}"
    known = [known for row in named for known in row.acknowledge]
    if change in known:
        return None
    return f"what can be acknowledged of {name} is {', '.join(f'{name}/{known}' for known in known)}"


def _names() -> Iterator[str]:
    """The names, an expression's alternatives written as they are."""
    return (pattern for row in holders().values() for pattern in row.names)
