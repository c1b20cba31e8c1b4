"""The contract of log records, typed and frozen: fields, where they go, and what is made unreadable."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from config.files import checked_file
from config.section import Section

# Each combination of labels is a stream of Loki, in memory and in an index of its own.
MOST_VALUES = 100
# What each sink takes without quotes: accessors of Fluent Bit (`$name`, src/record_accessor/ra.l) and columns
# of CloudWatch end at a dash or a blank. A dot is a map to DataDog, and `_` to Loki's parser of JSON.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
# What DataDog reads by its name (docs.datadoghq.com, standard attributes); `source` is the output's.
Reserved = Literal["host", "message", "service", "span_id", "status", "timestamp", "trace_id"]
# It reads these as the status where there is none.
_AS_STATUS = ("level", "severity", "syslog.severity")
# As many of the last characters of a name as the filter looks at.
_MOST_NAME = 64


def _of_datadog(name: str) -> str:
    # Its other attributes are many and become more (`http.status_code`), and all have a dot: a reserved one
    # that is written wrong has none.
    if name not in (reserved := get_args(Reserved)) and not ("." in name and _NAME.fullmatch(name)):
        raise ValueError(
            f"{name!r} is no reserved attribute of DataDog: write one of {', '.join(reserved)}, or a name "
            "with a dot, such as http.status_code"
        )
    return name


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
    datadog: Annotated[str, AfterValidator(_of_datadog)] | None = None
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

    def blanks(self, name: str, *, figure: bool = False) -> bool:
        """Whether a field of this name has no value afterwards; a figure may be a count.

        As `is_secret` of `model/servers/redaction.lua`, for names of ASCII.
        """
        found = _bare(name)
        if found in map(_bare, self.whole):
            return not figure
        return found.endswith(tuple(map(_bare, self.keys)))


def _bare(name: str) -> str:
    """A name without what makes no difference."""
    return re.sub("[^a-z0-9]", "", name[-_MOST_NAME:].lower()).rstrip("0123456789")


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
    def _fields_are_sound(self) -> Self:
        for name, field in self.fields_.items():
            for fault in (*self._wrong_name(name, field), *self._leads_nowhere(field)):
                raise ValueError(f"fields.{name}: {fault}")
        for one, other in _alike(self.fields_):
            raise ValueError(
                f"fields.{other}: Loki's parser of JSON calls it what it calls {one}: rename one"
            )
        return self

    @model_validator(mode="after")
    def _datadog_tells_them_apart(self) -> Self:
        fields: dict[str, str] = {}
        for name, field in self.fields_.items():
            there = field.datadog or name
            other = "give it another name there (`datadog`)"
            if there in fields:
                raise ValueError(f"fields.{name}: DataDog has {fields[there]} as {there}: {other}")
            if there in _AS_STATUS:
                raise ValueError(f"fields.{name}: DataDog reads {there} as the status: {other}")
            fields[there] = name
        if missing := sorted({*get_args(Reserved)} - {*fields}):
            raise ValueError(f"fields: none is DataDog's {', '.join(missing)}: say which (`datadog`)")
        return self

    def _wrong_name(self, name: str, field: LogField) -> Iterator[str]:
        if not _NAME.fullmatch(name):
            yield (
                "a sink would need quotes for this name: words of letters, figures and `_` that begin with a "
                "letter, with dots between them"
            )
        if field.loki and "." in name:
            yield f"Loki has no dot in the name of a {field.loki}: write `_`, or leave it in the line"
        # The filter keeps the values of fields that it knows: nothing else would stop this one.
        if self.redaction.blanks(name, figure=field.type == "number"):
            yield (
                "this is the name of a secret (`redaction.keys`, `redaction.whole`), which no sink may have: "
                "rename it so that it does not end like one, or take it out"
            )

    def _leads_nowhere(self, field: LogField) -> Iterator[str]:
        if field.type not in (known := (*self.types, "number", "text", "any")):
            yield f"there is no type {field.type!r}: one of {', '.join(known)}"
        beside = field.required.beside if isinstance(field.required, Required) else ()
        if unknown := sorted({*beside} - {*self.fields_}):
            yield f"it goes with fields that there are not: {', '.join(unknown)}"

    def named(self, *, datadog: Reserved) -> str:
        """The field that becomes a reserved attribute of DataDog."""
        return next(name for name, field in self.fields_.items() if (field.datadog or name) == datadog)

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


def _alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names that are one where dots are `_`."""
    first: dict[str, str] = {}
    for name in names:
        earlier = first.setdefault(name.replace(".", "_"), name)
        if earlier != name:
            yield earlier, name


@cache
def log_contract() -> LogContract:
    """The content of the file."""
    return checked_file("log_fields.yaml", TypeAdapter(LogContract))
