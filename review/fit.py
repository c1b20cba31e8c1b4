"""Makes a comment fit: whole parts in their order, and a count of what is left out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from review.markdown import size

# GitHub's limit for the body of a comment, and what a post adds to it.
LIMIT = 65_536
POSTED = 64


@dataclass(frozen=True, kw_only=True)
class Part:
    """A heading with whole blocks below it; `blocks` are made as they are needed, `count` is how many."""

    heading: str
    blocks: Iterable[str]
    count: int
    noun: str = "resources"
    tail: str = ""
    """What closes the part, such as the end of a `<details>`."""


@dataclass
class _Room:
    left: int
    written: list[str] = field(default_factory=list)

    def takes(self, text: str, *, apart: str = "\n\n", reserve: int = 0) -> bool:
        """Write `text` if it fits beside a reserve."""
        needed = size(text) + len(apart)
        if needed + reserve > self.left:
            return False
        self.left -= needed
        self.written += [apart, text]
        return True


# For the line that counts what is left out.
_RESERVE = 200


def fitted(head: str, parts: Iterable[Part], foot: str, *, limit: int | None = LIMIT, where: str = "") -> str:
    """Head, parts and foot in at most `limit` code units; `where` says where the rest can be read.

    Head and foot must be short of the limit by themselves; without a limit everything is written.
    """
    room = _Room((limit or 10**9) - size(foot) - size(where) - _RESERVE)
    if not room.takes(head, apart=""):
        raise ValueError("the head of a comment is longer than a comment")
    left: Counter[str] = Counter()
    for part in parts:
        left[part.noun] += part.count - _written(part, room)
    told = [f"{count:,} more {noun}" for noun, count in left.items() if count]
    if told:
        room.written.append(f"\n\n*Left out here: {', '.join(told)}{where and f'. {where}'}*")
    return f"{''.join(room.written)}\n\n{foot}\n"


def _written(part: Part, room: _Room) -> int:
    """Write as many blocks of a part as fit; how many these are."""
    closing = size(part.tail) + 2
    if part.heading and not room.takes(part.heading, reserve=closing):
        return 0
    shown = 0
    for block in part.blocks:
        apart = "\n" if shown and block.startswith("- ") else "\n\n"
        if not room.takes(block, apart=apart, reserve=closing):
            break
        shown += 1
    if part.tail:
        room.takes(part.tail)
    return shown
