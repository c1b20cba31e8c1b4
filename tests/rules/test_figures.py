"""A limit stands once; what texts say of an alert are its figures."""

import pytest

from model.rules.figures import figure_findings
from model.rules.placeholders import number, with_limit
from model.rules.shapes import AlertRule


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("1000", "1000"),
        ("5%", "0.05"),
        ("80%", "0.8"),
        ("15 s", "15"),
        ("2.5 s", "2.5"),
        ("15 GB", "15000000000"),
        ("2 minutes", "120"),
        ("14 days", "1209600"),
        ("1 hour", "3600"),
    ],
)
def test_a_limit_is_a_number_of_base_units(limit: str, value: str) -> None:
    """As PromQL compares with it: no exponent, no superfluous zero."""
    assert number(limit) == value


@pytest.mark.parametrize("limit", ["", "many", "-3", "5 %%", "15 TB", "1e3", "None"])
def test_what_is_no_limit_is_refused(limit: str) -> None:
    """With the units that there are."""
    with pytest.raises(ValueError, match="is no limit: write a number alone, or with %, GB, s, minutes"):
        number(limit)


def test_a_limit_stands_where_the_rule_says_so() -> None:
    """In the expression as a number, in its texts as people wrote it, and nowhere else."""
    rule = {
        "alert": "A",
        "limit": "5%",
        "expr": "a > <<limit>>",
        "annotations": {"summary": "over <<limit>>"},
    }
    assert with_limit(rule) == {"alert": "A", "expr": "a > 0.05", "annotations": {"summary": "over 5%"}}


def test_a_limit_that_compares_nothing_is_refused() -> None:
    """The threshold would stand somewhere else."""
    with pytest.raises(ValueError, match="does not use its limit: compare with <<limit>>"):
        with_limit({"alert": "A", "limit": "5%", "expr": "a > 0.05"})


def alert(
    description: str, expr: str = "rate(redis_evicted_keys_total[5m]) > 0.8", summary: str = ""
) -> AlertRule:
    """One whose wait is ten minutes."""
    return AlertRule.model_validate(
        {
            "alert": "Planted",
            "expr": expr,
            "for": "10m",
            "labels": {"severity": "info", "service": "redis"},
            "annotations": {"summary": summary, "description": description, "action": "a"},
        }
    )


@pytest.mark.parametrize(
    "description",
    [
        "More than 80% of it.",
        "For ten minutes, over five minutes.",
        "Over 300 s.",
        "The 95th percentile, p99, Neo4j.",
        "One of two pods.",
        '{{ printf "%.3f" $value }} of it.',
    ],
)
def test_a_figure_of_the_rule_may_be_said(description: str) -> None:
    """Numbers, shares as percent, ranges and wait in whatever unit; names and templates are no figures."""
    assert list(figure_findings(alert(description))) == []


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("More than 70% of it.", "description says 70%"),
        ("For 15 minutes.", "description says 15 minute"),
        ("For three hours.", "description says three hour"),
        ("More than 1000 keys.", "description says 1000"),
    ],
)
def test_a_figure_that_was_left_behind_is_found(description: str, said: str) -> None:
    """With those that the rule has, and the remedy."""
    (problem,) = figure_findings(alert(description))
    assert said in problem
    assert "(0.8, 300 s, for 10m); give the alert a `limit`" in problem


def test_a_subquery_and_a_recorded_name_have_figures() -> None:
    """And the summary is read too."""
    expr = "changes((redis_up > bool 0)[15m:10s]) > 4 and on () cluster:core_llm_tokens:increase1d > 1"
    assert list(figure_findings(alert("In 15 minutes, in 24 hours.", expr))) == []
    assert list(figure_findings(alert("", expr, summary="6시간 정지")))
