"""`python -m review drift`: tells a stack that drifted from a look that failed."""

import re
from collections.abc import Sequence

from review.preview import InputError, Preview, ended, previews
from review.reading import given

NONE, DRIFT, FAILED = "none", "drift", "failed"
_USAGE = """usage: python -m review drift FILE [STATUS]

Read what `pulumi refresh --preview-only --json` printed, and print one word: `none`, `drift` (something is
not as it was declared) or `failed` (nobody knows: it could not look). STATUS is how
the engine ended: whatever it printed, one that did not end with 0 could not look.

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
    file, status = arguments[0] if arguments else "", arguments[1] if len(arguments) == 2 else "0"
    if len(arguments) not in (1, 2) or not re.fullmatch("[0-9]{1,3}", status):
        raise InputError("drift takes one file and a status: python -m review drift FILE [STATUS]")
    print(verdict(ended(previews(given(file))[0], int(status))))
    return 0
