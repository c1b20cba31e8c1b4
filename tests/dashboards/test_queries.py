"""Every query of every panel, variable and annotation on a real Prometheus, over a day"
" of the catalogue's series."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from dashboards import series
from dashboards.rendered import documents, targets, titled
from dashboards.world import STEP, World, joined, world

from model.dashboards.expressions import share
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


def problems(found: World, target: Mapping[str, Any], job: str = ".+") -> list[str]:
    """What is wrong with the answer to a query: nothing there, or nothing where the legend says a label."""
    answer = found.series(target["expr"], at_once=target["instant"], job=job)
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
    """Each query has at least one series, with the labels that its legend uses, as the dashboard opens."""
    document = documents(environment)[uid]
    job = day.every_job(document)
    assert [text for _, target in targets(document) for text in problems(day, target, job)] == []


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
    """Services by what stands before the first dash, the jobs of each, and of all no other."""
    document = documents(environment)[uid]
    services = day.services(document)
    each = {job for service in services for job in day.jobs(document, [service])}
    assert all(day.jobs(document, [service]) for service in services)
    assert set(day.jobs(document, services)) == each


def test_all_is_whatever_there_is(day: World) -> None:
    """The jobs that `All` joins are those of every series that a panel reads: none is lost."""
    for document in documents("prod").values():
        job = day.every_job(document)
        for _, target in targets(document):
            one, other = (
                {tuple(found["metric"].items()) for found in day.series(expr, at_once=True, job=value)}
                for expr, value in ((target["expr"], job), (target["expr"], ".+"))
            )
            assert one == other


def test_a_service_narrows_without_a_job(day: World) -> None:
    """Whose jobs alone are shown while the variable `job` stays at All."""
    document = documents("prod")["axiom-overview"]
    target = titled(document, "Requests a second")["targets"][0]
    assert day.jobs(document, ["core"]) == ["axiom-core", "axiom-core-worker"]
    shown = day.series(target["expr"], at_once=False, job=joined(day.jobs(document, ["core"])))
    assert {each["metric"]["job"] for each in shown} == {"axiom-core"}
    everything = day.series(target["expr"], at_once=False, job=day.every_job(document))
    assert {"axiom-core", "axiom-oracle"} <= {each["metric"]["job"] for each in everything}


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
    target = titled(documents("prod")[uid], english)["targets"][0]
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


@pytest.mark.parametrize(
    ("uid", "english", "absent", "value"),
    [
        ("axiom-data", "Share of attempts that fail", "core_event_outbox_failed_total", 0),
        ("axiom-data", "Share of attempts that fail", "core_event_outbox_published_total", 1),
        ("axiom-llm", "Error ratio by provider", "core_llm_errors_total", 0),
        ("axiom-llm", "Error ratio by provider", "core_llm_request_duration_seconds_count", 1),
    ],
)
def test_a_share_of_what_has_never_been_is_a_share(
    uid: str, english: str, absent: str, value: float, day: World
) -> None:
    """A counter has no series before its first event: nothing failed is 0, nothing else is 1."""
    (target,) = titled(documents("prod")[uid], english)["targets"]
    assert absent in target["expr"]
    answer = day.series(target["expr"].replace(absent, "planted_total"), at_once=True)
    assert answer
    assert {float(each["value"][1]) for each in answer} == {value}


def test_a_share_counts_what_failed(day: World) -> None:
    """Nothing where the part has no series; no value, and no NaN, without a whole."""
    failed, whole, never = (
        f"sum by (job) ({name})"
        for name in ('api_requests_total{status=~"5.."}', "api_requests_total", "planted")
    )
    ratio, nothing, empty = (
        day.series(share(*each), at_once=True)
        for each in ((failed, whole), (never, whole), (never, f"0 * {whole}"))
    )
    assert all(0 < float(each["value"][1]) < 1 for each in ratio)
    assert {each["value"][1] for each in nothing} == {"0"}
    assert ratio
    assert nothing
    assert empty == []


def test_the_total_is_that_of_the_services(day: World) -> None:
    """Their sum; and of the ratios their mean by traffic, not the mean of the ratios."""
    overview = documents("prod")["axiom-overview"]
    rates, whole = (titled(overview, "Requests a second")["targets"][each]["expr"] for each in (0, 1))
    ratios, mean = (titled(overview, "Error ratio")["targets"][each]["expr"] for each in (0, 1))
    by_job = {
        expr: {each["metric"]["job"]: float(each["value"][1]) for each in day.series(expr, at_once=True)}
        for expr in (rates, ratios)
    }
    (total,), (share_of_all,) = (day.series(expr, at_once=True) for expr in (whole, mean))
    assert float(total["value"][1]) == pytest.approx(sum(by_job[rates].values()))
    failed = sum(ratio * by_job[rates][job] for job, ratio in by_job[ratios].items())
    assert float(share_of_all["value"][1]) == pytest.approx(failed / float(total["value"][1]))


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
