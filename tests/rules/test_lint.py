"""The lint finds each kind of mistake; a stack has no rule over what it lacks."""

from collections.abc import Mapping

import pytest

from config.data import alert_files
from config.files import DataError
from config.metrics import carrying
from config.settings import load
from model.plan import build_plan
from model.rules import groups, rule_groups
from model.rules.lint import Known, findings, text_findings
from model.rules.promql import parsed
from model.rules.shapes import AlertRule

DAYS = 30 * 86400.0
KNOWN = Known({"job:api_requests:rate5m": frozenset({"job"})})


def found(text: str) -> list[str]:
    """What the lint says of an expression."""
    return list(findings(parsed(text), KNOWN, DAYS))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("planted_total > 1", "nobody exposes planted_total; list it"),
        ("core_dlq_deph > 1", "nobody exposes core_dlq_deph; did you mean core_dlq_depth? Else list it"),
        ("vision_mv_refresh_duration_seconds > 300", "is a histogram"),
        ("core_llm_tokens_total > 800000", "counts since its process began"),
        ("rate(core_dlq_depth[5m]) > 1", "of the gauge core_dlq_depth"),
        ("rate(api_requests_total[30s]) > 1", "over 30 s"),
        ("increase(api_requests_total[31d]) > 1", "over 2.6784e+06 s"),
        ('api_active_requests{planted="x"} > 1', "has no label planted"),
        ('job:api_requests:rate5m{planted="x"} > 1', "has no label planted"),
        ('up{job="axiom-planted"} == 0', "no job axiom-planted carries up"),
        ('redis_up{job="axiom-core"} == 0', "no job axiom-core carries redis_up"),
        ('oracle_active_connections{db_type="redis"} > 1', "has no db_type redis"),
        ('rate(api_request_duration_seconds_bucket{le="7"}[5m]) > 1', "has no edge at 7"),
        (
            "histogram_quantile(0.95, sum by (le) (rate(core_llm_request_duration_seconds_bucket[5m]))) > 16",
            "16 is no edge",
        ),
        ("redis_memory_used_bytes / redis_memory_max_bytes > 0.8", "a divisor may be zero"),
    ],
)
def test_a_mistake_is_found(expression: str, said: str) -> None:
    """And nothing else is said of it."""
    (problem,) = found(expression)
    assert said in problem


@pytest.mark.parametrize(
    "expression",
    [
        "redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.8",
        "job:api_requests:rate5m > 1",
        'sum by (job) (rate(api_requests_total{status=~"5.."}[5m])) > 1',
        'absent(up{job="redis"})',
        'rate(api_request_duration_seconds_bucket{le="+Inf"}[5m]) > 1',
        "last_over_time(core_dlq_messages_total[2h])",
        "present_over_time(core_dlq_messages_total[1d] offset 2h)",
    ],
)
def test_what_is_right_passes(expression: str) -> None:
    """The lint does not find something in everything."""
    assert found(expression) == []


@pytest.mark.parametrize(
    ("expression", "has"),
    [
        ("sum by (provider, le) (rate(core_llm_request_duration_seconds_bucket[5m]))", {"provider", "le"}),
        ("min without (pod) (core_dlq_depth)", {"stream", "job", "instance", "namespace", "node"}),
        (
            "histogram_quantile(0.9, sum by (job, le) (rate(api_request_duration_seconds_bucket[5m])))",
            {"job"},
        ),
        ('absent(up{job="redis"})', {"job"}),
        ("sum(up)", set()),
        ("vector(1)", set()),
        ("max by (job) (up) / on () max(up) > 1", set()),
        ("max by (job) (up) and on () vector(1)", {"job"}),
        ("max by (job, pod) (up) or max by (job) (up)", {"job"}),
    ],
)
def test_the_labels_that_an_expression_keeps(expression: str, has: set[str]) -> None:
    """As Prometheus would."""
    assert KNOWN.kept(parsed(expression)) == has


