"""Fluent Bit's filter: the contract of log records as a table of Lua, and the code that keeps it.

What an output changes for itself (`for_datadog.lua`) is in the same file.

Lua and not a chain of plugins: none of them looks for secrets in every value of a record. It is
LuaJIT there, so Lua 5.1.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.data import services
from config.logs import LogContract, LogField, Look, Redaction, Required, log_contract
from config.settings import Settings
from model.reach import Namespace
from model.tags import SERVICE_PREFIX

ENTRY = "shape"
# Where the fields of a line that is JSON lie before the filter lifts them.
LIFTED = "line"
_FILES = ("redaction.lua", "records.lua", "for_datadog.lua")


def script(settings: Settings) -> str:
    """The whole text of the filter."""
    code = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _FILES)
    return "\n".join((f"local CONTRACT = {_lua(_contract(log_contract(), settings))}\n", *code))


def _contract(contract: LogContract, settings: Settings) -> Mapping[str, Any]:
    return {
        "lifted": LIFTED,
        "clash": contract.clash_prefix,
        "longest": contract.longest_record_bytes,
        "deepest": contract.deepest_map,
        "namespace": str(Namespace.AXIOM),
        # Those that print what the contract is about: Canvas is Nginx.
        "services": {name: row.service for name, row in services().items() if row.own_metrics},
        "types": contract.types,
        "fields": [_field(name, field) for name, field in contract.fields_.items()],
        "aliases": contract.aliases,
        "text_levels": contract.text_levels,
        "redaction": _redaction(contract.redaction),
        "datadog": {
            "names": contract.renamed_for_datadog(),
            # As traces know them, by which DataDog joins the two.
            "services": SERVICE_PREFIX,
            "version": settings.images.app_version,
        },
    }


def _redaction(redaction: Redaction) -> Mapping[str, Any]:
    return {
        "mark": redaction.mark,
        "keys": redaction.keys,
        "whole": redaction.whole,
        "headers": redaction.headers,
        "parameters": redaction.parameters,
        "looks": [_look(look) for look in redaction.looks.values()],
    }


def _look(look: Look) -> Mapping[str, Any]:
    # What is not there is false in Lua; the hint is searched in a text of small letters.
    hint = look.hint.lower() if look.any_case else look.hint
    told = {**look.model_dump(exclude={"re2"}, exclude_defaults=True), "hint": hint}
    return {key: value for key, value in told.items() if value}


def _field(name: str, field: LogField) -> Mapping[str, Any]:
    found = {"name": name, "type": field.type, "required": _required(field.required)}
    # What is not there is false in Lua.
    told = {"made": field.made, "aside": field.loki is not None}
    return {key: value for key, value in {**found, **told}.items() if value is not False}


def _required(required: bool | Required) -> Any:
    if isinstance(required, bool):
        return required
    return {"beside": required.beside, "levels": required.levels}


def _lua(value: Any, indent: str = "") -> str:
    """`value` as a constructor of Lua; texts are ASCII, other bytes by their numbers."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    deeper = f"{indent}  "
    if isinstance(value, Mapping):
        items = [f"[{_text(key)}] = {_lua(item, deeper)}" for key, item in value.items()]
    else:
        items = [_lua(item, deeper) for item in value]
    flat = f"{{ {', '.join(items)} }}" if items else "{}"
    if len(indent) + len(flat) <= 90 and "\n" not in flat:
        return flat
    return "{\n" + "".join(f"{deeper}{item},\n" for item in items) + f"{indent}}}"


def _text(text: str) -> str:
    plain = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode()
    )
    return f'"{plain}"'
