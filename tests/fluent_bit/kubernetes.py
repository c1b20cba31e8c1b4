"""The filter `kubernetes`: tells the pod by the name of the file, and parses a line that is JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any

from fluent_bit.record import Event, NotModelledError, only, switched

_TAG = re.compile(
    r"containers\.(?P<pod_name>[a-z0-9][-a-z0-9.]*)_(?P<namespace_name>[^_]+)"
    r"_(?P<container_name>.+)-(?P<docker_id>[a-z0-9]{64})\.log$"
)
_QUIET = {"buffer_size", "annotations", "k8s-logging.parser", "k8s-logging.exclude"}
_KNOWN = {"merge_log", "merge_log_key", "keep_log", "labels"}


def described(plugin: Mapping[str, Any], pods: Mapping[str, Mapping[str, Any]], event: Event) -> Event:
    """A record with the metadata of its pod, which the API would give."""
    only(plugin, _QUIET | _KNOWN)
    if any(switched(plugin, option, default=False) for option in _QUIET - {"buffer_size"}):
        raise NotModelledError("kubernetes: annotations of pods")
    record = dict(event.record)
    line = record.get("log")
    if switched(plugin, "merge_log", default=False) and isinstance(line, str):
        fields = _fields(line)
        if fields is not None:
            record |= {plugin["merge_log_key"]: fields} if "merge_log_key" in plugin else fields
            if not switched(plugin, "keep_log", default=True):
                del record["log"]
    found = _TAG.search(event.tag)
    if found:
        record["kubernetes"] = {**found.groupdict(), **pods.get(found["pod_name"], {})}
    return Event(event.tag, event.time, record)


def _fields(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