def test_texts_name_only_what_there_is() -> None:
    """A label that is not kept reads as nothing, and a value as a label makes every value an alert."""
    said = list(
        text_findings({"severity": "{{ $value }}"}, {"summary": "{{ $labels.pod }}"}, frozenset({"job"}))
    )
    assert [text.split(";")[0] for text in said] == [
        "label severity holds $value, so each value is another alert",
        "summary names the label pod, which the expression does not keep",
    ]


ALERT = """
rules:
  - alert: {name}
    expr: {expression}
    labels: {{ severity: {severity}, service: core }}
    annotations: {{ summary: a, description: {description}, action: c }}
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expression": "sum("}, "Planted: no PromQL"),
        ({"expression": "planted_total > 1"}, "Planted: nobody exposes planted_total"),
        ({"expression": "redis_up\n    for"}, "line 6: could not find"),
        (
            {"severity": "page"},
            r"rules\.0\.AlertRule\.labels\.severity: Input should be 'critical', 'warning'",
        ),
        ({"name": "planted"}, r"rules\.0\.AlertRule\.alert: String should match pattern"),
        ({"name": "RedisDown"}, "RedisDown is defined twice"),
        (
            {"name": "RedisDown", "expression": "redis_up == 1"},
            r"RedisDown is defined in axiom-stores\.yaml too",
        ),
        ({"expression": "redis_up == <<planted>>"}, "Planted: <<planted>> stands for nothing"),
        ({"expression": "redis_up == 0\n    limit: 3"}, "Planted: the expression does not use its limit"),
        ({"expression": "redis_up < <<limit>>\n    limit: few"}, "Planted: limit 'few' is no limit"),
        ({"description": "For 15 minutes."}, "Planted: description says 15 minute"),
        ({"expression": "redis_up == 0\n    thershold: 3"}, "thershold: Extra inputs are not permitted"),
    ],
)
def test_a_stack_with_a_wrong_rule_is_refused(
    change: Mapping[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With file and place, before anything is made."""
    rule = {
        "name": "Planted",
        "expression": "redis_up == 0",
        "severity": "info",
        "description": "b",
        **change,
    }
    planted = {**alert_files(), "zz-planted": ALERT.format(**rule)}
    monkeypatch.setattr(groups, "alert_files", lambda: planted)
    with pytest.raises(DataError, match=rf"config/alerts/zz-planted\.yaml: ?.*{said}"):
        rule_groups(load({}, stack="dev"), carrying("up"))


def alerts(stack: str, **raw: object) -> set[str]:
    """The names of a stack's alerts."""
    settings = load({"neo4j": {"acceptLicense": True}, **raw}, stack=stack)
    server = next(
        one for one in build_plan(settings).observability.servers if one.workload.name == "prometheus"
    )
    files = next(mount for mount in server.workload.config if mount.folder == "rules/").files
    return {line.split()[-1] for file in files for line in file.text.splitlines() if "alert: " in line}


def test_a_stack_has_the_alerts_of_what_it_has() -> None:
    """Sinks, tier and edition decide; a metric that a service must add makes none yet."""
    assert "LokiRefusingLines" in alerts("dev")
    assert "LokiRefusingLines" not in alerts("prod")
    assert "LokiRefusingLines" in alerts("prod", logSinks=["loki"])
    assert "RemoteWriteBehind" not in alerts("prod")
    assert "RemoteWriteBehind" in alerts("prod", tier="1year")
    assert "MVRefreshFailed" not in alerts("prod")


def test_neo4j_is_missed_in_both_editions() -> None:
    """By a probe, and by its own answer: one alert in each."""
    for tier in ("current", "1year"):
        settings = load({"tier": tier, "neo4j": {"acceptLicense": True}}, stack="prod")
        job = "neo4j" if tier == "1year" else "neo4j-probe"
        rules = [
            rule
            for group in rule_groups(settings, {job}).values()
            for rule in group.rules
            if isinstance(rule, AlertRule) and rule.alert == "Neo4jDown"
        ]
        assert [f'job="{job}"' in rule.expr for rule in rules] == [True]
