"""Each row of `cases/`, on promtool; and each change of a rule that its rows must notice.

A row is named after its alert: series at which it `fires`; some just below, and some at the very `boundary`,
at which it is silent; each held for `at` seconds (40 minutes) with a sample every 15, or `every` so many.
Without any data it is silent, or fires as well where the row says `without_data: fires`. `says` and
`describes` are the texts as people read them, where the rule's own hold templates; `labels` are those that
the expression keeps.
Half of its wait after the start it is pending; `waits` says when it is, where a window must fill first. Where
rules share a name, `which` says what the meant one holds; a second word tells the rows apart. `equivalent`
lists mutants that nothing real can tell from the rule, and why.

A series is `value`, held, or `value+step` with a step for each sample. `rate` and `increase` extrapolate: for
a window take `every` so that few samples fill it, as DLQGrowing does (`every: 180` makes a quarter of an hour
five samples, whose four steps count for five: a limit of 10 has its boundary at `0+2`).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from real_server import ENVIRONMENTS
from rules.promtool import SCRAPE, Rule, failure, input_series, mutants

from config.data import alert_files
from config.settings import load
from model.plan import build_plan
from model.rules import rule_groups
from model.rules.groups import recorded_labels
from model.rules.lint import Known, findings
from model.rules.promql import parsed
from model.rules.shapes import AlertRule

pytestmark = pytest.mark.tools
HERE = Path(__file__).parent
ROWS: Mapping[str, Mapping[str, Any]] = {
    f"tests/rules/cases/{file.name}": yaml.safe_load(file.read_text())
    for file in sorted((HERE / "cases").glob("*.yaml"))
}
CASES: Mapping[str, Mapping[str, Any]] = {name: case for rows in ROWS.values() for name, case in rows.items()}
FILES = {name: file for file, rows in ROWS.items() for name in rows}
ALERTS = sorted({name.split()[0] for name in CASES})
DAY = 86400
MINUTES = {"s": 1, "m": 60, "h": 3600}


@cache
def alerts_of(environment: str, tier: str) -> list[Rule]:
    """The alerts of a stack, as Prometheus reads them."""
    raw = {"tier": tier, "neo4j": {"acceptLicense": True}, "ingress": {"host": "axiom.example.com"}}
    files = build_plan(load(raw, stack=environment)).observability.files
    texts = (text for path, text in files.items() if "/rules/" in path)
    groups = (group for text in texts for group in yaml.safe_load(text)["groups"])
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


@pytest.fixture(scope="module")
def rules() -> Mapping[str, list[Rule]]:
    """By tier, the alerts of dev."""
    return {tier: alerts_of("dev", tier) for tier in ("current", "1year")}


def meant(name: str, rules: Mapping[str, list[Rule]]) -> Rule:
    """The rule of a row."""
    case = CASES[name]
    found = [
        rule for rule in rules[case.get("tier", "current")] if rule["alert"] == name.split(maxsplit=1)[0]
    ]
    meant_ones = [
        rule for rule in found if all(text in yaml.safe_dump(rule) for text in case.get("which", ()))
    ]
    assert len(meant_ones) == 1, f"{name} of tests/rules/cases names {len(meant_ones)} alerts, not one"
    return meant_ones[0]


def seconds(wait: str) -> int:
    """Of a duration with one unit."""
    return int(wait[:-1]) * MINUTES[wait[-1]]


def listed(values: Any) -> list[Mapping[str, str]]:
    """One set of series, or several."""
    return values if isinstance(values, list) else [values]


def alert(rule: Rule, case: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent: the rule's own texts are those without a template."""
    texts = dict(rule["annotations"])
    for annotation, said in (("summary", "says"), ("description", "describes")):
        if "{{" in texts[annotation]:
            texts[annotation] = case[said]
    said = {name: value for name, value in rule["labels"].items() if "{{" not in value}
    return {"exp_labels": {**case.get("labels", {}), **said}, "exp_annotations": texts}


