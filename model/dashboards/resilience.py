"""How Axiom takes failures: breakers, dead letters, fallbacks, retries, restarts."""

from model.dashboards.expressions import share
from model.dashboards.names import API, DATA, OVERVIEW, RESILIENCE, WORKERS
from model.dashboards.words import Board, Limits, Meaning, Panel, Query, Row, Title

_STATES = {
    0: Meaning("닫힘 CLOSED", "good"),
    1: Meaning("열림 OPEN", "bad"),
    2: Meaning("반열림 HALF-OPEN", "warning"),
}

_BREAKERS = Row(
    Title("서킷 브레이커", "Circuit breakers"),
    (
        Panel(
            title=Title("Circuit Breaker 상태", "State of the breakers"),
            kind="stat",
            unit="none",
            queries=(
                # As the alert: open as long as one process sees it open, closed only if all do.
                Query(
                    'min by (target_service) (core_circuit_breaker_state{job=~"$job"} > 0)'
                    ' or max by (target_service) (core_circuit_breaker_state{job=~"$job"})',
                    "{{target_service}}",
                ),
            ),
            good="All closed. Half-open tries single calls again.",
            meanings=_STATES,
            runbook="CircuitBreakerOpen",
            to=API,
            lists=("breakers",),
            width=10,
        ),
        Panel(
            title=Title("Circuit Breaker Trip 이력", "Times that breakers opened"),
            kind="timeseries",
            unit="short",
            queries=(
                Query(
                    "sum by (target_service)"
                    ' (increase(core_circuit_breaker_trips_total{job=~"$job"}[$__rate_interval]))',
                    "{{target_service}}",
                ),
            ),
            good="None; more than three in a quarter of an hour flap.",
            runbook="CircuitBreakerFlapping",
            to=API,
            lists=("trips",),
            width=14,
            minimum=0,
        ),
    ),
)

_DEAD_LETTERS = Row(
    Title("DLQ", "Dead letters"),
    (
        Panel(
            title=Title("DLQ 적체 (스트림별)", "Messages in the DLQ by stream"),
            kind="timeseries",
            unit="short",
            queries=(Query('max by (stream) (core_dlq_depth{job=~"$job"})', "{{stream}}"),),
            good="Empty; every pod sees the one queue, so the highest counts.",
            limits=Limits(alerts=("DLQBacklog",)),
            runbook="DLQBacklog",
            to=WORKERS,
            lists=("dlq",),
            minimum=0,
        ),
        Panel(
            title=Title("DLQ 유입 (스트림별)", "Messages moved to the DLQ"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    'sum by (stream) (rate(core_dlq_messages_total{job=~"$job"}[$__rate_interval]))',
                    "{{stream}}",
                ),
            ),
            good="None.",
            runbook="DLQGrowing",
            to=WORKERS,
            minimum=0,
        ),
    ),
)

_CALLS = Row(
    Title("호출", "Calls"),
    (
        Panel(
            title=Title("Fallback 발동 (서비스별)", "Calls that a fallback answered"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    'sum by (target_service) (rate(core_fallbacks_total{job=~"$job"}[$__rate_interval]))',
                    "{{target_service}}",
                ),
            ),
            good="None but while a breaker is open.",
            runbook="CircuitBreakerOpen",
            to=API,
            lists=("fallbacks",),
            minimum=0,
        ),
        Panel(
            title=Title("Retry 성공/실패율", "Retries that helped"),
            kind="timeseries",
            unit="percentunit",
            queries=(
                Query(
                    share(
                        "sum by (target_service)"
                        ' (rate(core_retries_total{job=~"$job",outcome="success"}[$__rate_interval]))',
                        'sum by (target_service) (rate(core_retries_total{job=~"$job"}[$__rate_interval]))',
                    ),
                    "{{target_service}}",
                ),
            ),
            good="Most help; retries that rarely do are load on what is down.",
            runbook="CircuitBreakerOpen",
            to=API,
            lists=("retries",),
            minimum=0,
            maximum=1,
        ),
        Panel(
            title=Title("요청 제한 초과", "Requests above a tenant's limit"),
            kind="timeseries",
            unit="reqps",
            queries=(
                Query(
                    'sum by (job) (rate(core_rate_limit_exceeded_total{job=~"$job"}[$__rate_interval]))',
                    "{{job}}",
                ),
            ),
            good="Single tenants for moments; steady, somebody's client is in a loop.",
            runbook="HighErrorRate",
            to=API,
            minimum=0,
        ),
        Panel(
            title=Title("컨테이너 재시작", "Restarts of containers"),
            kind="timeseries",
            unit="short",
            queries=(
                Query(
                    "sum by (container) (increase("
                    'kube_pod_container_status_restarts_total{job=~"$job",namespace="axiom"}[$__rate_interval]))',
                    "{{container}}",
                ),
            ),
            good="None.",
            runbook="ContainerRestarting",
            to=OVERVIEW,
            minimum=0,
        ),
        Panel(
            title=Title("빠진 Pod", "Pods that are missing"),
            kind="timeseries",
            unit="short",
            queries=(
                Query(
                    'sum by (deployment) (kube_deployment_spec_replicas{job=~"$job",namespace="axiom"}'
                    ' - kube_deployment_status_replicas_available{job=~"$job",namespace="axiom"})',
                    "{{deployment}}",
                ),
            ),
            good="None but for the minutes of a rollout.",
            limits=Limits(alerts=("PodsMissing",)),
            runbook="PodsMissing",
            to=DATA,
            width=24,
            height=6,
            minimum=0,
        ),
    ),
)

BOARD = Board(
    name=RESILIENCE,
    about="What fails, what holds it up, and what is lost on the way.",
    rows=(_BREAKERS, _DEAD_LETTERS, _CALLS),
)
