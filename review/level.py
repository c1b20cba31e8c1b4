"""How bad a change is, and one thing to know about it."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How bad it is, the harmless first."""

    SAFE = 0
    RESTARTS = 1
    REPLACES = 2
    WEAKENS = 3
    """It opens, or no longer protects, what it did."""
    DESTROYS = 4

    @property
    def word(self) -> str:
        """As the headline says it."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One thing to know before the update is made."""

    level: Level
    name: str
    what: str
    why: str
    refused: bool = False
    """Whether the update would not be made as it is."""
    one_way: bool = False
    """Whether there is no way back."""
    judged: bool = True
    """Whether anybody wrote down what is lost; else it is taken for the worst."""
    todo: tuple[str, ...] = ()
    """What to do, in order; a line that begins with `pulumi ` is a command."""
