"""The rows of `slos.yaml`, typed and frozen: what is promised, and which series say whether it is kept."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter

from config.files import DataError, checked_file
from config.metrics import Metric, metrics
from config.section import Section


def _attainable(share: float) -> float:
    if not 0 < share < 1:
        raise ValueError(f"{share:g}: above 0 and below 1; an objective of 100% leaves no error to budget")
    return share


Share = Annotated[float, AfterValidator(_attainable)]


class Requests(Section):
    """A counter of requests by their outcome."""

    metric: str
    of: Mapping[str, str] = {}
    """Labels of those that are meant."""
    failed: Mapping[str, str]
    """Labels of those that failed, as regular expressions."""


class Durations(Section):
    """A histogram of the seconds that requests took."""

    metric: str
    of: Mapping[str, str] = {}
    """Labels of those that are meant."""


class Slo(Section):
    """What is promised of one kind of request: latencies in seconds, the rest as shares of all."""

    service: str
    kind: str
    job: str | None = None
    """None: nobody scrapes it yet."""
    p50: float
    p95: float
    p99: float
    availability: Share | None = None
    error_rate: Share | None = None
    """A ceiling over a short window; availability drives the budget."""
    requests: Requests | None = None
    durations: Durations

    @property
    def latencies(self) -> Mapping[str, tuple[float, float]]:
        """By quantile: seconds, and the share of requests that stay below."""
        return {"p50": (self.p50, 0.5), "p95": (self.p95, 0.95), "p99": (self.p99, 0.99)}


class Agreement(Section):
    """What a service owes by its SLA tier, over all its requests."""

    name: str
    service: str
    job: str | None = None
    sla_tier: int
    requests: Requests


class Slos(Section):
    """The whole file."""

    window_days: int
    least_bad_requests: Annotated[int, Field(ge=1)]
    absent_budget_share: Share
    objectives: tuple[Slo, ...]
    sla_tiers: Mapping[int, Share]
    agreements: tuple[Agreement, ...]


@cache
def slos() -> Slos:
    """The objectives and agreements.

    Raises:
        DataError: a row has no series, or names one that the catalogue lacks.
    """
    found = checked_file("slos.yaml", TypeAdapter(Slos))
    for problem in problems(found, metrics()):
        raise DataError(f"config/slos.yaml: {problem}")
    return found


def problems(found: Slos, catalogue: Mapping[str, Metric]) -> Iterator[str]:
    """What is wrong with the rows, judged against the metric catalogue."""
    for row in found.objectives:
        place = f"{row.service}, {row.kind}"
        if row.availability and not row.requests:
            yield f"{place}: availability has no series; `requests` names the counter that tells a failure"
        for problem in _of_durations(row, catalogue):
            yield f"{place}: {problem}"
    counted = [(f"{row.service}, {row.kind}", row.requests) for row in found.objectives]
    agreed = [(f"agreement {row.name}", row.requests) for row in found.agreements]
    for place, requests in (*counted, *agreed):
        if requests:
            labels = (*requests.of, *requests.failed)
            yield from (f"{place}: {text}" for text in _of_series(requests.metric, labels, catalogue))
    for agreement in found.agreements:
        if agreement.sla_tier not in found.sla_tiers:
            yield f"agreement {agreement.name}: no SLA tier {agreement.sla_tier}"


def _of_durations(row: Slo, catalogue: Mapping[str, Metric]) -> Iterator[str]:
    name = row.durations.metric
    unknown = list(_of_series(name, row.durations.of, catalogue))
    yield from unknown
    if unknown:
        return
    edges = catalogue[name].buckets or ()
    for quantile, (seconds, _) in row.latencies.items():
        if seconds not in edges:
            listed = ", ".join(f"{edge:g}" for edge in edges) or "none"
            yield f"{quantile} is {seconds:g} s, and {name} has no edge there; edges: {listed}"


def _of_series(
    name: str, labels: Mapping[str, str] | tuple[str, ...], catalogue: Mapping[str, Metric]
) -> Iterator[str]:
    if name not in catalogue:
        yield f"nobody exposes {name}; list it in config/metrics with who does"
        return
    strangers = sorted(set(labels) - set(catalogue[name].labels))
    if strangers:
        yield f"{name} has no label {', '.join(strangers)}"
