"""The filter `lua`, in LuaJIT as in Fluent Bit, with its conversions between records and tables."""

from collections.abc import Callable, Mapping
from typing import Any

from fluent_bit.record import Event, NotModelledError, only, raw, text
from lupa import luajit21

_LUA_51 = 2**53


class Script:
    """A script that is loaded once, of a filter or of a processor."""

    def __init__(self, plugin: Mapping[str, Any], files: Mapping[str, str]) -> None:
        only(plugin, {"script", "call"})
        self._runtime = luajit21.LuaRuntime(encoding=None, unpack_returned_tuples=True)
        self._runtime.execute(raw(files[plugin["script"]]))
        self._call: Callable[..., Any] = self._runtime.globals()[raw(plugin["call"])]

    def filtered(self, event: Event) -> Event | None:
        """The record afterwards; none where the script drops it."""
        code, _, table = self._call(raw(event.tag), 0, self._table(event.record))
        if code == -1:
            return None
        if code == 0:
            return event
        if code != 2:
            raise NotModelledError(f"lua: code {code}")
        return Event(event.tag, event.time, _value(table))

    def _table(self, value: Any) -> Any:
        if isinstance(value, dict):
            # A null is nil, and a key with nil is none.
            items = {raw(key): self._table(item) for key, item in value.items() if item is not None}
            return self._runtime.table_from(items)
        if isinstance(value, list):
            return self._runtime.table_from([self._table(item) for item in value])
        if isinstance(value, str):
            return raw(value)
        # Every number is a double there.
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _value(value: Any) -> Any:
    if luajit21.lua_type(value) == "table":
        items = dict(value.items())
        if items and set(items) == set(range(1, len(items) + 1)):
            return [_value(items[place]) for place in sorted(items)]
        return {
            text(key) if isinstance(key, bytes) else str(key): _value(item) for key, item in items.items()
        }
    if isinstance(value, bytes):
        return text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _LUA_51:
        return int(value)
    return value
