"""What is recorded of the objectives, from raw counters, on promtool; and what their table refuses."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from rules.promtool import Rule, failure, input_series, mutants

from config.metrics import carrying
from config.settings import load
from model.plan import build_plan
from model.rules import rule_groups
from model.rules.slo import SECONDS

API = "core-api-availability"
MINUTE, HOUR = 60, 3600
OF_API = f'{{slo="{API}",job="axiom-core",service="core",kind="availability",sla_tier="1"}}'
REQUESTS = 'api_requests_total{job="axiom-core",status="200",pod="%s"}'
ERRORS = 'api_requests_total{job="axiom-core",status="500",pod="%s"}'


@pytest.fixture(scope="module")
def rules() -> Sequence[Rule]:
    """Of prod: the recordings of the API's availability and agreement, what follows, and its alerts."""
    files = build_plan(load({}, stack="prod")).observability.files
    groups = [
        yaml.safe_load(files[f"prometheus/rules/{name}.yml"])["groups"][0] for name in ("slo", "slo-budget")
    ]
    every = [rule for group in groups for rule in group["rules"]]
    return [rule for rule in every if rule.get("labels", {}).get("slo", API) in {API, "core-api-sla"}]


Check = Callable[[Mapping[str, str], int, int, Mapping[str, float]], str]


@pytest.fixture
def check(rules: Sequence[Rule], tmp_path: Path) -> Check:
    """Runs series up to an instant and compares what is recorded there."""

    def run(series: Mapping[str, str], at: int, scrape: int, expected: Mapping[str, float]) -> str:
        return failure(rules, [recorded(series, at, scrape, expected)], tmp_path, scrape)

    return run


def recorded(
    series: Mapping[str, str], at: int, scrape: int, expected: Mapping[str, float]
) -> dict[str, Any]:
    """A unit test of promtool: each expression has this one value, to a part in a thousand."""
    checks = [
        {
            "expr": f"round({expr}, 0.001)",
            "eval_time": f"{at}s",
            "exp_samples": [{"labels": "{}", "value": value}],
        }
        for expr, value in expected.items()
    ]
    held = input_series(series, at, scrape)
    return {"interval": f"{scrape}s", "input_series": held, "promql_expr_test": checks}


def of(name: str, slo: str = API) -> str:
    """A recorded series without its labels."""
    return f'sum({name}{{slo="{slo}"}})'


@pytest.mark.tools
def test_a_burn_rate_is_the_share_of_bad_requests_over_the_budget(check: Check) -> None:
    """2% errors over two pods, one of which starts anew: twenty times the budget of 0.1%."""
    series = {
        REQUESTS % "a": "0+98x60 0+98x60",
        REQUESTS % "b": "0+98x120",
        ERRORS % "a": "0+2x60 0+2x60",
        ERRORS % "b": "0+2x120",
    }
    expected = {of("slo:sli_error:ratio_rate5m"): 0.02, of("slo:burn_rate:ratio_rate1h"): 20}
    assert check(series, 118 * MINUTE, MINUTE, expected) == ""
    assert check(series, 118 * MINUTE, MINUTE, {of("slo:burn_rate:ratio_rate1h"): 21})


@pytest.mark.tools
def test_no_error_yet_is_a_share_of_zero_and_no_request_is_none(check: Check) -> None:
    """A service without a failure meets its objective; one without a request says nothing."""
    expected = {
        of("slo:sli_error:ratio_rate5m"): 0,
        of("slo:period_error_budget_remaining:ratio"): 1,
        of("slo:error_rate_over_ceiling:bool"): 0,
    }
    assert check({REQUESTS % "a": "0+10x90"}, 90 * MINUTE, MINUTE, expected) == ""
    nothing = {
        f"count({name}) or vector(-1)": -1.0
        for name in ("slo:sli_error:ratio_rate5m", "slo:burn_rate:ratio_rate1h")
    }
    assert check({REQUESTS % "a": "7x90"}, 90 * MINUTE, MINUTE, nothing) == ""


