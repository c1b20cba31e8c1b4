"""What is wrong with a panel is told when a stack is planned, with the panel and the remedy."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from dashboards.rendered import again

from config.files import DataError
from config.metrics import metrics
from model.dashboards import BOARDS, build
from model.dashboards.expressions import UnknownVariable, plain
from model.dashboards.grid import Place
from model.dashboards.limits import Thresholds
from model.dashboards.lint import ANNOTATION_BYTES, CONFIG_MAP_BYTES, grid_problems, problems, size_problem
from model.dashboards.words import Board, Limits, Panel, Query, Row, Title
from model.rules.groups import recorded_labels
from model.rules.lint import Known
from model.rules.shapes import AlertRule, RuleGroup

DATA = next(board for board in BOARDS if board.name.uid == "axiom-data")
PANEL = next(panel for panel in DATA.panels if panel.title.english == "Events that wait")


def found(**changes: Any) -> list[str]:
    """What is said of a dashboard with this one panel."""
    return problems(board_of(replace(PANEL, **changes)), recorded_labels())


def board_of(panel: Panel) -> Board:
    return replace(DATA, rows=(Row(None, (panel,)),))


def test_every_dashboard_passes() -> None:
    """With every panel, those that wait included."""
    assert [text for board in BOARDS for text in problems(board, recorded_labels())] == []


@pytest.mark.parametrize(
    ("expr", "legend", "said"),
    [
        ('max(core_outbox_waiting{job=~"$job"})', "all", "nobody exposes core_outbox_waiting"),
        (
            'sum(core_event_outbox_pending{job=~"$job"})',
            "all",
            "alike: sum counts it several times; take max",
        ),
        (
            "histogram_quantile(0.9,"
            ' sum(rate(core_redis_latency_seconds_bucket{job=~"$job"}[$__rate_interval])))',
            "all",
            "without le",
        ),
        ('max by (stream) (core_dlq_depth{job=~"$job"})', "{{group}}", "the legend names group"),
        ('sum(rate(api_requests_total{job=~"$job"}[5m]))', "all", "take $__rate_interval"),
        ("max(core_event_outbox_pending)", "all", "does not follow the variable job"),
        ('max(core_event_outbox_pending{job=~"$jobs"})', "all", "no variable $jobs"),
        ('max(core_event_outbox_pending{job=~"$job"}', "all", "no PromQL"),
        ('max(core_dlq_depth{job=~"$job",queue="a"})', "all", "has no label queue"),
        ('max(core_llm_tokens_total{job=~"$job"})', "all", "counts since its process began"),
    ],
)
def test_a_planted_query_is_refused(expr: str, legend: str, said: str) -> None:
    """By dashboard and panel."""
    told = found(queries=(Query(expr, legend),))
    assert any(said in text for text in told), told
    assert all(text.startswith("dashboard axiom-data: Events that wait: ") for text in told)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit": "parsecs"}, "Grafana knows no unit parsecs; units: bool_on_off"),
        ({"title": Title("Backlog", "Backlog")}, "no Korean title"),
        ({"title": Title("적체량", "적체량")}, "no English title"),
        ({"good": ""}, "says nothing"),
        ({"queries": ()}, "0 queries"),
        ({"lists": ("planted",)}, "the point planted"),
        ({"width": 30}, "30 columns wide; there are 24"),
    ],
)
def test_a_planted_panel_is_refused(changes: dict[str, Any], said: str) -> None:
    """Units, words, points of the list, widths."""
    told = found(**changes)
    assert any(said in text for text in told), told


def test_two_panels_of_one_title_are_refused() -> None:
    """Nobody could say which of them is meant."""
    twice = replace(DATA, rows=(Row(None, (PANEL, PANEL)),))
    assert any("2 panels have this title" in text for text in problems(twice, recorded_labels()))


def test_a_panel_beyond_the_last_column_is_refused() -> None:
    """Where it was put by hand."""
    assert list(grid_problems([(PANEL, Place(x=0, y=0, w=30, h=1))])) == [
        "Events that wait: 30 columns from 0 on; there are 24"
    ]


def test_two_panels_in_one_place_are_refused() -> None:
    """Both are named."""
    here, there = Place(x=0, y=0, w=12, h=7), Place(x=11, y=6, w=12, h=7)
    other = replace(PANEL, title=Title("다른", "Other"))
    assert list(grid_problems([(PANEL, here), (other, there)])) == [
        "Events that wait and Other stand in one place"
    ]
    assert list(grid_problems([(PANEL, here), (other, Place(x=12, y=0, w=12, h=7))])) == []


def test_a_dashboard_beyond_a_config_map_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its size, that of its outline too; letters count as bytes."""
    assert size_problem("axiom-data", "[]" + " " * (CONFIG_MAP_BYTES - 2)) is None
    assert "1000001 bytes" in str(size_problem("axiom-data", "[]" + " " * (CONFIG_MAP_BYTES - 1)))
    letters = "가" * (ANNOTATION_BYTES // 3)
    assert "more than an annotation does" in str(size_problem("axiom-data", f'["{letters}"]'))
    monkeypatch.setattr("model.dashboards.lint.CONFIG_MAP_BYTES", 20_000)
    with pytest.raises(DataError, match=r"axiom-data: \d+ bytes are more than a ConfigMap holds") as raised:
        again("prod")
    assert "move panels to another dashboard" in str(raised.value)


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        (replace(PANEL, unit="parsecs"), "no unit parsecs"),
        (replace(PANEL, queries=(Query("max(planted)", "x"),)), "nobody exposes planted"),
        (replace(PANEL, limits=Limits(alerts=("Planted",))), "no alert Planted"),
        (replace(PANEL, limits=Limits(alerts=("SLOWithoutData",))), "holds nothing against a figure"),
        (
            replace(PANEL, limits=Limits(objective=("core", "planted", "p95"))),
            "no objective of core, planted",
        ),
        (replace(PANEL, limits=Limits(alerts=("OutboxBacklog", "RDSStorageLow"))), "both ends"),
    ],
)
def test_a_stack_with_a_wrong_panel_is_not_planned(
    panel: Panel, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing wrong reaches Grafana."""
    monkeypatch.setattr(build, "BOARDS", (board_of(panel),))
    with pytest.raises(DataError, match=said):
        again("prod")


def rule(expr: str, severity: str = "warning") -> AlertRule:
    """An alert over an expression."""
    return AlertRule.model_validate(
        {
            "alert": "Planted",
            "expr": expr,
            "labels": {"severity": severity, "service": "core"},
            "annotations": {"summary": "s", "description": "d", "action": "a"},
        }
    )


@pytest.mark.parametrize(
    ("expr", "severity", "steps"),
    [
        ("max(up) > 5", "warning", [(None, "good"), (5, "warning")]),
        ("max(up) > 5", "critical", [(None, "good"), (5, "bad")]),
        ("max(up) < 5", "warning", [(None, "warning"), (5, "good")]),
        ("up == 0", "critical", [(None, "bad"), (1, "good")]),
        ("increase(redis_evicted_keys_total[5m]) > 0", "warning", [(None, "good"), (1, "warning")]),
        ("max(up) > 0.8 * 1000 and on () max(up) >= 10 / 300", "warning", [(None, "good"), (800, "warning")]),
        ("round(max(up) > 15, 0.01)", "warning", [(None, "good"), (15, "warning")]),
        ("up / (up > 0) > 0.8", "warning", [(None, "good"), (0.8, "warning")]),
    ],
)
def test_a_threshold_is_read_from_an_expression(
    expr: str, severity: str, steps: list[tuple[float | None, str]]
) -> None:
    """The outermost comparison: neither a guard's nor a divisor's."""
    groups = {"planted": RuleGroup(rules=(rule(expr, severity),))}
    assert Thresholds(groups, 1000).steps(Limits(alerts=("Planted",))) == steps


def test_variables_are_closed() -> None:
    """What Grafana would leave in the text is no query."""
    with pytest.raises(UnknownVariable, match=r"no variable \$cluster"):
        plain("max(up{cluster='$cluster'})")


def test_a_renamed_metric_breaks_the_plan_and_not_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue is what panels rest on: without a row, nothing is delivered."""
    left = {name: metric for name, metric in metrics().items() if name != "nginx_up"}
    monkeypatch.setattr("model.dashboards.lint.Known", partial(Known, metrics=left))
    with pytest.raises(DataError, match="nobody exposes nginx_up"):
        again("prod")
