"""Reads what is given: whatever bytes it holds, it is text."""

import io
import sys
from pathlib import Path


def given(file: str) -> str:
    """The text of a file; `-` is standard input. What is no UTF-8 stands as a mark in it.

    Raises:
        OSError: there is no such file.
    """
    if file != "-":
        return Path(file).read_text(encoding="utf-8", errors="replace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdin.read()
