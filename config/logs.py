"""The contract of log records, typed and frozen: fields, where they go, and what is made unreadable."""

from collections.abc import Mapping
from functools import cache
from typing import Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from config.files import checked_file
from config.section import Section

# Each combination of labels is a stream of Loki, in memory and in an index of its own.
MOST_VALUES = 100


class Required(Section):
    """When a field must be there: beside all of some others, and at some levels."""

    beside: tuple[str, ...] = Field(default=(), alias="with")
    levels: tuple[str, ...] = ()


class LogField(Section):
    """One field."""

    type: str
    required: bool | Required = False
    made: bool = False
    loki: Literal["label", "metadata"] | None = None
    values: int | None = None
    """Of a label: how many different ones there may be."""
    datadog: str | None = None
    """Its name there, where that is another."""
    cloudwatch: Literal["shown"] | None = None

    @model_validator(mode="after")
    def _labels_are_few(self) -> Self:
        if self.loki != "label":
            return self
        if not self.made:
            raise ValueError("a label of Loki is made by the pipeline: a line could hold any value")
        if self.values is None or self.values > MOST_VALUES:
            raise ValueError(
                f"a label of Loki states how many values it has (`values`, at most {MOST_VALUES})"
            )
        return self


class Look(Section):
    """A secret that is known by its look; what each of these says stands at the head of `looks`."""

    hint: str
    any_case: bool = False
    lua: str
    before: str | None = None
    edge: bool = False
    run: bool = False
    """Where the pattern does not match, what is left of the word has no match either."""
    through: str | None = None
    until: str | None = None
    re2: str


class Redaction(Section):
    """What no sink may see."""

    mark: str
    keys: tuple[str, ...]
    whole: tuple[str, ...]
    headers: tuple[str, ...]
    parameters: tuple[str, ...]
    looks: Mapping[str, Look]


class LogContract(Section):
    """All of it."""

    types: Mapping[str, str | tuple[str, ...]]
    fields_: Mapping[str, LogField] = Field(alias="fields")
    clash_prefix: str
    aliases: Mapping[str, tuple[str, ...]]
    text_levels: Mapping[str, tuple[str, ...]]
    longest_record_bytes: int
    deepest_map: int
    redaction: Redaction

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        known = {*self.types, "number", "text", "any"}
        for name, field in self.fields_.items():
            if field.type not in known:
                raise ValueError(f"{name} is of no type that there is: {field.type!r}")
            beside = field.required.beside if isinstance(field.required, Required) else ()
            if unknown := sorted({*beside} - {*self.fields_}):
                raise ValueError(f"{name} goes with fields that there are not: {', '.join(unknown)}")
        return self

    def named(self, *, datadog: str) -> str:
        """The field that becomes a reserved attribute of DataDog."""
        return next(name for name, field in self.fields_.items() if field.datadog == datadog)

    def renamed_for_datadog(self) -> Mapping[str, str]:
        """What fields are called there, where that is another name; the message has an option of its own."""
        names = {name: field.datadog for name, field in self.fields_.items() if field.datadog}
        return {name: known for name, known in names.items() if known not in (name, "message")}

    def in_loki(self, place: str) -> tuple[str, ...]:
        """The fields that are labels, or metadata."""
        return tuple(name for name, field in self.fields_.items() if field.loki == place)

    def shown_by_cloudwatch(self) -> tuple[str, ...]:
        """The columns of a query."""
        return tuple(name for name, field in self.fields_.items() if field.cloudwatch)


@cache
def log_contract() -> LogContract:
    """The content of the file."""
    return checked_file("log_fields.yaml", TypeAdapter(LogContract))
