"""The file of Loki: how long logs are kept, how much is taken, how they lie on disk."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import brief, differences, line

_WORDS = {
    "limits_config.retention_period": "logs are kept",
    "limits_config.ingestion_rate_mb": "takes at the most, MB/s",
    "limits_config.max_query_length": "longest time of a query",
    "common.replication_factor": "copies of each log",
}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of each setting, in words where there are some."""
    for path, was, becomes in differences(old, new):
        if path in _WORDS:
            yield f"{_WORDS[path]}: {code(brief(was))} → {code(brief(becomes))}"
        elif path.startswith("schema_config"):
            yield f"schema: {line((path, was, becomes))}: chunks that are there are read by the old one"
        else:
            yield line((path, was, becomes))
