"""The input `tail` on files of containers: lines, and the parts of which the runtime makes long ones.

Source of the parser: fluent-bit, src/multiline/flb_ml_parser_cri.c.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fluent_bit.record import Event, NotModelledError, Record, only, size, switched, text

_PARTS = re.compile(r"^(?P<time>.+?) (?P<stream>stdout|stderr) (?P<_p>F|P) (?P<log>.*)$", re.DOTALL)
# How files are found, and what is kept of them: nothing of it changes a record.
_QUIET = {"path", "exclude_path", "db", "db.locking", "read_from_head", "refresh_interval", "rotate_wait"}
_KNOWN = {
    "tag",
    "multiline.parser",
    "truncate_long_lines",
    "skip_long_lines",
    "buffer_max_size",
    "storage.type",
}


def read(plugin: Mapping[str, Any], service: Mapping[str, Any], path: str, content: bytes) -> Iterator[Event]:
    """The records of a file; what follows the last line feed is no line yet."""
    only(plugin, _QUIET | _KNOWN)
    if plugin["multiline.parser"] != "cri":
        raise NotModelledError(f"multiline.parser {plugin['multiline.parser']}")
    tag = str(plugin["tag"]).replace("*", path.strip("/").replace("/", "."))
    limit = size(service.get("multiline_buffer_limit", "2M"))
    started: dict[str, Record] = {}
    for line in _lines(plugin, content):
        found = _PARTS.match(line)
        if found is None:
            yield Event(tag, "", {"log": line})
            continue
        part: Record = found.groupdict()
        whole = started.setdefault(part["stream"], part)
        if whole is not part:
            whole["log"] = (whole["log"] + part["log"])[:limit]
        if part["_p"] == "F":
            yield Event(tag, whole["time"], started.pop(part["stream"]))


def _lines(plugin: Mapping[str, Any], content: bytes) -> Iterator[str]:
    longest = size(plugin.get("buffer_max_size", "32k"))
    for line in content.split(b"\n")[:-1]:
        if len(line) <= longest:
            yield text(line)
        elif switched(plugin, "truncate_long_lines", default=False):
            yield text(line[:longest])
        elif not switched(plugin, "skip_long_lines", default=False):
            return  # The file is read no further.
