"""A day of a stack's series, made from the catalogue: pods, restarts, a bad hour.

Only what panels and the rules behind them read. Counters grow and begin anew where a pod restarts;
in the bad hour requests fail, answers are slow and breakers are open.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.llm_prices import llm_prices
from config.metrics import Metric, carrying, metrics
from model.container import Autoscaled, EveryNode, Fixed
from model.rules.lint import Known
from model.rules.promql import Selection
from model.slices import Plan
from model.spec import ScrapeJob

DAY = 86400
BEGIN = 1767225600
BAD_HOUR = range(12 * 3600, 13 * 3600)
RESTART = 18 * 3600
# Statuses and outcomes that only the bad hour has many of.
_FAILURES = re.compile(r"5\d\d|failure|error|Error")
_FEW = 3
_SINCE = "ALERTS_FOR_STATE"
_ALERTS = {"ALERTS", _SINCE}


@dataclass(frozen=True)
class Target:
    """Whom a job scrapes: the labels that discovery gives its series."""

    job: str
    labels: Mapping[str, str]


def targets(plan: Plan, jobs: Sequence[ScrapeJob], *, most: bool) -> Iterator[Target]:
    """The targets of each job: as many pods as there are at the least, or at the most."""
    counts = {}
    for server in plan.servers:
        counts |= {job.name: job.targets or _pods(server.workload.replicas, most) for job in server.scrape}
        counts.setdefault(server.workload.name, _pods(server.workload.replicas, most))
    for job in jobs:
        app = job.pods.app if job.pods else job.name
        for number in range(counts.get(job.name, counts.get(app, 3))):
            yield Target(job.name, _discovered(job, app, number))


def _pods(replicas: object, most: bool) -> int:
    if isinstance(replicas, Fixed):
        return replicas.count
    if isinstance(replicas, Autoscaled):
        return replicas.maximum if most else replicas.minimum
    assert isinstance(replicas, EveryNode)
    return 3


def _discovered(job: ScrapeJob, app: str, number: int) -> dict[str, str]:
    written = {step.get("target_label") for step in job.config.get("relabel_configs", ())}
    labels = {
        "job": job.name,
        "instance": f"10.20.0.{number}:8000" if "pod" in written else f"{app}-{number}",
    }
    namespace = job.pods.namespace if job.pods else "monitoring"
    pod = {"namespace": str(namespace), "pod": f"{app}-{number}"}
    return labels | {name: value for name, value in pod.items() if name in written}


def text(
    shown: Iterable[Selection], recorded: Iterable[Selection], found: Sequence[Target], *, step: int
) -> Iterator[str]:
    """OpenMetrics of every series that panels and recordings read, a sample each `step` seconds.

    Of what recordings alone read there are few combinations of labels: nobody asks for them singly.
    """
    by_panels = _wanted(shown)
    wanted = {**_wanted(recorded), **by_panels}
    for name, values in wanted.items():
        few = None if name in by_panels else _FEW
        metric = Known().metric(name)
        assert metric, name
        jobs = set(carrying(name))
        for number, target in enumerate(each for each in found if each.job in jobs):
            if name in _ALERTS and number:
                # Rules write these once, whoever they are about.
                break
            for labels, weight in _label_sets(name, metric, values, few):
                yield from _samples(name, metric, {**target.labels, **labels}, weight, step)
    yield "# EOF\n"


def _wanted(selected: Iterable[Selection]) -> dict[str, dict[str, set[str]]]:
    """By series: the values of labels that selections ask for."""
    found: dict[str, dict[str, set[str]]] = {}
    for each in selected:
        values = found.setdefault(each.name, {})
        for label, value in each.equal.items():
            values.setdefault(label, set()).add(value)
    return found


def _label_sets(
    name: str, metric: Metric, asked: Mapping[str, set[str]], few: int | None
) -> Iterator[tuple[dict[str, str], float]]:
    """Combinations as many as the catalogue says, with how much of the traffic each has."""
    if name == "ALERTS":
        # The same alerts as in ALERTS_FOR_STATE; every second of them fires.
        found = _label_sets(_SINCE, metrics()[_SINCE], {}, few)
        for number, (labels, weight) in enumerate(found):
            yield {**labels, "alertstate": metric.labels["alertstate"][number % 2]}, weight
        return
    values = [_values(label, given, asked.get(label, set())) for label, given in metric.labels.items()]
    possible = math.prod(map(len, values))
    wanted = few or metric.combinations or possible
    for number, each in enumerate(_spread(values, possible, min(wanted, possible))):
        labels = dict(zip(metric.labels, each, strict=True))
        if not name.endswith("_bucket"):
            yield labels, 1 / (1 + number)
            continue
        edges = [*(f"{edge:g}" for edge in metric.buckets or ()), "+Inf"]
        for index, edge in enumerate(edges, 1):
            yield {**labels, "le": edge}, index / len(edges) / (1 + number)


def _spread(values: Sequence[Sequence[str]], possible: int, wanted: int) -> Iterator[tuple[str, ...]]:
    """So many combinations, all different, in which every value of every label comes up."""
    stride = max(1, possible // wanted)
    while math.gcd(stride, possible) > 1:
        stride += 1
    for number in range(wanted):
        rest, chosen = number * stride % possible, []
        for listed in values:
            rest, index = divmod(rest, len(listed))
            chosen.append(listed[index])
        yield tuple(chosen)


def _values(label: str, given: Sequence[str] | int | str, asked: set[str]) -> Sequence[str]:
    if not isinstance(given, int | str):
        return given
    if label == "model":
        return [*llm_prices().models, "unpriced"]
    count = given if isinstance(given, int) else 1
    return [*sorted(asked), *(f"{label}-{number}" for number in range(count))][: max(count, len(asked))]


def _samples(name: str, metric: Metric, labels: Mapping[str, str], weight: float, step: int) -> Iterator[str]:
    written = ",".join(f'{key}="{value}"' for key, value in labels.items())
    counts = metric.type == "counter" or metric.buckets is not None
    fails = any(_FAILURES.fullmatch(value) for key, value in labels.items() if key in {"status", "outcome"})
    value, lines = 0.0, []
    for second in range(0, DAY, step):
        bad = second in BAD_HOUR
        if counts:
            value = 0.0 if abs(second - RESTART) < step else value + _growth(weight, step, fails, bad, labels)
        else:
            value = _level(name, metric, bad)
        lines.append(f"{name}{{{written}}} {value:.6g} {BEGIN + second}\n")
    yield "".join(lines)


def _growth(weight: float, step: int, fails: bool, bad: bool, labels: Mapping[str, str]) -> float:
    """How much a counter grows in a step: failures a thousandth, and as much as the rest in the bad hour."""
    rate = 5 * weight * (0.001 if fails and not bad else 1)
    if bad and labels.get("le") not in (None, "+Inf"):
        # Slow: half of what was fast is beyond every edge.
        rate /= 2
    return rate * step


def _level(name: str, metric: Metric, bad: bool) -> float:
    if metric.unit.startswith("1 "):
        return 1.0
    if name == "ALERTS":
        return 1.0
    if metric.unit == "seconds" and name.endswith(("_created", "_STATE")):
        return BEGIN + BAD_HOUR.start
    if "closed" in metric.unit:
        return 1.0 if bad else 0.0
    if metric.unit == "ratio":
        return 0.9 if bad else 0.5
    return 1e9 if metric.unit == "bytes" else (50.0 if bad else 5.0)