@pytest.mark.tools
def test_a_request_weighs_the_same_at_night(check: Check) -> None:
    """Half an hour of failures among one request a minute is nothing beside a day of a hundred."""
    series = {REQUESTS % "a": "0+100x1440 144000+0x30 144000+100x30", ERRORS % "a": "0x1440 0+1x30 30x30"}
    # 30 of 141,030 in the last day; the mean of each minute's share would burn 20 times the budget.
    assert (
        check(series, 1499 * MINUTE, MINUTE, {f"round({of('slo:burn_rate:ratio_rate1d')}, 0.1)": 0.2}) == ""
    )


@pytest.mark.tools
@pytest.mark.parametrize(("bad", "left", "spent"), [(0.05, 0.5, 0), (0.2, -1, 1)])
def test_what_is_left_of_a_month(
    rules: Sequence[Rule], bad: float, left: float, spent: float, tmp_path: Path
) -> None:
    """0.05% of failures over 30 days are half of a budget of 0.1%; 0.2% are all of it and as much again."""
    # Promtool loads no more than 10,000 samples: an hour between those that are recorded.
    given = {"slo:requests:rate5m": 100.0, "slo:bad_requests:rate5m": bad}
    labels = (OF_API, OF_API.replace(API, "core-api-sla").replace("availability", "sla"))
    series = {f"{name}{of_slo}": str(value) for name, value in given.items() for of_slo in labels}
    expected = {
        of("slo:period_error_budget_remaining:ratio"): left,
        of("slo:error_budget_spent:bool"): spent,
        of("slo:objective_met:bool"): 1 - spent,
        of("sla:availability:ratio", "core-api-sla"): round(1 - bad / 100, 3),
        of("sla:compliance:bool", "core-api-sla"): 1 - spent,
    }
    derived = [rule for rule in rules if rule.get("record") not in given]
    test = recorded(series, 31 * 24 * HOUR, HOUR, expected)
    assert failure(derived, [test], tmp_path, HOUR) == ""


@pytest.mark.tools
@pytest.mark.parametrize(("minutes", "fires"), [(60, True), (68, False)])
def test_a_page_ends_when_it_is_over(
    rules: Sequence[Rule], minutes: int, fires: bool, tmp_path: Path
) -> None:
    """Two hours well, one at 2% errors; eight minutes later the hour is still bad and the page is gone."""
    series = {REQUESTS % "a": "0+100x120 12098+98x59 17980+100x60", ERRORS % "a": "0x120 2+2x59 120x60"}
    paging = f'ALERTS{{alertname="ErrorBudgetBurnFast",alertstate="firing",severity="critical",slo="{API}"}}'
    expected = {
        f"count({paging}) or vector(0)": float(fires),
        f"{of('slo:burn_rate:ratio_rate1h')} > bool 14.4": 1.0,
    }
    test = recorded(series, (120 + minutes) * MINUTE, MINUTE, expected)
    assert failure(rules, [test], tmp_path, MINUTE) == ""


@pytest.mark.tools
@pytest.mark.parametrize(("errors", "fires"), [("0 1x20", 0), ("0 9+9x20", 1)])
def test_one_failure_of_a_new_stack_is_no_burn(
    rules: Sequence[Rule], errors: str, fires: int, tmp_path: Path
) -> None:
    """In its first minute, of ten requests, it is a large share; nine a minute are a burn."""
    series = {REQUESTS % "a": "0 10+10x20", ERRORS % "a": errors}
    firing = f'count(ALERTS{{alertname="%s",alertstate="firing",slo="{API}"}}) or vector(0)'
    tests = [
        recorded(series, at * MINUTE, MINUTE, {firing % name: float(fires)})
        for name, at in (("ErrorBudgetBurnFast", 4), ("ErrorBudgetSpent", 20))
    ]
    large = {f"{of('slo:burn_rate:ratio_rate1h')} > bool 14.4": 1.0}
    tests.append(recorded(series, 4 * MINUTE, MINUTE, large))
    assert failure(rules, tests, tmp_path, MINUTE) == ""


def test_failures_are_counted_by_the_interval_that_records_them() -> None:
    """A sample stands for as many seconds as lie between two."""
    interval = rule_groups(load({}, stack="prod"), carrying("up"))["slo"].interval
    assert interval == f"{SECONDS // 60}m"


