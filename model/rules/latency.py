"""The expression of HighLatency: each service against the slowest of its objectives."""

from collections.abc import Mapping

from config.files import DataError
from config.metrics import metrics
from config.slos import slos

HISTOGRAM = "api_request_duration_seconds"
# The worker's runs are no requests: the middleware's histogram does not see them.
_NOT_REQUESTS = frozenset({"axiom-core-worker"})
_LEAST_RATE = "10 / 300"


def thresholds() -> Mapping[str, float]:
    """Seconds by job: the loosest p95 objective among a service's kinds of requests.

    Raises:
        DataError: a threshold is no edge of the histogram's buckets.
    """
    found: dict[str, float] = {}
    for slo in slos().objectives:
        if slo.job and slo.job not in _NOT_REQUESTS:
            found[slo.job] = max(found.get(slo.job, 0.0), slo.p95)
    edges = metrics()[HISTOGRAM].buckets or ()
    for job, seconds in found.items():
        if seconds not in edges:
            raise DataError(f"config/metrics: {HISTOGRAM} has no edge at {seconds:g} s, which {job} needs")
    return found


def high_latency() -> str:
    """PromQL: the p95 of every job that is above its threshold and has traffic to speak of."""
    parts = "\n  or ".join(
        f'(histogram_quantile(0.95, sum by (job, le) (rate({HISTOGRAM}_bucket{{job="{job}"}}[5m])))'
        f" > {seconds:g})"
        for job, seconds in thresholds().items()
    )
    traffic = f"sum by (job) (rate({HISTOGRAM}_count[5m])) >= {_LEAST_RATE}"
    # Rounded for those who read it: a quantile of floats has sixteen digits.
    return f"round(\n  (\n  {parts}\n  )\n  and on (job) {traffic},\n  0.01\n)\n"
