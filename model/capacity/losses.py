"""What becomes of lines and spans where something fails: how long they are kept, at the pace of the load.

Seconds, bytes and bytes a second, of the busiest node at the peak.
"""

from dataclasses import dataclass

from config.logs import log_contract
from model.capacity.scene import Scene
from model.servers.log_pipeline import REJECTED_GIBIBYTES
from model.servers.trace_sizes import decision_seconds
from model.sinks.sink import PATIENCE_SECONDS, QUEUE_BYTES

_GIBI = 1024**3
# What waits for a flush, and for the answer to it.
_ON_THE_WAY_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Losses:
    """The figures of the table of losses."""

    node_bytes_per_second: float
    """Lines of the busiest node, as they lie in chunks."""
    buffer_bytes: float
    """For one sink, on one node."""
    buffer_seconds: float
    """Until the oldest chunk is dropped because its sink is away."""
    catch_up_seconds: float
    """Until a full buffer is delivered beside what is new."""
    away_seconds: float
    """Until files are deleted that an agent did not read because it is away."""
    burst_bytes_per_second: float
    """What one container may write for a minute without a file that is deleted unread."""
    node_lost_bytes: float
    """With its sinks up, what only a lost node had."""
    rejected_seconds: float
    """Until no more of what is refused is kept, were all of it refused."""
    longest_bytes: int
    """Of a record; the rest is cut off, and it says so."""
    spans_seconds: float
    """Until spans are dropped because Tempo, or DataDog, is away."""
    spans_lost: float
    """Spans that a collector holds until it is decided on them, and that go with it."""


def losses(scene: Scene) -> Losses:
    """The figures for a stack."""
    given = scene.given.logs
    raw = scene.load.peak_log_bytes_per_second / scene.nodes.least * given.skew_factor
    pace = raw * given.record_factor
    buffer = scene.settings.logs.buffer_gibibytes * _GIBI
    files = given.rotation_bytes * given.rotation_files
    kept = scene.load.peak_spans_per_second * scene.settings.traces.kept_percent / 100
    return Losses(
        node_bytes_per_second=pace,
        buffer_bytes=buffer,
        buffer_seconds=buffer / pace,
        catch_up_seconds=buffer / (given.agent_bytes_per_second - pace),
        away_seconds=files / raw,
        burst_bytes_per_second=given.agent_bytes_per_second / given.record_factor + files / 60,
        node_lost_bytes=pace * _ON_THE_WAY_SECONDS,
        rejected_seconds=REJECTED_GIBIBYTES * _GIBI / pace,
        longest_bytes=log_contract().longest_record_bytes,
        spans_seconds=min(PATIENCE_SECONDS, QUEUE_BYTES / (kept * scene.given.load.bytes_per_span)),
        spans_lost=scene.load.peak_spans_per_second * decision_seconds(),
    )
