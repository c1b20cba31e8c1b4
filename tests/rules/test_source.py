"""The source's sixteen expressions and ours on the same series: where they differ is why ours do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from rules.promtool import Rule, failure, input_series

from config.settings import load
from model.plan import build_plan

ROWS: Sequence[Mapping[str, Any]] = yaml.safe_load((Path(__file__).parent / "source.yaml").read_text())
PAGE = Path("docs/decisions/0018-source-expressions.md")
SIXTEEN = 16


@pytest.fixture(scope="module")
def rules() -> Sequence[Rule]:
    """Every rule of prod but those of the objectives."""
    files = build_plan(load({}, stack="prod")).observability.files
    texts = [text for path, text in files.items() if "/rules/" in path and "/slo" not in path]
    return [rule for text in texts for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def counts(row: Mapping[str, Any], name: str, fires: int) -> list[dict[str, Any]]:
    """A unit test of promtool: so many alerts of a name fire."""
    at = row.get("at", 2400)
    check = {
        "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
        "eval_time": f"{at}s",
        "exp_samples": [{"labels": "{}", "value": fires}],
    }
    series = input_series(row["series"], at)
    return [{"interval": "15s", "input_series": series, "promql_expr_test": [check]}]


@pytest.mark.tools
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['alert']}: {row['when']}")
def test_both_say_what_the_table_says(row: Mapping[str, Any], rules: Sequence[Rule], tmp_path: Path) -> None:
    """As it was written, and as it stands."""
    wait = {"for": row["for"]} if "for" in row else {}
    written = {"alert": row["alert"], "expr": row["expr"], **wait}
    assert failure([written], counts(row, row["alert"], row["source"]), tmp_path) == ""
    name = row.get("by", row["alert"])
    # Those of a day are recorded by a rule of their own.
    needed = [rule for rule in rules if rule.get("alert") == name or "record" in rule]
    assert failure(needed, counts(row, name, row["ours"]), tmp_path) == ""


def test_each_of_the_sixteen_is_compared() -> None:
    """And with series on which they differ, unless the expression stands as it was."""
    assert len({row["alert"] for row in ROWS}) == SIXTEEN
    same = {row["alert"] for row in ROWS} - {row["alert"] for row in ROWS if row["source"] != row["ours"]}
    assert same == {"CriticalErrorRate", "LLMHighLatency", "DBPoolExhaustion", "Neo4jPoolHigh"}


def test_the_page_has_the_table() -> None:
    """What is shown is what is tried."""
    lines = [
        f"| {row['alert']} | {row['when']} | {said(row, 'source')} | {said(row, 'ours')} |" for row in ROWS
    ]
    assert "\n".join(lines) in PAGE.read_text(), "\n".join(lines)


def said(row: Mapping[str, Any], whose: str) -> str:
    """What a reader of the table sees."""
    fires = row[whose]
    by = f" ({row['by']})" if whose == "ours" and "by" in row else ""
    return "silent" if fires == 0 else "fires" + by if fires == 1 else f"fires {fires} times"


def test_severities_and_waits_are_the_sources(rules: Sequence[Rule]) -> None:
    """Cases take both from the rule, so that a slip of either would pass them."""
    sources = {row["alert"]: (row["severity"], row.get("for")) for row in ROWS}
    found = {
        rule["alert"]: (rule["labels"]["severity"], rule.get("for"))
        for rule in rules
        if rule.get("alert") in sources
    }
    assert found == sources
