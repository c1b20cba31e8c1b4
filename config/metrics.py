"""The metric catalogue: who exposes what, with which labels, and how replicas report it.

One file an exposer below `metrics/`. A metric that a file lists is a promise that rules and
panels rest on; what else an exporter has is nobody's business here.
"""

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from config.files import HERE, DataError, checked_file
from config.section import Section

EVERY_JOB = "*"
_SERVICES = ("api", "canvas", "core", "oracle", "synapse", "vision", "weaver")
_SERVICE_NAME = re.compile(rf"({'|'.join(_SERVICES)})(_[a-z0-9]+)+")
# What a series of a histogram has behind the name of its family.
FAMILY = re.compile(r"_(bucket|sum|count)$")
# Their own metrics are nobody's business; that they answer is.
_UNLISTED_JOBS = frozenset({"blackbox-exporter", "redis-exporter"})
# +Inf, _sum and _count.
_BESIDE_BUCKETS = 3
_BESIDE_QUANTILES = 2


class Metric(Section):
    """One metric family."""

    type: Literal["counter", "gauge", "histogram", "summary"]
    unit: str
    help: str
    labels: Mapping[str, Annotated[tuple[str, ...], Field(min_length=1)] | int | Literal["users"]] = {}
    """By name: the values that there are, or how many; `users` grow with the customers."""
    combinations: int | None = None
    """How many combinations of labels occur on one target, where not all do."""
    buckets: Annotated[tuple[float, ...], Field(min_length=1)] | None = None
    """Upper edges of a histogram, without +Inf."""
    replicas: Literal["share", "shared"] = "share"
    """Each target reports its part, to be added up; or all report one shared value, to be taken once."""
    needed_by: Literal["alert", "dashboard", "slo"] | None = None
    """The service does not have it yet: what asks for it."""
    jobs: tuple[str, ...] | None = None
    """Where not all jobs of the exposer carry it."""
    when: Literal["workspace"] | None = None
    """Where not every stack has it: those with a managed workspace."""
    idle: bool = False
    """It appears only once there is something to report."""

    def broken_shape(self) -> str | None:
        """What in it contradicts itself."""
        edges = self.buckets
        if (self.type == "histogram") != (edges is not None):
            return "a histogram has buckets, and nothing else has"
        if edges and any(low >= high for low, high in pairwise(edges)):
            return "buckets ascend"
        product = math.prod(_values(label) for label in self.labels.values())
        if self.combinations and self.combinations > product:
            return f"{self.combinations} combinations of {product} values"
        return None

    @property
    def series(self) -> int:
        """Series of one target; labels that grow with the customers count once."""
        combined = self.combinations or math.prod(_values(label) for label in self.labels.values())
        if self.buckets:
            return combined * (len(self.buckets) + _BESIDE_BUCKETS)
        if self.type == "summary":
            # Its quantiles are a label already.
            return combined + _BESIDE_QUANTILES * combined // _values(self.labels["quantile"])
        return combined


class Exposer(Section):
    """Who exposes metrics: the jobs that scrape it, and where the facts come from."""

    jobs: tuple[str, ...]
    """None: it pushes, or nobody takes what it has yet."""
    source: str
    metrics: Mapping[str, Metric]


@cache
def exposers() -> Mapping[str, Exposer]:
    """Every exposer by the name of its file.

    Raises:
        DataError: a file is wrong, or two have one metric.
    """
    adapter = TypeAdapter(Exposer)
    names = sorted(path.stem for path in (HERE / "metrics").glob("*.yaml"))
    found = {name: checked_file(f"metrics/{name}.yaml", adapter) for name in names}
    for problem in problems(found):
        raise DataError(problem)
    return found


@cache
def metrics() -> Mapping[str, Metric]:
    """Every metric by its name."""
    return {name: metric for found in exposers().values() for name, metric in found.metrics.items()}


def exposed_by(job: str) -> Mapping[str, Metric]:
    """What a scrape job carries, beside what Prometheus notes of every target."""
    return {
        name: metric
        for found in exposers().values()
        for name, metric in found.metrics.items()
        if job in (found.jobs if metric.jobs is None else metric.jobs)
    }


def carrying(name: str) -> list[str]:
    """The jobs that carry a series; what every target has, all jobs carry."""
    for exposer in exposers().values():
        metric = exposer.metrics.get(name) or exposer.metrics.get(FAMILY.sub("", name))
        if metric is not None:
            jobs = exposer.jobs if metric.jobs is None else metric.jobs
            return _every_job() if EVERY_JOB in jobs else list(jobs)
    return []


def _every_job() -> list[str]:
    listed = {job for exposer in exposers().values() for job in exposer.jobs} - {EVERY_JOB}
    return sorted(listed | _UNLISTED_JOBS)


def problems(found: Mapping[str, Exposer]) -> Iterator[str]:
    """What is wrong with these files taken together."""
    seen: dict[str, str] = {}
    for file, exposer in found.items():
        for name, metric in exposer.metrics.items():
            place = f"config/metrics/{file}.yaml: {name}"
            if name in seen:
                yield f"{place} is in {seen[name]}.yaml too"
            seen[name] = file
            wrong = metric.broken_shape() or _broken_name(name, metric, file)
            if wrong:
                yield f"{place}: {wrong}"
            strangers = set(metric.jobs or ()) - set(exposer.jobs)
            if strangers:
                yield f"{place}: {', '.join(sorted(strangers))} is no job of the file's"


def _broken_name(name: str, metric: Metric, file: str) -> str | None:
    """The services' own follow the naming rule (requirements, section 3); others have their makers'."""
    if file not in (*_SERVICES, "middleware"):
        return None
    if not _SERVICE_NAME.fullmatch(name):
        return "the name is {service}_{subsystem}_{metric}_{unit}, in lower case"
    if metric.type == "counter" and not name.endswith("_total"):
        return "a counter ends in _total"
    if metric.type == "histogram" and not name.endswith((f"_{metric.unit}", "_seconds")):
        return f"a histogram of {metric.unit} ends in it"
    return None


def _values(label: tuple[str, ...] | int | str) -> int:
    if isinstance(label, str):
        return 1
    return label if isinstance(label, int) else len(label)
