"""Work behind the requests: workers, streams, alerts of Watch, extractions."""

from model.dashboards.expressions import share
from model.dashboards.names import DATA, LLM, RESILIENCE, WORKERS
from model.dashboards.words import Board, Limits, Panel, Query, Row, Title

_RUNS = "core_worker_processing_duration_seconds"

_WORKERS = Row(
    Title("워커", "Workers"),
    (
        Panel(
            title=Title("Worker별 처리량", "Runs a second by worker"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    f'sum by (worker_type) (rate({_RUNS}_count{{job=~"$job"}}[$__rate_interval]))',
                    "{{worker_type}}",
                ),
            ),
            good="Follows the events; none of the workers stands still.",
            runbook="OutboxBacklog",
            to=DATA,
            lists=("worker-runs",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("Worker별 p95 지연", "p95 of a run by worker"),
            kind="timeseries",
            unit="s",
            queries=(
                Query(
                    "histogram_quantile(0.95, sum by (worker_type, le)"
                    f' (rate({_RUNS}_bucket{{job=~"$job"}}[$__rate_interval])))',
                    "{{worker_type}}",
                ),
            ),
            good="Below the line, the objective of a run.",
            limits=Limits(objective=("core", "worker", "p95")),
            runbook="ErrorBudgetBurnSlow",
            to=DATA,
            lists=("worker-latency",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("Worker별 에러율", "Share of failed runs by worker"),
            kind="timeseries",
            unit="percentunit",
            queries=(
                Query(
                    share(
                        "sum by (worker_type)"
                        ' (rate(core_worker_runs_total{job=~"$job",outcome="failure"}[$__rate_interval]))',
                        'sum by (worker_type) (rate(core_worker_runs_total{job=~"$job"}[$__rate_interval]))',
                    ),
                    "{{worker_type}}",
                ),
            ),
            good="Below the error rate that the objective of workers allows.",
            runbook="DLQGrowing",
            to=RESILIENCE,
            lists=("worker-errors",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("오류 종류", "Errors by kind"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    'sum by (error_type) (rate(core_worker_errors_total{job=~"$job"}[$__rate_interval]))',
                    "{{error_type}}",
                ),
            ),
            good="None for long.",
            runbook="DLQGrowing",
            to=RESILIENCE,
            lists=("worker-errors",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("Worker Pod 수", "Pods of the autoscaled"),
            kind="timeseries",
            unit="short",
            queries=(
                Query(
                    "max by (horizontalpodautoscaler)"
                    ' (kube_horizontalpodautoscaler_status_current_replicas{job=~"$job"})',
                    "{{horizontalpodautoscaler}}",
                ),
            ),
            good="Below the maximum of each; at it for five minutes AutoscalerAtMaximum warns.",
            runbook="AutoscalerAtMaximum",
            to=DATA,
            width=8,
            minimum=0,
        ),
    ),
)

_EVENTS = Row(
    Title("이벤트", "Events"),
    (
        Panel(
            title=Title("Consumer Group 대기 (pending)", "Messages that wait by group"),
            kind="timeseries",
            unit="short",
            queries=(
                Query(
                    'max by (stream, group) (core_worker_queue_depth{job=~"$job"})', "{{stream}} {{group}}"
                ),
            ),
            good="Near nothing; it grows where a group's workers stand still or are too few.",
            runbook="OutboxBacklog",
            to=RESILIENCE,
            lists=("group-pending",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("Consumer Group 지연 (lag)", "Entries not yet given to a group"),
            kind="timeseries",
            unit="short",
            queries=(
                Query('max by (stream, group) (core_stream_group_lag{job=~"$job"})', "{{stream}} {{group}}"),
            ),
            good="Near nothing.",
            runbook="OutboxBacklog",
            to=RESILIENCE,
            lists=("group-lag",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("Watch CEP 알림 발동/발송", "Alerts of Watch, raised and sent"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    'sum(rate(core_watch_alerts_raised_total{job=~"$job"}[$__rate_interval]))', "발동 raised"
                ),
                Query(
                    "sum(rate(core_watch_alerts_sent_total"
                    '{job=~"$job",outcome="success"}[$__rate_interval]))',
                    "발송 sent",
                ),
            ),
            good="What is raised is sent: the two lines are one.",
            runbook="OutboxBacklog",
            to=RESILIENCE,
            lists=("cep-alerts",),
            width=8,
            minimum=0,
        ),
    ),
)

_EXTRACTION = Row(
    Title("Synapse 추출 파이프라인", "Synapse's extractions"),
    (
        Panel(
            title=Title("추출 p95 시간", "p95 of an extraction"),
            kind="timeseries",
            unit="s",
            queries=(
                Query(
                    "histogram_quantile(0.95, sum by (extraction_type, le)"
                    ' (rate(synapse_extraction_duration_seconds_bucket{job=~"$job"}[$__rate_interval])))',
                    "{{extraction_type}}",
                ),
            ),
            good="Below the line, the objective of an extraction.",
            limits=Limits(objective=("synapse", "document extraction", "p95")),
            runbook="HighLatency",
            to=LLM,
            lists=("extraction",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("추출 대기열", "Documents that wait"),
            kind="timeseries",
            unit="short",
            queries=(Query('max(synapse_extraction_queue_length{job=~"$job"})', "queue"),),
            good="Empties between batches.",
            runbook="HITLBacklog",
            to=LLM,
            lists=("extraction",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("HITL 대기", "Extractions that wait for a person"),
            kind="timeseries",
            unit="short",
            queries=(Query('max(synapse_hitl_pending_count{job=~"$job"})', "HITL"),),
            good="Below the line at which reviewers are too few.",
            limits=Limits(alerts=("HITLBacklog",)),
            runbook="HITLBacklog",
            to=LLM,
            lists=("extraction",),
            width=8,
            minimum=0,
        ),
    ),
)

BOARD = Board(
    name=WORKERS,
    about="Whether the work behind the requests gets done, and how much of it waits.",
    rows=(_WORKERS, _EVENTS, _EXTRACTION),
)
