"""`python -m review drift`: tells a stack that drifted from a look that failed."""

import sys
from collections.abc import Sequence
from pathlib import Path

from review.preview import InputError, Preview, previews

NONE, DRIFT, FAILED = "none", "drift", "failed"
_USAGE = """usage: python -m review drift FILE

Read what `pulumi refresh --preview-only --json` printed, and print one word: `none`, `drift` (something is
not as it was declared) or `failed` (nobody knows: it could not look).

exit codes: 0 a word was printed; 2 wrong usage or input
"""


def verdict(preview: Preview) -> str:
    """One of the three words. What failed says nothing about drift, whatever it came to before."""
    if preview.failed:
        return FAILED
    return DRIFT if preview.changes else NONE


def main(arguments: Sequence[str]) -> int:
    """Print the word; the result is the exit code.

    Raises:
        InputError: the file is no such digest.
    """
    if list(arguments) in (["-h"], ["--help"]):
        print(_USAGE, end="")
        return 0
    if len(arguments) != 1:
        raise InputError("drift takes one file: python -m review drift FILE")
    file = arguments[0]
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8", errors="replace")
    print(verdict(previews(text)[0]))
    return 0
