"""The filter `log_to_metrics` in the mode `counter`, and what an exporter would show of it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from fluent_bit.record import Event, NotModelledError, only

_QUIET = {"tag", "metric_description", "flush_interval_sec"}
_KNOWN = {"metric_mode", "metric_namespace", "metric_subsystem", "metric_name", "label_field"}


def count(plugin: Mapping[str, Any], event: Event, counters: Counter[str]) -> None:
    """Count a record under its labels."""
    only(plugin, _QUIET | _KNOWN)
    if plugin["metric_mode"] != "counter":
        raise NotModelledError(f"metric_mode {plugin['metric_mode']}")
    name = "_".join(plugin[f"metric_{part}"] for part in ("namespace", "subsystem", "name"))
    labels = (f'{field}="{event.record.get(field, "")}"' for field in plugin["label_field"])
    counters[f"{name}{{{','.join(labels)}}}"] += 1
