"""Canvas as browsers see it, and the Nginx in front of it."""

from model.dashboards.names import API, CANVAS, OVERVIEW
from model.dashboards.words import Board, Limits, Panel, Quantile, Query, Row, Title


def _vital(name: str) -> str:
    rates = f'sum by (device, le) (rate(canvas_web_vitals_{name}_bucket{{job=~"$job"}}[$__rate_interval]))'
    return f"histogram_quantile(0.95, {rates})"


_P95: Quantile = "p95"

_BROWSERS = Row(
    Title("브라우저", "Browsers"),
    (
        Panel(
            title=Title("LCP p95 (첫 화면)", "Largest Contentful Paint"),
            kind="timeseries",
            unit="s",
            queries=(Query(_vital("lcp_seconds"), "{{device}}"),),
            good="Below the line, the objective of a first load.",
            limits=Limits(objective=("canvas", "first load (LCP)", _P95)),
            runbook="ErrorBudgetBurnSlow",
            to=API,
            lists=("lcp",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("FID p95 (첫 입력)", "First Input Delay"),
            kind="timeseries",
            unit="s",
            queries=(Query(_vital("fid_seconds"), "{{device}}"),),
            good="Below the line, the objective of an interaction.",
            limits=Limits(objective=("canvas", "interaction (FID)", _P95)),
            runbook="ErrorBudgetBurnSlow",
            to=API,
            lists=("fid",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("INP p95 (상호작용)", "Interaction to Next Paint"),
            kind="timeseries",
            unit="s",
            queries=(Query(_vital("inp_seconds"), "{{device}}"),),
            good="Below 0.2 s; what browsers measure in place of FID (web.dev).",
            runbook="ErrorBudgetBurnSlow",
            to=API,
            lists=("fid",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("CLS p95 (화면 밀림)", "Cumulative Layout Shift"),
            kind="timeseries",
            unit="none",
            queries=(Query(_vital("cls_ratio"), "{{device}}"),),
            good="Below 0.1 (web.dev).",
            runbook="ErrorBudgetBurnSlow",
            to=API,
            lists=("cls",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("JS 에러율", "Script errors a page load"),
            kind="timeseries",
            unit="none",
            queries=(
                Query(
                    'sum(rate(canvas_js_errors_total{job=~"$job"}[$__rate_interval]))'
                    ' / (sum(rate(canvas_page_loads_total{job=~"$job"}[$__rate_interval])) > 0)',
                    "errors",
                ),
            ),
            good="Near nothing; each error stands in Sentry.",
            runbook="HighErrorRate",
            to=API,
            lists=("js-errors",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("API 호출 실패 (브라우저)", "API calls that failed in browsers"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    'sum by (status) (rate(canvas_api_failures_total{job=~"$job"}[$__rate_interval]))',
                    "{{status}}",
                ),
            ),
            good="As few as the services count themselves; more means that the way to them is broken.",
            runbook="HighErrorRate",
            to=API,
            lists=("browser-failures",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("번들 크기", "Size of the first load"),
            kind="timeseries",
            unit="bytes",
            queries=(Query('max(canvas_bundle_gzip_bytes{job=~"$job"})', "gzip"),),
            good="Level from build to build.",
            runbook="ErrorBudgetBurnSlow",
            to=OVERVIEW,
            lists=("bundle",),
            width=8,
            minimum=0,
        ),
    ),
)

_NGINX = Row(
    Title("Nginx", "Nginx"),
    (
        Panel(
            title=Title("Nginx 상태", "Whether Nginx answers"),
            kind="stat",
            unit="none",
            queries=(Query('min by (pod) (nginx_up{job=~"$job"})', "{{pod}}"),),
            good="1 in every pod: each answers its exporter.",
            limits=Limits(alerts=("ServiceDown",)),
            runbook="TargetDown",
            to=OVERVIEW,
            width=8,
        ),
        Panel(
            title=Title("초당 요청 수 (Pod별)", "Requests a second by pod"),
            kind="timeseries",
            unit="reqps",
            queries=(
                Query(
                    'sum by (pod) (rate(nginx_http_requests_total{job=~"$job"}[$__rate_interval]))', "{{pod}}"
                ),
            ),
            good="The usual shape of the day, alike in all pods.",
            runbook="TargetAbsent",
            to=API,
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("커넥션", "Connections"),
            kind="timeseries",
            unit="short",
            queries=(
                Query('sum(nginx_connections_active{job=~"$job"})', "열림 open"),
                Query('sum(nginx_connections_waiting{job=~"$job"})', "대기 waiting"),
            ),
            good="Most wait for the next request; all open and none waiting is a jam.",
            runbook="HighLatency",
            to=API,
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("버려진 커넥션", "Connections that were dropped"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    'sum(rate(nginx_connections_accepted{job=~"$job"}[$__rate_interval]))'
                    ' - sum(rate(nginx_connections_handled{job=~"$job"}[$__rate_interval]))',
                    "dropped",
                ),
            ),
            good="None: what is accepted is served.",
            runbook="TargetDown",
            to=API,
            width=12,
            minimum=0,
        ),
        Panel(
            title=Title("공개 주소 응답 시간", "Answer of the public address"),
            kind="timeseries",
            unit="s",
            queries=(Query('probe_duration_seconds{job="public-probe"}', "{{instance}}"),),
            good="Well within the objective of a first load, whose first part it is.",
            limits=Limits(objective=("canvas", "first load (LCP)", _P95)),
            runbook="CertificateExpiring",
            to=OVERVIEW,
            width=12,
            minimum=0,
        ),
    ),
)

BOARD = Board(
    name=CANVAS,
    about="How users meet Axiom: in their browsers, and at the door.",
    rows=(_BROWSERS, _NGINX),
)
