"""How Axiom is, on one screen: promises, traffic, stores, alerts."""

from model.dashboards.names import API, DATA, OVERVIEW, RESILIENCE
from model.dashboards.words import Board, Column, Limits, Meaning, Panel, Query, Row, Title

# Which of its kind an alert is about. One without such a label adds a blank, which a page does not show.
SUBJECT = (
    "slo", "target_service", "stream", "provider", "mv_name", "deployment", "statefulset",
    "daemonset", "horizontalpodautoscaler", "scaledObject", "persistentvolumeclaim", "rule_group",
    "remote_name", "integration", "exporter", "alertmanager", "app", "name", "reason",
    "dimension_DBInstanceIdentifier", "pod", "container", "node", "instance",
)  # fmt: skip
_SUBJECT = ", ".join(f'"{label}"' for label in SUBJECT)

_ANSWERS = {1: Meaning("정상 UP", "good"), 0: Meaning("중단 DOWN", "bad")}

BOARD = Board(
    name=OVERVIEW,
    about="Whether Axiom keeps its promises now: the first page to look at.",
    rows=(
        Row(
            None,
            (
                Panel(
                    title=Title("서비스 가용성 (30일)", "Service health"),
                    kind="bargauge",
                    unit="percentunit",
                    queries=(Query('sla:availability:ratio{job=~"$job"}', "{{slo}}"),),
                    good="Each service is above what its SLA tier promises over 30 days; yellow has "
                    "spent more "
                    "than half of the budget, red has broken the promise.",
                    limits=Limits(agreement=True),
                    runbook="ErrorBudgetSpent",
                    to=API,
                    lists=("availability",),
                    height=6,
                    minimum=0.98,
                    maximum=1,
                ),
                Panel(
                    title=Title("남은 에러 버짓 (30일)", "Error budget remaining"),
                    kind="bargauge",
                    unit="percentunit",
                    queries=(
                        Query(
                            'min by (service) (slo:period_error_budget_remaining:ratio{job=~"$job",'
                            'kind=~"availability|sla"})',
                            "{{service}}",
                        ),
                    ),
                    good="There is budget left. At nothing features stop, and stability comes first.",
                    limits=Limits(alerts=("ErrorBudgetSpent",)),
                    runbook="ErrorBudgetBurnFast",
                    to=API,
                    lists=("budget",),
                    height=6,
                    minimum=0,
                    maximum=1,
                ),
                Panel(
                    title=Title("초당 요청 수", "Requests a second"),
                    kind="timeseries",
                    unit="reqps",
                    queries=(
                        Query('job:api_requests:rate5m{job=~"$job"}', "{{job}}"),
                        Query('sum(job:api_requests:rate5m{job=~"$job"})', "합계 total", "neutral"),
                    ),
                    good="The usual shape of the day; a cliff is an outage or a lost way in.",
                    runbook="ServiceDown",
                    to=API,
                    lists=("requests",),
                    height=6,
                    minimum=0,
                ),
                Panel(
                    title=Title("p95 지연 (5분)", "p95 latency"),
                    # A graph draws the line of one series only, whichever comes first.
                    kind="bargauge",
                    unit="s",
                    queries=(
                        Query(
                            "histogram_quantile(0.95,"
                            ' job_le:api_request_duration_seconds_bucket:rate5m{job=~"$job"})',
                            "{{job}}",
                        ),
                    ),
                    good="Each bar is green and within its left half: the middle is the objective of the "
                    "service's slowest kind of request, seconds by nature where it waits for an LLM.",
                    limits=Limits(latency="p95"),
                    runbook="HighLatency",
                    to=API,
                    lists=("latency",),
                    height=6,
                    minimum=0,
                ),
                Panel(
                    title=Title("에러율 (5분)", "Error ratio"),
                    kind="timeseries",
                    unit="percentunit",
                    queries=(
                        Query('job:api_requests:error_ratio_rate5m{job=~"$job"}', "{{job}}"),
                        # A service without traffic has no ratio, and no part in this one.
                        Query(
                            'sum(job:api_requests:error_ratio_rate5m{job=~"$job"}'
                            ' * job:api_requests:rate5m{job=~"$job"})'
                            ' / (sum(job:api_requests:rate5m{job=~"$job"}) > 0)',
                            "합계 total",
                            "neutral",
                        ),
                    ),
                    good="Near nothing; the lines are where it warns and where it pages.",
                    limits=Limits(alerts=("HighErrorRate", "CriticalErrorRate")),
                    runbook="HighErrorRate",
                    to=API,
                    lists=("errors",),
                    height=5,
                    minimum=0,
                ),
                Panel(
                    title=Title("데이터 저장소 상태", "Stores"),
                    kind="stat",
                    unit="none",
                    queries=(
                        Query('min(redis_up{job=~"$job"})', "Redis"),
                        Query('min(pg_up{job=~"$job"})', "PostgreSQL"),
                        Query('min(probe_success{job="neo4j-probe"})', "Neo4j"),
                        Query('min(up{job="neo4j"})', "Neo4j"),
                    ),
                    good="Every store answers; of several nodes the worst counts.",
                    limits=Limits(alerts=("PostgresDown",)),
                    meanings=_ANSWERS,
                    runbook="PostgresDown",
                    to=DATA,
                    lists=("stores",),
                    height=5,
                ),
                Panel(
                    title=Title("활성 알림", "Active alerts"),
                    kind="table",
                    unit="none",
                    queries=(
                        Query(
                            "label_join(ALERTS_FOR_STATE"
                            ' and ignoring (alertstate) ALERTS{alertstate="firing"},'
                            f' "subject", " ", {_SUBJECT}) * 1000',
                            "{{alertname}} {{subject}}",
                        ),
                    ),
                    good="Empty but for Watchdog; the newest stand on top.",
                    columns=(
                        Column("severity", "등급 · Severity"),
                        Column("alertname", "알림 · Alert"),
                        Column("service", "서비스 · Service"),
                        Column("subject", "대상 · Subject"),
                        Column("Value", "시작 · Since", "dateTimeFromNow"),
                    ),
                    sorted_by="Value",
                    nothing="활성 알림 없음 · No active alert",
                    runbook="ServiceDown",
                    to=RESILIENCE,
                    lists=("alerts",),
                    width=24,
                    height=6,
                ),
            ),
        ),
    ),
)
