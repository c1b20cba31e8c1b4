"""Problems with settings, told so that they can be set right: key, value, choice, command."""

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_LED_BY_KEY = re.compile(r"^([a-z][A-Za-z0-9]*(?:\.[A-Za-z]+)+): (.*)$", re.DOTALL)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the settings."""

    key: str
    got: str
    allowed: str
    example: str | None
    """A value that would be accepted, as it is typed on the command line; None removes the key."""
    file: bool = False
    """Whether the key is the name of a file that has to be mended by hand."""

    def command(self, stack: str) -> str:
        """The command that sets it right."""
        path = "--path " if "." in self.key or "[" in self.key else ""
        if self.file:
            return f"see {self.key}"
        if self.example is None:
            return f"pulumi config rm {path}{_quoted(self.key)} --stack {stack}"
        return f"pulumi config set {path}{_quoted(self.key)} {_quoted(self.example)} --stack {stack}"


class SettingsError(Exception):
    """Every problem with the settings of a stack, in one go."""

    def __init__(self, problems: Sequence[Problem], *, stack: str) -> None:
        self.problems = tuple(problems)
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = [f"{count} in the settings of stack {stack}:"]
        for problem in problems:
            lines += [
                f"  {problem.key}: got {problem.got}; {problem.allowed}",
                f"    {problem.command(stack)}",
            ]
        super().__init__("\n".join(lines))


class MissingSecretsError(Exception):
    """The secrets that a stack lacks, each with the command that sets it."""

    def __init__(self, keys: Iterable[str], *, stack: str) -> None:
        commands = [f"  pulumi config set --secret {key} --stack {stack}" for key in keys]
        count = "one secret is" if len(commands) == 1 else f"{len(commands)} secrets are"
        super().__init__("\n".join([f"{count} missing in stack {stack}; set with", *commands]))


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """The problems that pydantic found, in the words of the settings."""
    problems = [_problem(detail, model) for detail in error.errors(include_url=False)]
    keys = {problem.key for problem in problems}
    # A list with a refused item is also refused as a whole: the item says it better.
    return [problem for problem in problems if not any(key.startswith(f"{problem.key}[") for key in keys)]


def _problem(detail: Any, model: type[BaseModel]) -> Problem:
    location: tuple[str | int, ...] = detail["loc"]
    message = str(detail["msg"]).removeprefix("Value error, ")
    led = _LED_BY_KEY.match(message)
    if led:
        # A rule over several keys names the one to change.
        key = led.group(1)
        return Problem(key, _shown(_at(detail["input"], location, key)), led.group(2), example_at(model, key))
    key = _joined(location)
    in_list = key.endswith("]")
    got = "nothing" if detail["type"] == "missing" else _shown(detail["input"])
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, known_keys(model), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        return Problem(key, got, f"there is no such key{meant}", None)
    field = field_at(model, key)
    allowed = allowed_values(field) if field else message
    example = example_at(model, key)
    if in_list and example:
        example = str(json.loads(example)[0]) if example.startswith("[") else example
    return Problem(key, got, allowed or message, example)


def known_keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Every key of the settings, sections included, as it is typed."""
    keys = []
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        keys.append(key)
        section = section_of(field)
        if section:
            keys += known_keys(section, f"{key}.")
    return keys


def field_at(model: type[BaseModel], key: str) -> FieldInfo | None:
    """The field that `key` names, an index left out."""
    here: type[BaseModel] | None = model
    field = None
    for part in re.sub(r"\[.*?\]", "", key).split("."):
        if here is None:
            return field
        fields = {found.alias or name: found for name, found in here.model_fields.items()}
        field = fields.get(part)
        if field is None:
            return None
        here = section_of(field)
    return field


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field holds, if it holds one."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def allowed_values(field: FieldInfo) -> str:
    """What a field may be, in words."""
    choices = _choices(field.annotation)
    bounds = {type(item).__name__: item for item in _metadata(field)}
    if choices:
        listed = ", ".join(choices)
        many = get_origin(_bare(field.annotation)) is tuple
        return f"a non-empty list of {listed}" if many else f"may be {listed}"
    if "Ge" in bounds:
        upper = f" to {bounds['Le'].le}" if "Le" in bounds else " or more"
        return f"may be a whole number from {bounds['Ge'].ge}{upper}"
    if _bare(field.annotation) is bool:
        return "may be true, false"
    example = _example(field)
    return f"may look like {example}" if example else ""


def example_at(model: type[BaseModel], key: str) -> str | None:
    """A value for `key`, as it is typed."""
    field = field_at(model, key)
    return _example(field) if field else None


def _example(field: FieldInfo) -> str | None:
    for item in [field, *_metadata(field)]:
        examples = getattr(item, "examples", None)
        if examples:
            return _typed(examples[0])
    choices = _choices(field.annotation)
    if choices:
        return choices[0]
    return "true" if _bare(field.annotation) is bool else None


def _metadata(field: FieldInfo) -> list[Any]:
    """Constraints of a field, those inside `X | None` and `tuple[X, ...]` included."""
    found: list[Any] = list(field.metadata)
    pending = [field.annotation]
    while pending:
        kind = pending.pop()
        found += [inner for item in getattr(kind, "__metadata__", ()) for inner in _flat(item)]
        pending += (
            [getattr(kind, "__origin__", None)] if hasattr(kind, "__metadata__") else list(get_args(kind))
        )
    return found


def _flat(item: Any) -> list[Any]:
    return [item, *item.metadata] if isinstance(item, FieldInfo) else [item]


def _bare(kind: Any) -> Any:
    """The type without `| None`."""
    if get_origin(kind) in (Union, UnionType):
        return next(item for item in get_args(kind) if item is not type(None))
    return kind


def _choices(kind: Any) -> list[str]:
    bare = _bare(kind)
    if get_origin(bare) is tuple:
        return _choices(get_args(bare)[0])
    return [str(member) for member in bare] if isinstance(bare, type) and issubclass(bare, StrEnum) else []


def _at(found: Any, location: tuple[str | int, ...], key: str) -> Any:
    """The value of `key` in the input of the model at `location`."""
    for part in key.split(".")[len(location) :]:
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _joined(location: tuple[str | int, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w./:=@%+-]+", text) else f"'{text}'"
