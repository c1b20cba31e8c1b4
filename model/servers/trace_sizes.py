"""How long the collector waits for a trace, and what it needs for those that it waits for.

It decides once, by the spans that it has by then; of a call that takes long the first are there long
before the last, which says how long it took.
"""

import math

from config.capacity import assumptions
from config.settings import Settings
from config.slos import slos
from model.load import peak_requests
from model.sinks.sink import QUEUE_BYTES

# For spans to be handed over: the SDKs send batches every five seconds, and try again.
_HANDING_OVER_SECONDS = 30
# Traces at the peak against those that there is room for: the oldest goes where there is none.
_ROOM = 2
_MEBI = 1024**2
# Limits grow in steps.
_STEP_MEBIBYTES = 256


def decision_seconds() -> int:
    """From a trace's first span: what lasts as long as the longest objective is there as a whole."""
    longest = max(found.p99 for found in slos().objectives)
    return math.ceil(longest) + _HANDING_OVER_SECONDS


def after_root_seconds() -> int:
    """From a trace's root: a worker begins its part when that has ended."""
    workers = max(found.p99 for found in slos().objectives if found.kind == "worker")
    return math.ceil(workers) + _HANDING_OVER_SECONDS // 3


def most_traces(settings: Settings) -> int:
    """Traces that are waited for at the peak, were none of them complete; at least some thousand."""
    held = peak_requests(settings) * decision_seconds() * _ROOM
    return max(5000, math.ceil(held / 1000) * 1000)


def memory_mebibytes(settings: Settings, exporters: int) -> int:
    """What the collector may take: itself, full queues of its exporters, and the spans that it holds."""
    ratios, given = assumptions().load, assumptions().traces
    spans = peak_requests(settings) * ratios.spans_per_request * decision_seconds()
    held = spans * ratios.bytes_per_span * given.held_factor
    needed = given.collector_bytes + exporters * QUEUE_BYTES + held
    return math.ceil(needed / given.limiter_share / _MEBI / _STEP_MEBIBYTES) * _STEP_MEBIBYTES
