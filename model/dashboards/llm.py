"""LLM calls: how many, how slow, how many fail, what they cost."""

from model.dashboards.expressions import share
from model.dashboards.names import API, LLM, RESILIENCE, WORKERS
from model.dashboards.words import Board, Limits, Panel, Query, Row, Title

_FAILED = 'rate(core_llm_errors_total{job=~"$job"}[$__rate_interval])'
_TIMED = 'rate(core_llm_request_duration_seconds_count{job=~"$job"}[$__rate_interval])'
_ERRORS = f"sum by (provider) ({_FAILED})"
# Durations may be observed on success only, and a provider may have only the one or the other. The labels of
# a failure are never those of an answer (`error_type`, `model`), so the union has both.
_CALLS = f"sum by (provider) ({_FAILED} or {_TIMED})"
# Recorded every five minutes: a value as old as the lookback would be a gap.
_TOKENS = "last_over_time(model_direction:core_llm_tokens:increase1d[15m])"
_PRICES = "last_over_time(model_direction:llm_price:usd[15m])"


def _quantile(name: str, labels: str = "model") -> str:
    rates = f'sum by ({labels}, le) (rate({name}_bucket{{job=~"$job"}}[$__rate_interval]))'
    return f"histogram_quantile(0.95, {rates})"


BOARD = Board(
    name=LLM,
    about="What the models do for Axiom, and at what price.",
    since="now-24h",
    rows=(
        Row(
            Title("예산과 비용", "Budget and cost"),
            (
                Panel(
                    title=Title("토큰 예산 소진율 (24시간)", "Share of the token budget"),
                    kind="stat",
                    unit="percentunit",
                    queries=(
                        Query(
                            "last_over_time(cluster:core_llm_tokens:increase1d[15m])"
                            " / (last_over_time(cluster:core_llm_token_budget:tokens[15m]) > 0)",
                            "core",
                        ),
                    ),
                    good="Below the share at which TokenBudgetHigh warns; the budget is the setting "
                    "alerting.tokenBudget.",
                    limits=Limits(alerts=("TokenBudgetHigh",), of_token_budget=True),
                    runbook="TokenBudgetHigh",
                    to=API,
                    lists=("token-budget",),
                    width=4,
                    height=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("일별 토큰 사용량 (서비스별)", "Tokens a day by service"),
                    kind="timeseries",
                    unit="short",
                    queries=(
                        Query("last_over_time(cluster:core_llm_tokens:increase1d[15m])", "core"),
                        Query("sum(last_over_time(model:oracle_llm_tokens:increase1d[15m]))", "oracle"),
                    ),
                    good="A rolling 24 hours; the budget counts Core's alone.",
                    runbook="TokenBudgetHigh",
                    to=WORKERS,
                    lists=("tokens",),
                    width=10,
                    height=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("일별 LLM 비용 추이", "Cost of a day by model"),
                    kind="timeseries",
                    unit="currencyUSD",
                    queries=(
                        Query(
                            f"sum by (model) ({_TOKENS} * on (model, direction) group_left () {_PRICES})",
                            "{{model}}",
                        ),
                    ),
                    good="Core's tokens of 24 hours at the list prices of config/llm_prices.yaml; a model "
                    "without a price "
                    "costs nothing here and shows beside.",
                    runbook="TokenBudgetHigh",
                    to=API,
                    lists=("cost",),
                    width=6,
                    height=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("가격 없는 토큰", "Tokens without a price"),
                    kind="stat",
                    unit="short",
                    queries=(
                        Query(f"sum({_TOKENS} unless on (model, direction) {_PRICES}) or vector(0)", "core"),
                    ),
                    good="None: every model that is used has a price in config/llm_prices.yaml.",
                    runbook="TokenBudgetHigh",
                    to=API,
                    width=4,
                    height=8,
                ),
            ),
        ),
        Row(
            Title("모델", "Models"),
            (
                Panel(
                    title=Title("모델별 호출 수", "Calls by model"),
                    kind="timeseries",
                    unit="reqps",
                    queries=(
                        Query(
                            "sum by (model) (rate(core_llm_request_duration_seconds_count"
                            '{job=~"$job"}[$__rate_interval]))',
                            "{{model}}",
                        ),
                        Query(
                            "sum by (model) (rate(oracle_llm_request_duration_seconds_count"
                            '{job=~"$job"}[$__rate_interval]))',
                            "oracle {{model}}",
                        ),
                    ),
                    good="It follows the traffic; growing alone, something calls in a loop.",
                    runbook="TokenBudgetHigh",
                    to=API,
                    lists=("llm-calls",),
                    width=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("모델별 p95 지연", "p95 latency by model"),
                    kind="timeseries",
                    unit="s",
                    queries=(
                        Query(_quantile("core_llm_request_duration_seconds"), "{{model}}"),
                        Query(_quantile("oracle_llm_request_duration_seconds"), "oracle {{model}}"),
                    ),
                    good="Below the line at which LLMHighLatency warns.",
                    limits=Limits(alerts=("LLMHighLatency",)),
                    runbook="LLMHighLatency",
                    to=API,
                    lists=("llm-latency",),
                    width=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("모델별 오류", "Errors by model"),
                    kind="timeseries",
                    unit="cps",
                    queries=(
                        Query(
                            "sum by (model)"
                            ' (rate(core_llm_model_errors_total{job=~"$job"}[$__rate_interval]))',
                            "{{model}}",
                        ),
                        Query(
                            'sum by (model) (rate(oracle_llm_errors_total{job=~"$job"}[$__rate_interval]))',
                            "oracle {{model}}",
                        ),
                    ),
                    good="None for long: a model that fails is answered by its fallback.",
                    runbook="LLMErrorRate",
                    to=RESILIENCE,
                    lists=("llm-errors",),
                    width=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("제공자별 에러율", "Error ratio by provider"),
                    kind="timeseries",
                    unit="percentunit",
                    queries=(Query(share(_ERRORS, _CALLS), "{{provider}}"),),
                    good="Below the line at which LLMErrorRate warns; errors count among the calls.",
                    limits=Limits(alerts=("LLMErrorRate",)),
                    runbook="LLMErrorRate",
                    to=RESILIENCE,
                    lists=("llm-errors",),
                    width=8,
                    minimum=0,
                ),
            ),
        ),
        Row(
            Title("서비스별 호출", "Calls by service"),
            (
                Panel(
                    title=Title("Oracle 호출 (목적별)", "Oracle's calls by purpose"),
                    kind="timeseries",
                    unit="reqps",
                    queries=(
                        Query(
                            'sum by (purpose) (rate(oracle_llm_calls_total{job=~"$job"}[$__rate_interval]))',
                            "{{purpose}}",
                        ),
                    ),
                    good="Each question costs a few calls: their ratio to the requests stays.",
                    runbook="LowCacheHitRate",
                    to=API,
                    width=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("Vision LLM p95 지연", "p95 of Vision's calls"),
                    kind="timeseries",
                    unit="s",
                    queries=(Query(_quantile("vision_llm_call_duration_seconds", "node"), "{{node}}"),),
                    good="A few seconds, as the models behind them.",
                    runbook="LLMHighLatency",
                    to=API,
                    width=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("Synapse LLM 에러율", "Synapse's error ratio"),
                    kind="timeseries",
                    unit="percentunit",
                    queries=(Query('max by (pod) (synapse_llm_error_rate{job=~"$job"})', "{{pod}}"),),
                    good="Below the line at which LLMErrorRate warns for Core.",
                    limits=Limits(alerts=("LLMErrorRate",)),
                    runbook="LLMErrorRate",
                    to=WORKERS,
                    width=8,
                    minimum=0,
                ),
                Panel(
                    title=Title("Fallback 발동 횟수", "Calls that another model answered"),
                    kind="timeseries",
                    unit="cps",
                    queries=(
                        Query(
                            'sum by (model) (rate(core_llm_fallbacks_total{job=~"$job"}[$__rate_interval]))',
                            "{{model}}",
                        ),
                    ),
                    good="None but while a model fails.",
                    runbook="LLMErrorRate",
                    to=RESILIENCE,
                    lists=("llm-fallbacks",),
                    width=8,
                    minimum=0,
                ),
            ),
        ),
    ),
)
