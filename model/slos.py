"""The objectives that a stack can measure: for each a rate of requests and a rate of bad ones, in PromQL.

Availability counts requests that failed, latency those that were slower than a quantile's bound, an
agreement (SLA) those of a whole service. Each is one objective with one budget, told apart by `slo`.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from config.data import services
from config.slos import Agreement, Requests, Slo, slos

# Sampled so often that the shortest window of a burn rate sees it whole.
WINDOW = "5m"
_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose promise it is."""

    service: str
    job: str | None
    """None: nobody scrapes it yet."""
    sla_tier: int


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Requests a second in PromQL: all, and those that count as bad."""

    requests: str
    bad: str


@dataclass(frozen=True, kw_only=True)
class Objective:
    """One promise and the PromQL that measures it."""

    slo: str
    """Its name, such as `core-api-availability`."""
    owner: Owner
    kind: Literal["availability", "latency", "sla"]
    target: float
    """Share of good requests."""
    budgeted: bool
    """Whether its budget is watched: a median has none, and no two watch the same."""
    rates: Rates
    metric: str
    """What the rates are read from."""
    ceiling: float | None = None
    """Share of failed requests that no short window may exceed."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What each of its series is recorded with."""
        owner = self.owner
        job = {"job": owner.job} if owner.job else {}
        tier = str(owner.sla_tier)
        return {"slo": self.slo, "service": owner.service, "kind": self.kind, "sla_tier": tier, **job}

    @property
    def budget(self) -> float:
        """Share of requests that may be bad."""
        return round(1 - self.target, 6)

    @property
    def budget_minutes(self) -> float:
        """How long everything may fail in a window."""
        return self.budget * slos().window_days * 24 * 60


def objectives() -> tuple[Objective, ...]:
    """Every objective of `slos.yaml`, whether its series are there yet or not."""
    rows = tuple(found for row in slos().objectives for found in _of_row(row))
    watched = {(found.rates, found.target) for found in rows}
    return (*rows, *(_of_agreement(row, watched) for row in slos().agreements))


def _of_row(row: Slo) -> Iterator[Objective]:
    name = f"{row.service}-{_WORD.sub('-', row.kind.lower()).strip('-')}"
    if row.requests and row.availability:
        yield Objective(
            slo=f"{name}-availability",
            owner=_owner(row),
            kind="availability",
            target=row.availability,
            budgeted=True,
            rates=_counted(row.requests, row.job),
            metric=row.requests.metric,
            ceiling=row.error_rate,
        )
    for quantile, (seconds, share) in row.latencies.items():
        yield Objective(
            slo=f"{name}-{quantile}",
            owner=_owner(row),
            kind="latency",
            target=share,
            # Half of all requests may be slower than a median: no burn rate worth waking for can be reached.
            budgeted=quantile != "p50",
            rates=_slower(row, seconds),
            metric=row.durations.metric,
        )


def _of_agreement(row: Agreement, watched: Collection[tuple[Rates, float]]) -> Objective:
    target = slos().sla_tiers[row.sla_tier]
    rates = _counted(row.requests, row.job)
    return Objective(
        slo=f"{row.name}-sla",
        owner=Owner(service=row.service, job=row.job, sla_tier=row.sla_tier),
        kind="sla",
        target=target,
        budgeted=(rates, target) not in watched,
        rates=rates,
        metric=row.requests.metric,
    )


def _owner(row: Slo) -> Owner:
    name = row.job or row.service
    tiers = [each.sla_tier for each in services().values() if name in {each.job, each.service}]
    return Owner(service=row.service, job=row.job, sla_tier=min(tiers))


def _counted(found: Requests, job: str | None) -> Rates:
    every = f"sum(rate({found.metric}{_selector(job, found.of)}[{WINDOW}]))"
    failed = f"sum(rate({found.metric}{_selector(job, found.of, found.failed)}[{WINDOW}]))"
    # No failure yet is a share of zero, not the absence of one.
    return Rates(requests=every, bad=f"{failed} or 0 * {every}")


def _slower(row: Slo, seconds: float) -> Rates:
    found = row.durations
    every = f"sum(rate({found.metric}_count{_selector(row.job, found.of)}[{WINDOW}]))"
    below = _selector(row.job, found.of, {"le": _edge(seconds)})
    # A histogram has all its edges from the start: no default, so that a lost edge shows.
    return Rates(requests=every, bad=f"{every} - sum(rate({found.metric}_bucket{below}[{WINDOW}]))")


def _selector(job: str | None, of: Mapping[str, str], like: Mapping[str, str] | None = None) -> str:
    exact = {**({"job": job} if job else {}), **of}
    parts = [f'{name}="{value}"' for name, value in exact.items()]
    parts += [f'{name}=~"{value}"' for name, value in (like or {}).items() if name not in exact]
    return f"{{{','.join(parts)}}}" if parts else ""


def _edge(seconds: float) -> str:
    """An edge as a pattern: clients and Prometheus write 1 as `1` or as `1.0`."""
    written = re.escape(f"{seconds:g}") + (r"(\.0)?" if seconds == int(seconds) else "")
    return written.replace("\\", "\\\\")
