"""Which objectives a stack can measure, and what their budgets come to."""

import pytest

from config.files import DataError
from config.metrics import carrying, metrics
from config.settings import load
from config.slos import slos
from model.rules import slo as slo_rules
from model.rules.groups import rule_groups
from model.rules.stack import measured
from model.slos import objectives

API = "core-api-availability"


def test_every_row_has_its_series_and_those_to_come_have_no_rules() -> None:
    """All of the twelve are measured or wait for a metric that the catalogue asks of a service."""
    rows = slos().objectives
    assert len(rows) == 12
    found = {objective.slo for objective in measured(load({}, stack="prod"), carrying("up"))}
    for objective in objectives():
        metric = metrics()[objective.metric]
        there = metric.needed_by is None and carrying(objective.metric)
        assert (objective.slo in found) == bool(there), objective.slo
    assert {"core-api-availability", "core-worker-p95", "oracle-sla", "weaver-cross-db-query-p99"} <= found


def test_a_metric_that_a_service_adds_makes_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a change of any other file."""
    adapted = metrics()["core_worker_runs_total"].model_copy(update={"needed_by": None})
    jobs = carrying("up")

    def records() -> set[str]:
        groups = rule_groups(load({}, stack="prod"), jobs)
        return {rule.labels.get("slo", "") for rule in groups["slo"].rules if hasattr(rule, "record")}

    assert "core-worker-availability" not in records()
    monkeypatch.setitem(metrics(), "core_worker_runs_total", adapted)  # type: ignore[arg-type]
    assert {"core-worker-availability", "core-worker-sla"} <= records()


def test_budgets_are_computed_from_the_window() -> None:
    """99.9%, 99.5% and 99.0% of 30 days: 43.2 minutes, 3.6 and 7.2 hours."""
    found = {objective.slo: objective.budget_minutes for objective in objectives()}
    assert found["core-api-sla"] == pytest.approx(43.2)
    assert found["oracle-sla"] == pytest.approx(3.6 * 60)
    assert found["synapse-sla"] == pytest.approx(7.2 * 60)


def test_an_agreement_that_an_objective_already_watches_has_no_budget_of_its_own() -> None:
    """Core's: the same requests, the same share. One alert, not two."""
    budgeted = {objective.slo for objective in objectives() if objective.budgeted}
    assert API in budgeted
    assert "core-api-sla" not in budgeted
    assert {"oracle-sla", "core-worker-sla", "canvas-sla"} - budgeted == {"canvas-sla"}
    assert not any(slo.endswith("-p50") for slo in budgeted)


def test_a_budget_that_no_alert_could_spend_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """14.4 times 10% is more than every request."""
    row = slos().objectives[0].model_copy(update={"availability": 0.9})
    planted = slos().model_copy(update={"objectives": (row,)})
    monkeypatch.setattr("model.slos.slos", lambda: planted)
    with pytest.raises(DataError, match=r"core-api-availability: 14\.4 times its budget of 10%"):
        list(slo_rules.short_rules(objectives()))
