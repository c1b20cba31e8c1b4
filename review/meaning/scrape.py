"""The file of Prometheus: jobs, and what is sent elsewhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import differences, line, named, remaining


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of jobs, remote writes and the rest."""
    one, other = named(old.get("scrape_configs")) or {}, named(new.get("scrape_configs")) or {}
    for name in other:
        if name not in one:
            yield f"job {code(name)} added"
    for name, job in one.items():
        if name not in other:
            yield f"job {code(name)} dropped: its metrics end, and alerts on them with them"
            continue
        for found in differences(job, other[name]):
            yield f"job {code(name)}: {line(found)}"
    if bool(old.get("remote_write")) != bool(new.get("remote_write")):
        yield (
            "metrics are also sent elsewhere"
            if new.get("remote_write")
            else "metrics are sent elsewhere no more"
        )
    both = old.get("remote_write") and new.get("remote_write")
    yield from remaining(old, new, "scrape_configs", *(() if both else ("remote_write",)))
