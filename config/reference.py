"""The reference page of the settings, made from the models."""

from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.environments import environment_defaults
from config.errors import allowed_values, field_at, known_keys, section_of
from config.scalars import Environment
from config.secrets import SecretKey
from config.settings import Settings

_HEAD = """# Settings

Made by `make docs` from the models in `config/`; a test holds it current.

Every key lives under `axiom-monitoring:` in `Pulumi.<stack>.yaml`. Set one with
`pulumi config set tier 1year --stack dev`, a key of a section with
`pulumi config set --path neo4j.acceptLicense true --stack prod`. Only differences from the
defaults need to be set; where environments differ, the default is given for each.

| key | default | may be | meaning |
| --- | --- | --- | --- |
"""
_SECRETS = """
## Secrets

Set with `pulumi config set --secret KEY --stack STACK`; never in a file in clear. A missing one is an
error that lists every missing key. Which a stack needs follows from its settings.

"""


def page() -> str:
    """The whole page, in Markdown."""
    rows = [_row(key, field) for key, field in _fields()]
    secrets = "".join(f"- `{key}`\n" for key in SecretKey)
    return _HEAD + "".join(rows) + _SECRETS + secrets


def _fields() -> list[tuple[str, FieldInfo]]:
    found = [(key, field_at(Settings, key)) for key in known_keys(Settings)]
    return [(key, field) for key, field in found if field and not section_of(field)]


def _row(key: str, field: FieldInfo) -> str:
    cells = (f"`{key}`", _default(key, field), allowed_values(field), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(key: str, field: FieldInfo) -> str:
    by_environment = {name: _at(environment_defaults()[name], key) for name in Environment}
    if key == "environment":
        return "the stack's name"
    if any(value is not None for value in by_environment.values()):
        stated = _text(field.default)
        shown = (
            f"{name}: {stated if value is None else _text(value)}" for name, value in by_environment.items()
        )
        return "<br>".join(shown)
    return _text(field.default)


def _at(values: Any, key: str) -> Any:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


def _text(value: Any) -> str:
    if value is None or value is PydanticUndefined or value in ((), {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
