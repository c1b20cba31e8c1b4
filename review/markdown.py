"""Markdown that stays what it is meant to be, whatever the values hold.

Everything that comes from outside stands in a code span or a fence: there GitHub makes neither HTML
nor links, mentions or references of it. What does not show, or turns the direction of text, is
written as an escape.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

_SHOWN = 120
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RUNS = re.compile("`+")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")
# Text of which GitHub makes mentions, references and links; broken by a joiner that is not seen.
_LINKED = re.compile(r"(@|#|:(?=//)|(?i:www)(?=\.))")
_JOINER = "\u2060"


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with every character shown; with `lines`, line ends stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character, lines=lines) for character in text)


def _shown(character: str, *, lines: bool) -> str:
    if character == "\n" and lines:
        return character
    if character == "\t":
        return "  "
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    number = ord(character)
    return {"\n": "\\n", "\r": "\\r"}.get(character) or (
        f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
    )


def cut(text: str, most: int) -> str:
    """The beginning of a text, and how much more there is."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def code(value: object, most: int = _SHOWN) -> str:
    """A value in a code span, on one line; cut where it is long."""
    text = visible(cut(str(value), most)).strip()
    if not text:
        return "(empty)"
    ticks = "`" * (1 + max((len(run) for run in _RUNS.findall(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def plain(value: object, most: int = 200) -> str:
    """A value as text without any meaning to Markdown, on one line: for cells of tables."""
    text = visible(cut(str(value), most)).strip()
    return _LINKED.sub(rf"\1{_JOINER}", _SPECIAL.sub(r"\\\1", text))


def fence(text: str, info: str = "", *, most_lines: int = 60, width: int = 300) -> str:
    """Lines in a fence that is longer than any in them; cut where there are many or they are long."""
    lines = text[: most_lines * width * 4].splitlines()
    shown = [visible(cut(line, width)) for line in lines[:most_lines]]
    if len(lines) > most_lines:
        shown.append(f"… {len(lines) - most_lines} more lines")
    longest = max((len(run) for line in shown for run in _RUNS.findall(line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return "\n".join([f"{ticks}{info}", *shown, ticks])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; all columns but the first to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def details(summary: str, body: str) -> str:
    """A part that opens on a click; `summary` is plain text."""
    return f"<details><summary>{html.escape(visible(summary))}</summary>\n\n{body}\n\n</details>"


def inset(text: str, by: str = "  ") -> str:
    """A block as part of a list item."""
    return "\n".join(f"{by}{line}" if line else "" for line in text.splitlines())


def size(text: str) -> int:
    """Length as the strictest reading of GitHub's limit counts it: code units of UTF-16."""
    return len(text) + sum(character > "\uffff" for character in text)
