"""What every dashboard is, in every stack: whole, linked, within its place, with figures from the tables."""

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dashboards.rendered import STACKS, again, documents, files, panels, settings, targets, titled

from config.data import alert_files
from config.metrics import metrics
from config.slos import slos
from model.dashboards import BOARDS
from model.dashboards.colours import LINES, MOODS, of_series
from model.dashboards.limits import latencies, promises
from model.dashboards.listed import POINTS
from model.dashboards.names import NAMES
from model.dashboards.words import Query
from model.plan import build_plan
from model.rules.lint import Known

RUNBOOKS = Path("docs/runbooks")
EVERY = [(*stack, name.uid) for stack in STACKS for name in NAMES]


@pytest.mark.parametrize(("environment", "tier"), STACKS)
def test_there_are_seven(environment: str, tier: str) -> None:
    """Each under its uid, and none is empty."""
    found = documents(environment, tier)
    assert set(found) == {name.uid for name in NAMES}
    assert [document["uid"] for document in found.values()] == list(found)
    assert all(len(panels(document)) >= 4 for document in found.values())


@pytest.mark.parametrize(("environment", "tier", "uid"), EVERY)
def test_every_panel_says_what_it_is(environment: str, tier: str, uid: str) -> None:
    """Both titles, what good looks like, a runbook that exists, a dashboard to go on to."""
    for panel in panels(documents(environment, tier)[uid]):
        korean, english = panel["title"].split(" · ")
        assert re.search("[가-힣]", korean)
        assert re.search("[A-Za-z]", english)
        assert panel["description"]
        runbook, onward = panel["links"]
        assert (RUNBOOKS / f"{runbook['url'].rsplit('/', 1)[1]}.md").is_file()
        assert re.fullmatch(r"/d/(axiom-[a-z]+)\?.*", onward["url"])[1] in documents(environment, tier)
        assert not onward["url"].startswith(f"/d/{uid}?")


@pytest.mark.parametrize(("environment", "tier", "uid"), EVERY)
def test_whatever_tells_things_apart_is_unique(environment: str, tier: str, uid: str) -> None:
    """Ids of panels, references of queries, titles."""
    document = documents(environment, tier)[uid]
    numbers = [panel["id"] for panel in document["panels"]]
    titles = [panel["title"] for panel in panels(document)]
    assert len(set(numbers)) == len(numbers)
    assert len(set(titles)) == len(titles)
    for panel in panels(document):
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references) > 0