def unit_tests(rule: Rule, case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """It fires, once its wait is over; it is silent just below, at its boundary and without data."""
    at, name = case.get("at", 2400), rule["alert"]
    waits = case.get("waits", seconds(rule.get("for", "0s")) // 2)
    fires = [
        *([{"eval_time": f"{waits}s", "alertname": name}] if waits else []),
        {"eval_time": f"{at}s", "alertname": name, "exp_alerts": [alert(rule, case)]},
    ]
    silent = [{"eval_time": f"{at}s", "alertname": name}]
    absent = fires[-1:] if case.get("without_data") == "fires" else silent
    quiet = ((values, silent) for key in ("silent", "boundary") for values in listed(case.get(key, [])))
    held = [(case["fires"], fires), *quiet, ({}, absent)]
    every = case.get("every", SCRAPE)
    return [
        {
            "interval": f"{every}s",
            "input_series": input_series(values, at, every),
            "alert_rule_test": checks,
        }
        for values, checks in held
    ]


def objection(found: Rule, rule: Rule, case: Mapping[str, Any], folder: Path) -> str:
    """What a row of a rule has against this one, evaluated as often as there are samples."""
    return failure([found], unit_tests(rule, case), folder, case.get("every", SCRAPE))


def unknown(series: str) -> list[str]:
    """What the catalogue says against the name of a series or its labels."""
    return list(findings(parsed(f"last_over_time({series}[1h])"), Known(recorded_labels()), DAY))


@pytest.mark.parametrize("name", CASES)
def test_a_row_names_what_is_there(name: str) -> None:
    """One that is misspelt would fire at nothing, and be silent for the wrong reason."""
    case = CASES[name]
    held = [values for key in ("fires", "silent", "boundary") for values in listed(case.get(key, []))]
    problems = [problem for values in held for series in values for problem in unknown(series)]
    assert problems == [], FILES[name]


@pytest.mark.parametrize(
    "series", ["redis_upp", 'redis_up{instanse="r"}', 'job:api_requests:rate5m{jop="a"}', 'up{job="other"}']
)
def test_what_is_misspelt_in_a_row_is_told(series: str) -> None:
    assert unknown(series) != []


@pytest.mark.parametrize("name", CASES)
def test_it_fires_and_stays_silent(name: str, rules: Mapping[str, list[Rule]], tmp_path: Path) -> None:
    """With exactly these labels and texts."""
    rule = meant(name, rules)
    if said := objection(rule, rule, CASES[name], tmp_path):
        remedy = "the rule has changed, or the row: its series are those between which the alert begins"
        pytest.fail(f"{name} of {FILES[name]}: {remedy}\n{said}", pytrace=False)


@pytest.mark.parametrize("alert_name", ALERTS)
def test_a_changed_rule_is_noticed(alert_name: str, rules: Mapping[str, list[Rule]], tmp_path: Path) -> None:
    """No mutant passes the rows of its rule but those that say the same, each with its proof."""
    of_rule: dict[str, list[str]] = {}
    for name in CASES:
        if name.split()[0] == alert_name:
            of_rule.setdefault(yaml.safe_dump(meant(name, rules)), []).append(name)
    for text, names in of_rule.items():
        rule = yaml.safe_load(text)
        proven = {what: why for name in names for what, why in CASES[name].get("equivalent", {}).items()}
        passed = {
            what
            for what, mutant in mutants(rule)
            if not any(objection(mutant, rule, CASES[name], tmp_path) for name in names)
        }
        expressions = [mutant["expr"] for _, mutant in mutants(rule) if mutant["expr"] != rule["expr"]]
        assert len(set(expressions)) == len(expressions), "a mutant is tried twice, and another not at all"
        for what, _ in mutants(rule):
            seen = "NOT NOTICED" if what in passed else "noticed"
            print(f"| {names[0]} | {what} | {proven.get(what, seen)} |")
        if passed != set(proven):
            broken = [name for name in names if objection(rule, rule, CASES[name], tmp_path)]
            pytest.fail(remedy(names, broken, passed - set(proven), set(proven) - passed), pytrace=False)


def remedy(names: list[str], broken: list[str], unnoticed: set[str], noticed: set[str]) -> str:
    """What to do where rows and mutants do not fit."""
    if broken:
        return f"{', '.join(broken)}: the row fails on its own rule; mend that first"
    lines = [f"{', '.join(names)} of {FILES[names[0]]}"]
    if unnoticed:
        lines.append(
            f"pass every row: {', '.join(sorted(unnoticed))}. `… as >=`: a `boundary` at the limit tells;"
            " `… to N`: series nearer to it; `no wait`: a `waits` when the window is full and the wait not"
            " over; `no or (2)`: a row for the second guard. Or say under `equivalent` why nothing real can"
        )
    if noticed:
        lines.append(f"are under `equivalent` and noticed: {', '.join(sorted(noticed))}; strike them")
    return "\n".join(lines)


@pytest.mark.parametrize(("values", "fires"), [("1x160", True), ("1x130", False)])
def test_watchdog_fires_as_long_as_samples_are_fresh(values: str, fires: bool, tmp_path: Path) -> None:
    """And no longer than a minute after the last one, though it is still looked back at."""
    (rule,) = (
        rule
        for group in rule_groups(load({}, stack="prod"), {"redis"}).values()
        for rule in group.rules
        if isinstance(rule, AlertRule) and rule.alert == "Watchdog"
    )
    written = rule.model_dump(by_alias=True, exclude_none=True)
    expected = {"exp_labels": written["labels"], "exp_annotations": written["annotations"]}
    check = {"eval_time": "2145s", "alertname": "Watchdog", "exp_alerts": [expected] if fires else []}
    series = [{"series": 'up{job="redis"}', "values": values}]
    tests = [{"interval": f"{SCRAPE}s", "input_series": series, "alert_rule_test": [check]}]
    assert failure([written], tests, tmp_path) == ""
    constant = {**written, "expr": "vector(1)"}
    assert bool(failure([constant], tests, tmp_path)) != fires


@pytest.fixture(scope="module")
def rowed(rules: Mapping[str, list[Rule]]) -> set[tuple[str, str]]:
    """Alert and expression of each rule that has a row."""
    found = (meant(name, rules) for name in CASES)
    return {(rule["alert"], rule["expr"]) for rule in found}


@pytest.mark.parametrize("tier", ["current", "1year"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_alert_has_its_rows(environment: str, tier: str, rowed: set[tuple[str, str]]) -> None:
    """And with them its mutants, also where rules share a name.

    Of those that are generated for each job one has a row; two kinds have tests of their own.
    """
    apart = {"SLOWithoutData", "Watchdog"} | {"ServiceAbsent", "TargetAbsent"} & {name for name, _ in rowed}
    every = {(rule["alert"], rule["expr"]) for rule in alerts_of(environment, tier)}
    without = {name for name, _ in every - rowed} - apart
    groups = [group for group, text in alert_files().items() if any(f" {name}\n" in text for name in without)]
    assert without == set(), f"add a row for each to tests/rules/cases/, in {', '.join(groups)}.yaml"
