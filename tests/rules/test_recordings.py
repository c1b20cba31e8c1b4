"""What is recorded beside the objectives, from raw counters; each change of it is noticed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from rules.promtool import Rule, failure, input_series, mutants

from config.settings import load
from model.plan import build_plan

pytestmark = pytest.mark.tools
RATIO = "job:api_requests:error_ratio_rate5m"
TOKENS = "cluster:core_llm_tokens:increase1d"
OK, FAILED = (f'api_requests_total{{job="axiom-core",status="{status}"}}' for status in (200, 500))
# Often enough for rules that read each other.
EVALUATED = 240
REFRESHED = "vision_mv_refresh_duration_seconds"
MV = {
    "count": "mv_name:vision_mv_refreshes:increase2h",
    "sum": "mv_name:vision_mv_refresh_seconds:increase2h",
    "bucket": "mv_name:vision_mv_refreshes_in_300s:increase2h",
}
SERIES = {
    "count": f"{REFRESHED}_count",
    "sum": f"{REFRESHED}_sum",
    "bucket": f'{REFRESHED}_bucket{{le="300.0"}}',
}
# Of a series that was there before, what it grew; of one that has begun since, all of it.
OLD_AND_NEW = (("5x600 7x360", 2), ("_x700 3x260", 3))
# Series and what is recorded of them after four hours; -1 stands for nothing.
CASES: Sequence[tuple[Mapping[str, str], str, float]] = [
    ({OK: "0+9", FAILED: "0+1"}, f"sum({RATIO})", 0.1),
    ({OK: "0+0.9", FAILED: "0+0.1"}, f"sum({RATIO})", 0.1),
    ({OK: "0+9"}, f"sum({RATIO})", 0),
    ({OK: "9"}, f"count({RATIO}) or vector(-1)", -1),
    ({}, f"count({RATIO}) or vector(-1)", -1),
    (
        {'core_llm_tokens_total{model="a"}': "0+10", 'core_llm_tokens_total{model="b"}': "5000+10"},
        f"round(sum({TOKENS}), 100)",
        19200,
    ),
    *(
        ({SERIES[kind]: values}, f"round(sum({recorded}))", of_them)
        for kind, recorded in MV.items()
        for values, of_them in OLD_AND_NEW
    ),
]


@pytest.fixture(scope="module")
def rules() -> Sequence[Rule]:
    """Of prod, but those of the objectives."""
    files = build_plan(load({}, stack="prod")).observability.files
    texts = [text for path, text in files.items() if "/rules/" in path and "/slo" not in path]
    every = [rule for text in texts for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    return [rule for rule in every if "record" in rule]


def unit_tests() -> list[Rule]:
    """Each case as promtool reads it."""
    return [
        {
            "interval": "15s",
            "input_series": input_series(series, 14400),
            "promql_expr_test": [
                {
                    "expr": f"round({expr}, 0.001)",
                    "eval_time": "4h",
                    "exp_samples": [{"labels": "{}", "value": value}],
                }
            ],
        }
        for series, expr, value in CASES
    ]


def test_what_is_recorded(rules: Sequence[Rule], tmp_path: Path) -> None:
    """No failure yet is a share of zero, no traffic none; tokens are of all models, first refreshes count."""
    assert failure(rules, unit_tests(), tmp_path, EVALUATED) == ""


def test_a_changed_recording_is_noticed(rules: Sequence[Rule], tmp_path: Path) -> None:
    """Each guard and each divisor."""
    tried = [(rule, what, mutant) for rule in rules for what, mutant in mutants(rule)]
    assert {rule["record"] for rule, _, _ in tried} == {RATIO, *MV.values()}
    for rule, what, mutant in tried:
        changed = [mutant if found is rule else found for found in rules]
        assert failure(changed, unit_tests(), tmp_path, EVALUATED), (rule["record"], what)
