"""Problems with settings, told so that they can be set right: key, value, choice, command."""

import difflib
import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from config.secrets import SecretKey

_LONGEST = 200


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the settings."""

    key: str
    got: str
    allowed: str
    example: str | Sequence[str] | None
    """What would be accepted, as it is typed: a value, the items of a list; None removes the key."""
    remedy: str = ""
    """What to do where no command helps."""
    sets: str = ""
    """The key that the command sets, where it is not `key`."""
    secret: bool = False
    """Whether the key is a secret's."""

    def command(self, stack: str) -> str:
        """The command that sets it right."""
        if self.remedy:
            return self.remedy
        target = self.sets or self.key
        nested = "." in target or "[" in target
        path, key, end = "--path " if nested else "", shlex.quote(target), f" --stack {shlex.quote(stack)}"
        if self.secret:
            return f"pulumi config set --secret {key}{end}"
        if self.example is None:
            return f"pulumi config rm {path}{key}{end}"
        if isinstance(self.example, str):
            return f"pulumi config set {path}{key} {shlex.quote(self.example)}{end}"
        if not nested:
            return f"pulumi config set {key} {shlex.quote(','.join(self.example))}{end}"
        items = (shlex.quote(f"{target}[{place}]={item}") for place, item in enumerate(self.example))
        return "pulumi config set-all --path " + " ".join(f"--plaintext {item}" for item in items) + end


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
        commands = [f"  pulumi config set --secret {key} --stack {shlex.quote(stack)}" for key in keys]
        count = "one secret is" if len(commands) == 1 else f"{len(commands)} secrets are"
        super().__init__("\n".join([f"{count} missing in stack {stack}; set with", *commands]))


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """The problems that pydantic found, in the words of the settings."""
    problems = [found for detail in error.errors(include_url=False) for found in _problems(detail, model)]
    keys = {problem.key for problem in problems}
    # A list with a refused item is also refused as a whole: the item says it better.
    return [problem for problem in problems if not any(key.startswith(f"{problem.key}[") for key in keys)]


def _problems(detail: Any, model: type[BaseModel]) -> list[Problem]:
    if detail["type"] == "broken_rules":
        return [
            Problem(key, _shown(_at(detail["input"], key)), reason, value)
            for key, reason, value in detail["ctx"]["broken"]
        ]
    key, got = joined(detail["loc"]), detail["input"]
    if detail["type"] == "extra_forbidden":
        return [_unknown(key, got, model)]
    shown = "nothing" if detail["type"] == "missing" else _shown(got)
    field = field_at(model, key)
    message = str(detail["msg"]).removeprefix("Value error, ")
    allowed = (field and allowed_values(field)) or message
    if detail["type"] == "value_error":
        allowed = f"{message}; {allowed}"
    example = _example(field, got) if field else None
    if key.endswith("]") and "." in key and example and not isinstance(example, str):
        example = example[0]
    elif key.endswith("]") and "." not in key:
        # The list may be stored as one text, which has no items to set: the whole of it is set.
        return [Problem(key, shown, allowed, example, sets=key.partition("[")[0])]
    elif field and get_origin(_bare(field.annotation)) in (tuple, dict):
        # A list or mapping cannot be set over another kind of value: that has to go first.
        example = None if key.endswith(f".{field.alias}") else example
    return [Problem(key, shown, allowed, example)]


def _unknown(key: str, got: Any, model: type[BaseModel]) -> Problem:
    """An unknown key; what may be a secret by its name is not repeated."""
    if key in list(SecretKey):
        reason = "a secret: it must be removed from the stack file and set again as one"
        return Problem(key, "a value in clear", reason, None, secret=True)
    near = difflib.get_close_matches(key, [*known_keys(model), *SecretKey], n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    shown = "a value" if near and near[0] in list(SecretKey) else _shown(got)
    return Problem(key, shown, f"there is no such key{meant}", None)


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
    section = section_of(field)
    if section:
        keys = (found.alias or name for name, found in section.model_fields.items())
        return f"a section (an object, in valid JSON or YAML) with the keys {', '.join(sorted(keys))}"
    example = _example(field, None)
    shown = example if isinstance(example, str) else ", ".join(example or ())
    return f"may look like {shown}" if shown else ""


def _example(field: FieldInfo, got: Any) -> str | Sequence[str] | None:
    choices = _choices(field.annotation)
    many = get_origin(_bare(field.annotation)) is tuple
    if choices:
        near = difflib.get_close_matches(got, choices, n=1) if isinstance(got, str) else []
        usual = [field.default] if field.default in choices else choices[:1]
        best = [str(choice) for choice in near or usual]
        return best if many else best[0]
    for item in [field, *_metadata(field)]:
        examples = getattr(item, "examples", None)
        if examples:
            return [_typed(example) for example in examples] if many else _typed(examples[0])
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


def _at(found: Any, key: str) -> Any:
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def joined(location: Sequence[str | int]) -> str:
    """The property path of a place, as `--path` takes it."""
    text = ""
    for part in location:
        if isinstance(part, str) and re.fullmatch(r"[\w-]+", part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part)}]"
    return text


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
