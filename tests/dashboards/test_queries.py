"""Every query of every panel, variable and annotation on a real Prometheus, over a day"
" of the catalogue's series."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from dashboards import series
from dashboards.rendered import documents, targets, titled
from dashboards.world import STEP, World, world

from model.dashboards.names import NAMES

pytestmark = pytest.mark.tools
ENVIRONMENTS = ("dev", "staging", "prod")
EVERY = [(environment, name.uid) for environment in ENVIRONMENTS for name in NAMES]
_LEGEND = re.compile(r"\{\{(\w+)\}\}")
# Samples that a query may touch on a day at `current`: about 200 ms of one core.
MOST_SAMPLES = 4_000_000


def expressions(tier: str) -> set[str]:
    """What the dashboards of all environments ask for."""
    every = [document for environment in ENVIRONMENTS for document in documents(environment, tier).values()]
    panels = {target["expr"] for document in every for _, target in targets(document)}
    marks = {each["expr"] for document in every for each in document["annotations"]["list"]}
    # What the variables read.
    return panels | marks | {"up"}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """At `current`; a sample every two minutes keeps it small."""
    with world(
        tmp_path_factory.mktemp("day"), expressions("current"), "current", step=120, most=False
    ) as found:
        yield found


def problems(found: World, target: Mapping[str, Any]) -> list[str]:
    """What is wrong with the answer to a query: nothing there, or nothing where the legend says a label."""
    answer = found.series(target["expr"], at_once=target["instant"])
    if not answer:
        return [f"empty: {target['expr']}"]
    labels = _LEGEND.findall(target["legendFormat"])
    return [
        f"no {label}: {target['expr']}"
        for label in labels
        if not any(each["metric"].get(label) for each in answer)
    ]


@pytest.mark.parametrize(("environment", "uid"), EVERY)
def test_no_panel_is_empty(environment: str, uid: str, day: World) -> None:
    """Each query has at least one series, with the labels that its legend uses."""
    document = documents(environment)[uid]
    assert [text for _, target in targets(document) for text in problems(day, target)] == []


@pytest.mark.parametrize(
    "target",
    [
        {"expr": "sum(rate(api_request_total[$__rate_interval]))", "legendFormat": "all"},
        {
            "expr": 'sum by (job) (rate(api_requests_total{status="99"}[$__rate_interval]))',
            "legendFormat": "{{job}}",
        },
        {"expr": "sum(rate(api_requests_total[$__rate_interval]))", "legendFormat": "{{job}}"},
        {"expr": "max by (node) (redis_up)", "legendFormat": "{{node}}"},
    ],
)
def test_a_planted_query_is_found(target: dict[str, Any], day: World) -> None:
    """Another name, a value that nobody has, a label that is added up, one that the series lack."""
    assert problems(day, {**target, "instant": False})


@pytest.mark.parametrize(("environment", "uid"), EVERY)
def test_every_variable_offers_something(environment: str, uid: str, day: World) -> None:
    """Services by what stands before the first dash, and the jobs of each service."""
    found = {each["name"]: each for each in documents(environment)[uid]["templating"]["list"]}
    query = re.fullmatch(r"label_values\((.*), (\w+)\)", found["service"]["query"])
    pattern = re.compile(found["service"]["regex"].strip("/"))
    services = {pattern.match(job)[1] for job in day.label_values(query[2], query[1])}
    assert services
    jobs = re.fullmatch(r"label_values\((.*), (\w+)\)", found["job"]["query"])
    for service in services:
        assert day.label_values(jobs[2], jobs[1].replace("$service", service)), service


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_annotation_marks_something(environment: str, day: World) -> None:
    """Rollouts, alerts and spent budgets, told by labels that are there."""
    first, *others = (document["annotations"]["list"] for document in documents(environment).values())
    assert len(first) == 3
    assert all(marks == first for marks in others)
    for each in first:
        target = {"expr": each["expr"], "legendFormat": each["textFormat"], "instant": False}
        assert problems(day, target) == []


def values(found: World, uid: str, english: str) -> list[tuple[float, float]]:
    """Every point of a panel: second of the day, value."""
    (target,) = titled(documents("prod")[uid], english)["targets"]
    answer = found.series(target["expr"], at_once=False)
    return [(at - series.BEGIN, float(value)) for each in answer for at, value in each["values"]]


def test_the_bad_hour_is_seen(day: World) -> None:
    """Above where HighErrorRate warns while it lasts, and well below before."""
    points = values(day, "axiom-overview", "Error ratio")
    bad = [value for at, value in points if at in series.BAD_HOUR and at > series.BAD_HOUR.start + 600]
    before = [value for at, value in points if at < series.BAD_HOUR.start]
    assert min(bad) > 0.05 > 0.01 > max(before)


def test_a_restart_makes_no_jump(day: World) -> None:
    """Counters that begin anew are no negative rate and no peak."""
    points = values(day, "axiom-overview", "Requests a second")
    before = [value for at, value in points if 14 * 3600 < at < series.RESTART]
    after = [value for at, value in points if at >= series.RESTART]
    assert min(after) >= 0
    assert max(after) <= max(before) * 1.01


def test_replicas_are_counted_once(day: World) -> None:
    """A gauge of one shared store is what each of them says, not their sum."""
    assert max(value for _, value in values(day, "axiom-data", "Events that wait")) == 50


def test_no_query_reads_too_much(day: World) -> None:
    """A day at a step of a minute touches a few million samples at the most."""
    for document in documents("prod").values():
        for _, target in targets(document):
            assert day.samples(target["expr"], at_once=target["instant"]) < MOST_SAMPLES, target["expr"]


@pytest.mark.long
@pytest.mark.parametrize(("tier", "most", "seconds"), [("current", False, 0.2), ("2year", True, 2.0)])
def test_answers_are_quick(tier: str, most: bool, seconds: float, tmp_path: Any) -> None:
    """A day at a step of a minute, with a sample every 15 s as it is scraped, on one core."""
    with world(tmp_path, expressions(tier), tier, step=15, most=most) as found:
        slow = {
            target["expr"]: taken
            for document in documents("prod", tier).values()
            for _, target in targets(document)
            if (taken := found.seconds(target["expr"], at_once=target["instant"])) > seconds
        }
    assert slow == {}
    assert STEP == 60
