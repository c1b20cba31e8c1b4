"""Each row of the table of cases, on promtool; and each change of a rule that a row must notice."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from real_server import tool

from config.settings import load
from model.plan import build_plan
from model.rules import rule_groups
from model.rules.shapes import AlertRule

pytestmark = pytest.mark.tools
CASES: Mapping[str, Mapping[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())
SCRAPE = 15
MINUTES = {"s": 1, "m": 60, "h": 3600}
FLIPPED = {">": "<", "<": ">", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}
Rule = Mapping[str, Any]


@pytest.fixture(scope="module")
def rules() -> Mapping[str, Mapping[str, Rule]]:
    """By tier, the rules of dev by their name, as Prometheus reads them."""
    found = {}
    for tier in ("current", "1year"):
        raw = {"tier": tier, "neo4j": {"acceptLicense": True}, "ingress": {"host": "axiom.example.com"}}
        plan = build_plan(load(raw, stack="dev"))
        files = (text for path, text in plan.observability.files.items() if "/rules/" in path)
        groups = (group for text in files for group in yaml.safe_load(text)["groups"])
        found[tier] = {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}
    return found


def seconds(wait: str) -> int:
    """Of a duration with one unit."""
    return int(wait[:-1]) * MINUTES[wait[-1]]


def input_series(values: Mapping[str, str], at: int) -> list[dict[str, str]]:
    """Each held, or growing, until then."""
    count = at // SCRAPE
    return [
        {"series": name, "values": f"{value}x{count}" if "+" in value else f"{value}+0x{count}"}
        for name, value in values.items()
    ]


def alert(rule: Rule, case: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent: the rule's own texts are those without a template."""
    texts = dict(rule["annotations"])
    for annotation, said in (("summary", "says"), ("description", "describes")):
        if "{{" in texts[annotation]:
            texts[annotation] = case[said]
    said = {name: value for name, value in rule["labels"].items() if "{{" not in value}
    return {"exp_labels": {**case.get("labels", {}), **said}, "exp_annotations": texts}


def unit_tests(rule: Rule, case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """It fires, but not before its wait is over; it is silent just below and without data."""
    at, name = case.get("at", 2400), rule["alert"]
    waits = case.get("waits", seconds(rule["for"]) // 2)
    fires = [
        {"eval_time": f"{waits}s", "alertname": name},
        {"eval_time": f"{at}s", "alertname": name, "exp_alerts": [alert(rule, case)]},
    ]
    silent = [{"eval_time": f"{at}s", "alertname": name}]
    below = case["silent"] if isinstance(case["silent"], list) else [case["silent"]]
    held = [(case["fires"], fires), *((values, silent) for values in (*below, case.get("boundary", {})))]
    return [
        {"interval": f"{SCRAPE}s", "input_series": input_series(values, at), "alert_rule_test": checks}
        for values, checks in held
    ]


def failure(changed: Rule, tests: list[dict[str, Any]], folder: Path) -> str:
    """What promtool says of a rule on these tests; nothing where all pass."""
    rule_file = {"groups": [{"name": "planted", "rules": [changed]}]}
    (folder / "rules.yml").write_text(yaml.safe_dump(rule_file, allow_unicode=True))
    document = {"rule_files": ["rules.yml"], "evaluation_interval": f"{SCRAPE}s", "tests": tests}
    (folder / "test.yml").write_text(yaml.safe_dump(document, allow_unicode=True))
    command = (tool("promtool"), "test", "rules", "test.yml")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The wait left out, each comparison turned round, each threshold moved both ways."""
    if "for" in rule:
        yield "no wait", {key: value for key, value in rule.items() if key != "for"}
    expr = rule["expr"]
    for found in re.finditer(r"(?<=\s)(>=|<=|==|!=|>|<)(?:\s+([\d.e]+))?(?=[\s)]|$)", expr):
        turned = f"{expr[: found.start()]}{FLIPPED[found[1]]}{expr[found.end(1) :]}"
        yield f"{found[0]} turned", {**rule, "expr": turned}
        if found[2]:
            value = float(found[2])
            for moved in (value * 1.5, value / 1.5) if value else (1, -1):
                text = f"{expr[: found.start(2)]}{moved!r}{expr[found.end(2) :]}"
                yield f"{found[0]} to {moved:g}", {**rule, "expr": text}


@pytest.mark.parametrize("name", CASES)
def test_it_fires_and_stays_silent(
    name: str, rules: Mapping[str, Mapping[str, Rule]], tmp_path: Path
) -> None:
    """With exactly these labels and texts."""
    case = CASES[name]
    rule = rules[case.get("tier", "current")][name]
    assert failure(rule, unit_tests(rule, case), tmp_path) == ""


@pytest.mark.parametrize("name", CASES)
def test_a_changed_rule_is_noticed(
    name: str, rules: Mapping[str, Mapping[str, Rule]], tmp_path: Path
) -> None:
    """No mutant passes the tests of the rule but those that say the same, each with its proof."""
    case = CASES[name]
    rule = rules[case.get("tier", "current")][name]
    tests = unit_tests(rule, case)
    passed = {what for what, mutant in mutants(rule) if not failure(mutant, tests, tmp_path)}
    assert passed == set(case.get("equivalent", {}))


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
    assert failure(written, tests, tmp_path) == ""
    constant = {**written, "expr": "vector(1)"}
    assert bool(failure(constant, tests, tmp_path)) != fires


def test_a_target_that_is_gone_is_missed(rules: Mapping[str, Mapping[str, Rule]], tmp_path: Path) -> None:
    """One alert a job, generated: it fires without the job's series and is silent with one."""
    rule = rules["current"]["TargetAbsent"]
    job = re.search(r'job="([^"]+)"', rule["expr"]).group(1)  # type: ignore[union-attr]
    case = {"fires": {'up{job="other"}': "1"}, "silent": {f'up{{job="{job}"}}': "0"}, "labels": {"job": job}}
    tests = unit_tests(rule, case)[:2]
    assert failure(rule, tests, tmp_path) == ""
    assert failure({**rule, "expr": 'absent(up{job="other"})'}, tests, tmp_path)
