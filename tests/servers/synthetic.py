"""Targets as the catalogue describes our services, with figures that move as theirs would."""

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from config.metrics import Metric, exposed_by

_INFINITY = "+Inf"


@dataclass(frozen=True)
class Series:
    """One series: its text up to the value, and how it moves from scrape to scrape."""

    text: str
    mean: float
    """Events of a scrape, on average."""
    kind: Literal["count", "seconds", "level"]
    """A number of events, a sum of their durations, or a level that they move up and down."""


def target(job: str) -> list[Series]:
    """Everything that one target of a job exposes."""
    return [found for name, metric in exposed_by(job).items() for found in _family(name, metric)]


def page(series: Sequence[Series], values: list[float], chance: random.Random) -> str:
    """The exposition after one more round; `values` are moved on."""
    for index, found in enumerate(series):
        events = _events(found.mean, chance)
        if found.kind == "level":
            values[index] = max(0, values[index] + events * chance.choice((-1, 1)))
        else:
            values[index] += events if found.kind == "count" else events * chance.random()
    return "".join(f"{found.text} {value:g}\n" for found, value in zip(series, values, strict=True))


def _events(mean: float, chance: random.Random) -> int:
    """How many there were: arrivals at random until the scrape is over."""
    count, time = 0, chance.expovariate(mean)
    while time < 1:
        count, time = count + 1, time + chance.expovariate(mean)
    return count


def _family(name: str, metric: Metric) -> Iterator[Series]:
    for number, labels in enumerate(_label_sets(metric)):
        # Routes and the like are not asked for alike: most of what there is hardly moves.
        mean = 10 / (1 + number)
        if metric.buckets:
            for edge in (*(f"{edge:g}" for edge in metric.buckets), _INFINITY):
                yield Series(f"{name}_bucket{_written({**labels, 'le': edge})}", mean, "count")
            yield Series(f"{name}_sum{_written(labels)}", mean, "seconds")
            yield Series(f"{name}_count{_written(labels)}", mean, "count")
        else:
            kind: Literal["count", "level"] = "count" if metric.type == "counter" else "level"
            yield Series(f"{name}{_written(labels)}", mean, kind)


def _label_sets(metric: Metric) -> Iterator[Mapping[str, str]]:
    values = [_values(name, label) for name, label in metric.labels.items()]
    wanted = metric.combinations or math.prod(map(len, values))
    for chosen in itertools.islice(itertools.product(*values), wanted):
        yield dict(zip(metric.labels, chosen, strict=True))


def _values(name: str, label: Sequence[str] | int | str) -> Sequence[str]:
    if isinstance(label, int):
        return [f"/api/v1/{name}/some-resource-{number}" for number in range(label)]
    return [f"{name}-1"] if isinstance(label, str) else label


def _written(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}" if labels else ""
