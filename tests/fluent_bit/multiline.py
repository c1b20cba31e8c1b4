"""The filter `multiline` with a parser of the type `regex`: joins the lines that its states lead through."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fluent_bit.record import Event, NotModelledError, only

_QUIET = {"emitter_name", "emitter_storage.type", "emitter_mem_buf_limit"}


def joined(plugin: Mapping[str, Any], config: Mapping[str, Any], events: Iterable[Event]) -> Iterator[Event]:
    """The records, of which some are several lines now."""
    only(plugin, _QUIET | {"multiline.parser", "multiline.key_content"})
    parser = next(
        found for found in config["multiline_parsers"] if found["name"] == plugin["multiline.parser"]
    )
    if parser["type"] != "regex":
        raise NotModelledError(f"multiline parser of type {parser['type']}")
    rules = [
        (rule["state"], re.compile(rule["regex"].strip("/")), rule["next_state"]) for rule in parser["rules"]
    ]
    key, started, state = plugin["multiline.key_content"], None, None
    for event in events:
        line = event.record.get(key)
        after = _next(rules, state, line) if isinstance(line, str) else None
        if started is not None and after is not None:
            started.record[key] += f"\n{line}"
            state = after
            continue
        if started is not None:
            yield started
        started, state = None, _next(rules, "start_state", line) if isinstance(line, str) else None
        if state is None:
            yield event
        else:
            started = Event(event.tag, event.time, dict(event.record))
    if started is not None:
        yield started


def _next(rules: Iterable[tuple[str, re.Pattern[str], str]], state: str | None, line: str) -> str | None:
    return next((after for at, regex, after in rules if at == state and regex.search(line)), None)