def overlaps(places: list[dict[str, int]]) -> list[tuple[Any, Any]]:
    """Pairs that cover a cell together, counted cell by cell."""
    cells = [
        {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        for at in places
    ]
    return [pair for pair in itertools.combinations(range(len(cells)), 2) if cells[pair[0]] & cells[pair[1]]]


@pytest.mark.parametrize(("environment", "tier", "uid"), EVERY)
def test_no_panel_stands_on_another(environment: str, tier: str, uid: str) -> None:
    """Nor beyond the last column; and no line of panels ends early."""
    places = [panel["gridPos"] for panel in documents(environment, tier)[uid]["panels"]]
    assert overlaps(places) == []
    for y in {at["y"] for at in places}:
        assert max(at["x"] + at["w"] for at in places if at["y"] == y) == 24


def test_planted_panels_in_one_place_are_found() -> None:
    """Sharing one cell is enough."""
    assert overlaps([{"x": 0, "y": 0, "w": 12, "h": 7}, {"x": 11, "y": 6, "w": 12, "h": 7}]) == [(0, 1)]


def test_every_point_of_the_requirements_has_a_panel() -> None:
    """Whether its source is there yet or not; and on the dashboard where it is asked for."""
    shown = {(key, board.name) for board in BOARDS for panel in board.panels for key in panel.lists}
    assert {(key, point.board) for key, point in POINTS.items()} == shown


def test_a_panel_appears_with_its_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is to be changed when a service has what it was asked for."""
    name = "core_retries_total"
    waiting = metrics()[name]
    assert waiting.needed_by == "dashboard"
    assert name not in again("prod")["axiom-resilience"]
    there = Known(metrics={**metrics(), name: waiting.model_copy(update={"needed_by": None})})
    monkeypatch.setattr("model.rules.stack.Known", lambda: there)
    assert name in again("prod")["axiom-resilience"]


def steps(panel: Any) -> list[float | None]:
    return [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]


def overridden(panel: Any) -> dict[str, list[float | None]]:
    """The thresholds of single series by their name."""
    return {
        each["matcher"]["options"]: [step["value"] for step in written["value"]["steps"]]
        for each in panel["fieldConfig"]["overrides"]
        for written in each["properties"]
        if written["id"] == "thresholds"
    }


@pytest.mark.parametrize(
    ("uid", "english", "group", "alert", "limit", "value"),
    [
        ("axiom-data", "Events that wait", "axiom-resources", "OutboxBacklog", "1234", 1234),
        ("axiom-data", "Disk that is left", "axiom-stores", "RDSStorageLow", "23 GB", 23e9),
        ("axiom-overview", "Error ratio", "axiom-availability", "HighErrorRate", "7%", 0.07),
        ("axiom-llm", "Share of the token budget", "axiom-llm", "TokenBudgetHigh", "71%", 0.71),
        ("axiom-workers", "Extractions that wait for a person", "axiom-business", "HITLBacklog", "43", 43),
    ],
)
def test_a_threshold_is_the_alerts(
    uid: str, english: str, group: str, alert: str, limit: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another limit of the alert is another in the panel, and nothing else in the file."""
    old = again("prod")[uid]
    text = re.sub(rf"(- alert: {alert}\n    limit: ).+", rf"\g<1>{limit}", alert_files()[group])
    monkeypatch.setattr("model.rules.groups.alert_files", lambda: {**alert_files(), group: text})
    new = again("prod")[uid]
    assert value in steps(titled(json.loads(new), english))
    one, other = old.splitlines(), new.splitlines()
    assert len(one) == len(other)
    assert sum(left != right for left, right in zip(one, other, strict=True)) == 1


def test_latencies_are_held_against_the_objectives() -> None:
    """The loosest of each service's kinds of requests."""
    heat = titled(documents("prod")["axiom-api"], "p99 latency by service")
    assert overridden(heat)["axiom-synapse"] == [None, 120]
    assert overridden(heat) == {job: [None, seconds] for job, seconds in latencies("p99").items()}
    assert latencies("p95")["axiom-core"] == 0.5


def test_availability_is_held_against_the_agreement() -> None:
    """Red below the promise, yellow while half of its budget is spent."""
    health = titled(documents("prod")["axiom-overview"], "Service health")
    assert overridden(health)["core-api-sla"] == [None, 0.999, 0.9995]
    assert set(overridden(health)) == set(promises()) == {f"{each.name}-sla" for each in slos().agreements}


def test_lines_of_thresholds_are_those_of_all_series() -> None:
    """Grafana draws the thresholds of one series a scale: a graph whose series have their own shows none."""
    for document in documents("prod", "2year").values():
        for panel in panels(document):
            assert panel["type"] != "timeseries" or not overridden(panel)


def test_the_mounted_file_is_the_rendered_one_on_one_line() -> None:
    """The same values, without what is there for readers."""
    grafana = next(
        server
        for server in build_plan(settings("prod")).observability.servers
        if server.workload.name == "grafana"
    )
    mounted = {mount.name: mount.files[0].text for mount in grafana.workload.config if mount.outline}
    assert len(mounted) == len(NAMES)
    for uid, text in files("prod", "current").items():
        short = mounted[f"grafana-{uid}"]
        assert json.loads(short) == json.loads(text)
        assert "\n" not in short
        assert len(text.splitlines()) > 100


def test_every_unit_of_time_shown_is_a_rate_interval() -> None:
    """But in rankings over the time that is shown."""
    for document in documents("prod", "2year").values():
        for panel, target in targets(document):
            for window in re.findall(r"(?:rate|increase)\([^\[]*\[([^\]]+)\]", target["expr"]):
                ranking = panel["type"] == "table" and window == "$__range"
                assert ranking or window == "$__rate_interval", target["expr"]


def test_series_that_are_known_have_colours_of_their_own() -> None:
    """By the legend: values that the catalogue lists, jobs, and words."""
    assert of_series((Query("vector(1)", "outbox"),)) == {"outbox": LINES[0]}
    jobs = of_series((Query('sum by (job) (rate(api_requests_total{job=~"$job"}[1m]))', "{{job}}"),))
    assert list(jobs)[:2] == ["axiom-core", "axiom-core-worker"]
    assert len(set(jobs.values())) == len(jobs)
    listed = of_series((Query("max by (target_service) (core_circuit_breaker_state)", "{{target_service}}"),))
    assert list(listed) == ["oracle", "synapse", "vision", "weaver"]
    assert of_series((Query("max by (stream) (core_dlq_depth)", "{{stream}}"),)) == {}


def test_the_waiting_are_those_without_a_source() -> None:
    """A panel that no stack shows has a metric that nobody exposes yet."""
    shown = {
        panel["title"]
        for stack in STACKS
        for document in documents(*stack).values()
        for panel in panels(document)
    }
    absent = [panel for board in BOARDS for panel in board.panels if panel.title.text not in shown]
    assert len(absent) > 5
    for panel in absent:
        names = {name for query in panel.queries for name in re.findall(r"[a-z_]{8,}", query.expr)}
        families = {re.sub("_(bucket|count|sum)$", "", name) for name in names} & set(metrics())
        assert any(metrics()[name].needed_by or name.startswith("canvas_") for name in families) or (
            "public-probe" in panel.queries[0].expr
        )


def test_a_mood_has_one_colour() -> None:
    """Good, warning, bad and neither are four."""
    assert len(set(MOODS.values())) == 4
    assert replace(BOARDS[0].panels[0], width=3).width == 3
