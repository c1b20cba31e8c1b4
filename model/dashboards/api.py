"""How each service answers: latencies over time, routes, statuses, slow statements."""

from collections.abc import Mapping

from model.dashboards.names import API, DATA, LLM, RESILIENCE
from model.dashboards.words import Board, Column, Limits, Mood, Panel, Quantile, Query, Row, Title

_SHARES: dict[Quantile, str] = {"p50": "0.5", "p95": "0.95", "p99": "0.99"}


def _heat(quantile: Quantile, share: str) -> Panel:
    return Panel(
        title=Title(f"{quantile} 지연 (서비스 × 시간)", f"{quantile} latency by service"),
        kind="status-history",
        unit="s",
        queries=(
            Query(
                f"histogram_quantile({share}, "
                'job_le:api_request_duration_seconds_bucket:rate5m{job=~"$job"})',
                "{{job}}",
            ),
        ),
        good=f"Green: the {quantile} of the last five minutes is within the service's objective.",
        limits=Limits(latency=quantile),
        runbook="HighLatency",
        to=DATA,
        lists=("latency-heat",),
        width=8,
        height=8,
    )


_STATUSES: Mapping[str, Mood] = {"2xx": "good", "3xx": "neutral", "4xx": "warning", "5xx": "bad"}


def _statuses(name: str, mood: Mood) -> Query:
    statuses = f'job_status:api_requests:rate5m{{job=~"$job",status=~"{name[0]}.."}}'
    return Query(f"sum({statuses}) or vector(0)", name, mood)


_MEAN = (
    'topk(10, sum by (datname, queryid) (increase(pg_stat_statements_seconds_total{job=~"$job"}[$__range]))'
    ' / (sum by (datname, queryid) (increase(pg_stat_statements_calls_total{job=~"$job"}[$__range])) > 0))'
)

BOARD = Board(
    name=API,
    about="How fast and how well each service answers, and which routes and statements are slow.",
    rows=(
        Row(Title("지연", "Latency"), tuple(_heat(name, share) for name, share in _SHARES.items())),
        Row(
            Title("요청", "Requests"),
            (
                Panel(
                    title=Title("엔드포인트별 요청 (상위 10)", "Requests by route, top 10"),
                    kind="bargauge",
                    unit="reqps",
                    queries=(
                        Query(
                            "topk(10, sum by (job, path)"
                            ' (rate(api_requests_total{job=~"$job"}[$__rate_interval])))',
                            "{{job}} {{path}}",
                        ),
                    ),
                    good="The routes that users need are on top; one that nobody expects is a loop or "
                    "an attack.",
                    runbook="HighErrorRate",
                    to=RESILIENCE,
                    lists=("endpoints",),
                    width=8,
                    height=9,
                    minimum=0,
                ),
                Panel(
                    title=Title("HTTP 상태 코드 분포", "Answers by status"),
                    kind="timeseries",
                    unit="reqps",
                    queries=tuple(_statuses(name, mood) for name, mood in _STATUSES.items()),
                    good="Almost all are 2xx; 3xx lead elsewhere, 4xx follow clients, 5xx are ours.",
                    runbook="HighErrorRate",
                    to=RESILIENCE,
                    lists=("statuses",),
                    width=8,
                    height=9,
                    minimum=0,
                    stacked=True,
                ),
                Panel(
                    title=Title("처리 중인 요청", "Requests being worked on"),
                    kind="timeseries",
                    unit="short",
                    queries=(Query('sum by (job) (api_active_requests{job=~"$job"})', "{{job}}"),),
                    good="As flat as the traffic; growing alone, requests wait for something.",
                    runbook="HighLatency",
                    to=LLM,
                    width=8,
                    height=9,
                    minimum=0,
                ),
            ),
        ),
        Row(
            Title("데이터베이스", "Database"),
            (
                Panel(
                    title=Title("슬로우 쿼리 TOP 10", "Slow statements, top 10"),
                    kind="table",
                    unit="s",
                    queries=(Query(_MEAN, "{{datname}} {{queryid}}"),),
                    good="Means over the time shown, within what a request may take; the text of a "
                    "statement stands "
                    "in pg_stat_statements under its number.",
                    columns=(
                        Column("datname", "DB · Database"),
                        Column("queryid", "구문 · Statement"),
                        Column("Value", "평균 시간 · Mean", "s"),
                    ),
                    runbook="PostgresConnectionsHigh",
                    to=DATA,
                    lists=("slow-queries",),
                    width=24,
                    height=9,
                ),
            ),
        ),
    ),
)
