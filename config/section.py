"""What every section of the settings is: closed, frozen, with rules that name the key to change."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


def key_of(name: str) -> str:
    """The key of a field, in camelCase; a digit begins no word of its own (`neo4j`)."""
    return to_camel(name).replace("4J", "4j")


class Broken(NamedTuple):
    """A rule over several keys that does not hold: the key to change, why, and a value that mends it."""

    key: str
    reason: str
    value: str | Sequence[str] | None


class Section(BaseModel):
    """A closed, frozen group of settings; keys are written in camelCase."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=key_of,
        validate_by_name=False,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )

    def broken(self) -> Iterator[Broken]:
        """Every rule over several of its keys that does not hold."""
        yield from ()
