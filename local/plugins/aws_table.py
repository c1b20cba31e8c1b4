"""What is known of each AWS type: the rows of `aws_types.yaml`, and what follows from a row."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local.plugins.backend import Failure, Properties, Refused

# The account of AWS's own documentation.
ACCOUNT = "123456789012"
_FIELD = re.compile(r"\{(\w+)\}")
_TABLE = Path(__file__).with_name("aws_types.yaml")


@dataclass(frozen=True)
class TypeRow:
    """A row of the table, which describes the fields."""

    id: str
    arn: str | None = None
    name: str | None = None
    longest: int | None = None
    lower: bool = False
    start: str = ""
    unique: str = ""
    tagged: bool = True
    replaces: tuple[str, ...] = ()
    outputs: Mapping[str, Any] | None = None
    sensitive: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    grows: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    choices: Mapping[str, tuple[Any, ...]] | None = None
    formats: Mapping[str, str] | None = None
    together: tuple[str, ...] = ()
    needs: Mapping[str, Properties] | None = None
    steps: Mapping[str, Sequence[Any]] | None = None
    variants: Mapping[str, Mapping[str, Properties]] | None = None

    @property
    def generated(self) -> bool:
        """Whether AWS makes up the id, so that two of a kind may live side by side."""
        return "{hex}" in self.id


@cache
def types() -> Mapping[str, TypeRow]:
    """The rows, by type token."""
    return {kind: TypeRow(**row) for kind, row in yaml.safe_load(_TABLE.read_text()).items()}


def type_row(kind: str) -> TypeRow:
    """What is known of a type.

    Raises:
        Refused: nothing is.
    """
    row = types().get(kind)
    if row is None:
        raise Refused(f"the embedded target does not know {kind}: add a row to {_TABLE.name}")
    return row


def made_id(row: TypeRow, seed: str, inputs: Properties, region: str) -> str:
    """The id that AWS gives; its generated part is made of `seed`."""
    values = {**inputs, "hex": hexadecimal(seed), "region": region, "account": ACCOUNT}
    return str(templated(row.id, values))


def unique_key(row: TypeRow, inputs: Properties, region: str) -> str:
    """What no other living resource of the type may have, or nothing."""
    return str(templated(row.unique, {**inputs, "region": region}))


def variant(row: TypeRow, inputs: Properties) -> Properties:
    """Outputs that only one mode of the type has; the first mode is AWS's default."""
    chosen: Properties = {}
    for key, modes in (row.variants or {}).items():
        chosen = {**chosen, **modes.get(str(inputs.get(key)), next(iter(modes.values())))}
    return chosen


def templated(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its fields filled in, at every depth; an input that is not set is empty."""
    match template:
        case str():
            return _FIELD.sub(lambda match: str(values.get(match.group(1), "")), template)
        case Mapping():
            return {key: templated(value, values) for key, value in template.items()}
        case list():
            return [templated(value, values) for value in template]
        case _:
            return template


def autoname(row: TypeRow, urn: str) -> str:
    """The name of a resource whose program gives none: the same for the same URN."""
    name = f"{row.start}{urn.rsplit('::', 1)[-1]}-{hexadecimal(urn)[:7]}"
    return name.lower() if row.lower else name


def name_failures(row: TypeRow, inputs: Properties) -> list[Failure]:
    """What AWS would not take in the physical name."""
    name = inputs.get(row.name or "")
    if not isinstance(name, str) or not row.name:
        return []
    longest = row.longest or len(name)
    problems = {
        f"{name} has {len(name)} characters; AWS allows {longest}": len(name) > longest,
        f"{name} has to be in lower case": row.lower and name != name.lower(),
        f"{name} does not start with {row.start}": not name.startswith(row.start),
    }
    return [Failure(row.name, problem) for problem, found in problems.items() if found]


def hexadecimal(text: str) -> str:
    """Seventeen digits, as AWS's generated ids have them."""
    return hashlib.sha256(text.encode()).hexdigest()[:17]
