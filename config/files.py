"""Reads the data files of the checkout; one that breaks its type is told with file and place."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

Kind = TypeVar("Kind")
HERE = Path(__file__).parent
# Safe, and in C where there is one: ten times as fast, in every run of the program.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DataError(Exception):
    """A data file of the checkout is wrong."""


def checked_file(file: str, adapter: TypeAdapter[Kind]) -> Kind:
    """The content of a file below `config/`, typed.

    Raises:
        DataError: the file is no YAML, or not of that type.
    """
    return checked(file, adapter, read(file))


def read(file: str) -> Any:
    """The content of a file below `config/`.

    Raises:
        DataError: the file is no YAML.
    """
    return parsed(file, (HERE / file).read_text(encoding="utf-8"))


def parsed(file: str, text: str) -> Any:
    """What the text of `file` says.

    Raises:
        DataError: it is no YAML.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise DataError(f"config/{file}:{line} {getattr(error, 'problem', None) or error}") from None


def checked(file: str, adapter: TypeAdapter[Kind], found: Any) -> Kind:
    """`found` in `file`, typed.

    Raises:
        DataError: it is not of that type.
    """
    try:
        return adapter.validate_python(found, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        # A rule over the whole file names its place itself.
        place = "".join(f"{each}." for each in first["loc"])
        told = f"{place.removesuffix('.')}: " if place else ""
        said = first["msg"].removeprefix("Value error, ")
        raise DataError(f"config/{file}: {told}{said}") from None
