"""The series that rules select, as the catalogue describes them for every target of a stack.

Autoscalers stand at their maximum. Counters grow with the tier's peak of requests, which all label
sets share alike: failures are as common as successes, so that alerts fire and cost what they can.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from config.capacity import assumptions
from config.metrics import Metric, carrying
from model.capacity.scene import Scene
from model.kubelets import kubelet_jobs
from model.reach import Namespace
from model.rules.lint import Known
from model.scrape import service_jobs, service_ports
from model.spec import ScrapeJob, ServerSpec

STEP = 15
HOUR = 3600
Kind = Literal["count", "level", "flag"]
# A stride of this part of all combinations spreads those that occur over the values of every label.
_GOLDEN = 0.618


@dataclass(frozen=True)
class Target:
    """What a job scrapes: its series have these labels."""

    job: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Need:
    """What the rules need of a name that they select."""

    history: int
    """Seconds that lie behind it."""
    named: Mapping[str, Sequence[str]]
    """Values of labels that they ask for."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series, and how its value moves."""

    labels: Mapping[str, str]
    """With `__name__`."""
    kind: Kind
    rate: float = 0.0
    """Growth of a count, a second."""
    share: float = 1.0
    """Part of the count that it sees: that below an edge."""
    phase: int = 0
    """What tells the levels of several label sets apart."""
    history: int = HOUR
    """Seconds that lie behind it."""
    step: int = STEP
    """Seconds from sample to sample."""
    recorded: bool = False
    """Rules go on writing it."""

    def values(self, begin: int, end: int) -> list[float]:
        """Its samples from a time (Unix, seconds) to another, without that."""
        times = range(begin, end, self.step)
        if self.kind == "flag":
            return [1.0] * len(times)
        if self.kind == "level":
            return [0.5 + 0.25 * math.sin(time / 600 + self.phase) for time in times]
        # Whole events: what is below an edge is never more than what is below the next.
        rate, share = self.rate, self.share
        return [float(int(share * int(rate * time))) for time in times]


def targets(scene: Scene) -> Iterator[Target]:
    """Every target of every job, with all autoscalers at their maximum."""
    for number, server in enumerate(scene.servers):
        pods = scene.pods(server.workload, most=True)
        for job in _jobs(server):
            for index in range(pods if job.targets is None else job.targets):
                yield _target(job, f"{server.workload.name}-{index}", server.workload.namespace, number)
    for job in kubelet_jobs():
        for index in range(scene.nodes.most):
            yield _target(job, f"node-{index}", Namespace.MONITORING, 0)


def scraped(needs: Mapping[str, Need], found: Iterable[Target], scene: Scene) -> Iterator[Series]:
    """The series of these names on every target that carries them."""
    listed = list(found)
    for name, need in needs.items():
        metric = Known().metric(name)
        assert metric is not None, f"{name} is not in the catalogue"
        jobs = set(carrying(name))
        of_name = [target for target in listed if target.job in jobs]
        sets = list(label_sets(metric, _customers(metric, scene), need.named))
        rate = scene.load.peak_requests_per_second / max(1, len(sets) * len(of_name))
        for target in of_name:
            for phase, labels in enumerate(sets):
                series = {"__name__": name, **target.labels, **labels}
                yield from _moving(series, metric, rate=rate, phase=phase, history=need.history)


def label_sets(
    metric: Metric, customers: int, named: Mapping[str, Sequence[str]]
) -> Iterator[Mapping[str, str]]:
    """The sets of labels of one target; where not all combinations occur, some that are spread evenly."""
    values = [_values(name, label, customers, named.get(name, ())) for name, label in metric.labels.items()]
    every = math.prod(map(len, values))
    stride = next(
        step for step in range(int(every * _GOLDEN) + 1, 2 * every + 1) if math.gcd(step, every) == 1
    )
    for number in range(metric.combinations or every):
        place, labels = number * stride % every, {}
        for name, listed in zip(metric.labels, values, strict=True):
            place, index = divmod(place, len(listed))
            labels[name] = listed[index]
        yield labels


def _jobs(server: ServerSpec) -> tuple[ScrapeJob, ...]:
    service = service_ports().get(server.workload.name)
    return (*server.scrape, *(job for job in service_jobs() if service and job.name == service.job))


def _target(job: ScrapeJob, name: str, namespace: Namespace, number: int) -> Target:
    index = name.rpartition("-")[2]
    known = {
        "instance": f"10.0.{number}.{index}:9090",
        "namespace": str(namespace),
        "node": f"node-{index}",
        "pod": name,
    }
    steps = job.config.get("relabel_configs", ())
    set_by_job = [
        step["target_label"] for step in steps if not step.get("target_label", "__").startswith("__")
    ]
    return Target(job.name, {"job": job.name, **{label: known[label] for label in ["instance", *set_by_job]}})


def _customers(metric: Metric, scene: Scene) -> int:
    """Values of a label that grows with the customers: as many as the load has series for."""
    series = scene.load.users * scene.load.share * assumptions().series.per_user_and_pod
    return max(1, int(series / metric.series))


def _values(
    name: str, label: Sequence[str] | int | str, customers: int, named: Sequence[str]
) -> Sequence[str]:
    if isinstance(label, tuple):
        return label
    count = label if isinstance(label, int) else customers
    return [*named, *(f"{name}-{number}" for number in range(len(named), count))]


def _moving(
    labels: Mapping[str, str], metric: Metric, *, rate: float, phase: int, history: int
) -> Iterator[Series]:
    """One series of a label set; of buckets, one for each edge."""
    counts = metric.type != "gauge"
    kind: Kind = "count" if counts else "flag" if metric.unit.startswith("1") else "level"
    if not labels["__name__"].endswith("_bucket"):
        yield Series(labels=labels, kind=kind, rate=rate, phase=phase, history=history)
        return
    edges = [f"{edge:g}" for edge in metric.buckets or ()] + ["+Inf"]
    for number, edge in enumerate(edges, 1):
        share = number / len(edges)
        yield Series(labels={**labels, "le": edge}, kind=kind, rate=rate, share=share, history=history)
