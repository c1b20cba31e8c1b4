"""The outputs: what each sink is sent for a record, before it is compressed."""

import calendar
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from fluent_bit.record import Event, only

_NETWORK = {"host", "port", "tls", "compress", "workers", "retry_limit", "storage.total_limit_size"}


def nanoseconds(written: str) -> int:
    """A time as the runtime writes it, since 1970."""
    seconds, _, rest = written.partition(".")
    fraction = re.match(r"\d*", rest)
    since = calendar.timegm(time.strptime(seconds.removesuffix("Z"), "%Y-%m-%dT%H:%M:%S"))
    return since * 10**9 + int((fraction[0] if fraction else "").ljust(9, "0")[:9])


def to_loki(plugin: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """One stream with one value, as in the body of a push."""
    only(plugin, _NETWORK | {"labels", "structured_metadata", "line_format", "auto_kubernetes_labels"})
    entry = [str(nanoseconds(event.time)), _line(event.record), _named(plugin["structured_metadata"], event)]
    return {"stream": _named(plugin["labels"], event), "values": [entry]}


def to_cloudwatch(plugin: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """One event of a PutLogEvents."""
    only(plugin, _NETWORK | {"region", "log_group_name", "log_stream_prefix", "auto_create_group"})
    return {"timestamp": nanoseconds(event.time) // 10**6, "message": _line(event.record)}


def to_datadog(plugin: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """One log of a batch."""
    own = {"apikey", "dd_source", "dd_message_key", "dd_hostname", "dd_tags", "json_date_key"}
    only(plugin, _NETWORK | own)
    record = dict(event.record)
    if plugin["dd_message_key"] in record:
        record["message"] = record.pop(plugin["dd_message_key"])
    given = {"ddsource": plugin["dd_source"], "ddtags": plugin["dd_tags"], "hostname": plugin["dd_hostname"]}
    return {plugin["json_date_key"]: nanoseconds(event.time) // 10**6, **given, **record}


SENT = {"loki": to_loki, "cloudwatch_logs": to_cloudwatch, "datadog": to_datadog}


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _named(written: str, event: Event) -> dict[str, str]:
    found = {}
    for pair in re.split(r", *", written):
        name, value = pair.split("=", 1)
        known = event.record.get(value[1:]) if value.startswith("$") else value
        if isinstance(known, str):
            found[name] = known
    return found
