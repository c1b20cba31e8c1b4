"""Fluent Bit's filter: the contract of log records as a table of Lua, and the code that keeps it.

What outputs change for themselves is in the same file.

Lua and not a chain of plugins: none of them looks for secrets in every value of a record. It is
LuaJIT there, so Lua 5.1.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from config.data import services
from config.logs import LogContract, LogField, Look, Redaction, Required, log_contract
from model.luatext import written
from model.reach import Namespace

ENTRY = "shape"
# Where the fields of a line that is JSON lie before the filter lifts them.
LIFTED = "line"
_FILES = ("redaction.lua", "records.lua")


def script(of_outputs: Iterable[str]) -> str:
    """The whole text of the filter, and of what outputs call."""
    code = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _FILES)
    return "\n".join((f"local CONTRACT = {written(_contract(log_contract()))}\n", *code, *of_outputs))


def _contract(contract: LogContract) -> Mapping[str, Any]:
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