@pytest.mark.tools
def test_a_series_that_is_gone_warns_before_a_tenth_of_the_budget(
    rules: Sequence[Rule], tmp_path: Path
) -> None:
    """4 minutes for 99.9%: a tenth of 43. What never was is not missed."""
    name = "SLOWithoutData"
    (rule,) = (found for found in rules if found.get("alert") == name and API in found["expr"])
    assert rule["for"] == "4m"
    labels = {"slo": API, "job": "axiom-core", "service": "core", "kind": "availability", "sla_tier": "1"}
    said = {**labels, "severity": "warning", "team": "axiom-platform"}
    texts = rule["annotations"] | {
        "summary": f"{API} SLO 지표 없음",
        "description": f"api_requests_total is gone; the budget of {API} is not watched.",
        "logs_url": rule["annotations"]["logs_url"].replace("{{ $labels.service }}", "core"),
    }
    series = [{"series": f"slo:requests:rate5m{OF_API}", "values": "1x60 stale"}]
    checks = [
        {"eval_time": "63m", "alertname": name},
        {
            "eval_time": "66m",
            "alertname": name,
            "exp_alerts": [{"exp_labels": said, "exp_annotations": texts}],
        },
    ]
    gone = {"interval": "1m", "input_series": series, "alert_rule_test": checks}
    never = {
        "interval": "1m",
        "input_series": [],
        "alert_rule_test": [{"eval_time": "66m", "alertname": name}],
    }
    there = {
        **gone,
        "input_series": [{**series[0], "values": "1x90"}],
        "alert_rule_test": never["alert_rule_test"],
    }
    assert failure([rule], [gone, never, there], tmp_path, MINUTE) == ""
    assert [
        what
        for what, mutant in mutants(rule)
        if not failure([mutant], [gone, never, there], tmp_path, MINUTE)
    ] == []


@pytest.mark.tools
def test_a_changed_recording_is_noticed(rules: Sequence[Rule], tmp_path: Path) -> None:
    """Each guard and each comparison of what is recorded is held by the series above."""
    busy = {REQUESTS % "a": "0+9985x90", ERRORS % "a": "0+15x90"}
    # A request a second fails of a thousand: figures that a computer has to the last digit.
    spent = {REQUESTS % "a": "0+59940x90", ERRORS % "a": "0+60x90"}
    fine = {REQUESTS % "a": "0+10x90"}
    names = {
        "slo:sli_error:ratio_rate5m": (0.002, 0.001, 0),
        "slo:burn_rate:ratio_rate1h": (1.5, 1, 0),
        "slo:error_rate_over_ceiling:bool": (1, 0, 0),
        "slo:error_budget_spent:bool": (1, 1, 0),
        "slo:objective_met:bool": (0, 1, 1),
    }
    silent = {f"count({name}) or vector(-1)": -1.0 for name in names if name != "slo:error_budget_spent:bool"}
    tests = [
        *(
            recorded(series, 90 * MINUTE, MINUTE, {of(name): values[at] for name, values in names.items()})
            for at, series in enumerate((busy, spent, fine))
        ),
        recorded({REQUESTS % "a": "5x90"}, 90 * MINUTE, MINUTE, silent),
    ]
    recordings = [rule for rule in rules if "record" in rule]
    assert failure(recordings, tests, tmp_path, MINUTE) == ""
    survivors = []
    for number, rule in enumerate(recordings):
        if rule.get("record") in names:
            for what, mutant in mutants(rule):
                changed = [*recordings[:number], mutant, *recordings[number + 1 :]]
                if not failure(changed, tests, tmp_path, MINUTE):
                    survivors.append((rule["record"], what))
    assert survivors == [
        # A budget is a constant above zero: what keeps it there changes nothing.
        ("slo:burn_rate:ratio_rate1h", "> 0 as >="),
        ("slo:burn_rate:ratio_rate1h", "> 0 to -1"),
        # 1 - 0.999 is to a computer a hair (9e-19) above a thousandth: no requests have just that share.
        ("slo:objective_met:bool", "<= as <"),
    ]
