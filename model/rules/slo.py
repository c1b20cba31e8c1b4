"""What is recorded of the objectives that a stack can measure, and the alert on a series that is lost.

Names of series follow Sloth where it has one. Windows are means of a series recorded every minute, the
same for good and bad, so that each request weighs the same however long the window.
"""

from collections.abc import Iterable, Iterator

from config.files import DataError
from config.slos import slos
from model.rules.shapes import AlertRule, RecordingRule
from model.rules.sla import PER_OBJECTIVE
from model.slos import WINDOW, Objective

# Between two samples of what the group of short windows records.
SECONDS = 60
SHORT = ("30m", "1h", "2h", "6h")
LONG = ("1d", "3d")
# The highest factor that an alert waits for (config/alerts/slo.yaml).
HIGHEST_FACTOR = 14.4
_MINUTES_LEAST = 2
_REQUESTS, _BAD = "slo:requests:rate5m", "slo:bad_requests:rate5m"


def short_rules(found: Iterable[Objective]) -> Iterator[RecordingRule | AlertRule]:
    """What is recorded every minute: rates, budgets, shares and burn rates up to six hours.

    Raises:
        DataError: a budget is so large that its alert could never fire.
    """
    listed = tuple(found)
    for objective in listed:
        yield from _of_objective(objective)
    yield _record(f"slo:sli_error:ratio_rate{WINDOW}", "slo:bad_requests:rate5m / (slo:requests:rate5m > 0)")
    yield from map(_share, SHORT)
    yield from map(_burn, (WINDOW, *SHORT))
    yield _record(
        "slo:error_rate_over_ceiling:bool",
        f"slo:sli_error:ratio_rate{WINDOW} > bool on (slo) group_left () slo:error_rate_ceiling:ratio",
    )
    yield from (_absent(objective) for objective in listed if objective.kind != "latency")


def long_rules() -> Iterator[RecordingRule]:
    """What is recorded every five minutes: the same over days, and what is left of each budget."""
    window = f"{slos().window_days}d"
    yield from map(_share, LONG)
    # The bad ones are read once, for their share and for the alert that asks how many they are.
    bad, every = (f"{SECONDS} * sum_over_time({name}[{window}])" for name in (_BAD, _REQUESTS))
    yield _record("slo:period_bad_requests:increase", bad)
    yield _record(f"slo:sli_error:ratio_rate{window}", f"slo:period_bad_requests:increase / ({every} > 0)")
    yield from map(_burn, LONG)
    left = f"1 - slo:sli_error:ratio_rate{window} / on (slo) group_left () (slo:error_budget:ratio > 0)"
    yield _record("slo:period_error_budget_remaining:ratio", left)
    yield _record("slo:error_budget_spent:bool", "slo:period_error_budget_remaining:ratio <= bool 0")
    kept = f"slo:sli_error:ratio_rate{window} <= bool on (slo) group_left () (1 - slo:objective:ratio)"
    yield _record("slo:objective_met:bool", kept)
    yield _record("sla:availability:ratio", f'1 - slo:sli_error:ratio_rate{window}{{kind="sla"}}')
    yield _record("sla:compliance:bool", 'slo:objective_met:bool{kind="sla"}')


def absent_minutes(objective: Objective) -> int:
    """How long a series may be gone: until its share of the budget would be spent if everything failed."""
    return max(_MINUTES_LEAST, int(objective.budget_minutes * slos().absent_budget_share))


def _of_objective(found: Objective) -> Iterator[RecordingRule]:
    if found.budgeted and HIGHEST_FACTOR * found.budget >= 1:
        raise DataError(
            f"config/slos.yaml: {found.slo}: {HIGHEST_FACTOR} times its budget of {found.budget:.0%} is"
            " more than every request; no alert on it could fire. Set a higher objective."
        )
    rates = {"slo:requests:rate5m": found.rates.requests, "slo:bad_requests:rate5m": found.rates.bad}
    shares = {"slo:objective:ratio": found.target}
    if found.budgeted:
        shares["slo:error_budget:ratio"] = found.budget
    if found.ceiling is not None:
        shares["slo:error_rate_ceiling:ratio"] = found.ceiling
    for name, expr in (rates | {name: f"vector({share:g})" for name, share in shares.items()}).items():
        yield RecordingRule.model_validate({"record": name, "expr": expr, "labels": found.labels})


def _share(window: str) -> RecordingRule:
    every = f"avg_over_time(slo:requests:rate5m[{window}])"
    return _record(
        f"slo:sli_error:ratio_rate{window}",
        f"avg_over_time(slo:bad_requests:rate5m[{window}]) / ({every} > 0)",
    )


def _burn(window: str) -> RecordingRule:
    share = f"slo:sli_error:ratio_rate{window}"
    return _record(
        f"slo:burn_rate:ratio_rate{window}",
        f"{share} / on (slo) group_left () (slo:error_budget:ratio > 0)",
    )


def _absent(found: Objective) -> AlertRule:
    """Says that an objective is blind: it had requests within the day, and has no series now."""
    had = f'last_over_time(slo:requests:rate5m{{slo="{found.slo}"}}[1d])'
    rule = {
        "alert": "SLOWithoutData",
        "expr": f'{had} unless slo:requests:rate5m{{slo="{found.slo}"}}',
        "for": f"{absent_minutes(found)}m",
        "labels": {"severity": "warning", "service": PER_OBJECTIVE},
        "annotations": {
            "summary": "{{ $labels.slo }} SLO 지표 없음",
            "description": f"{found.metric} is gone; the budget of {{{{ $labels.slo }}}} is not watched.",
            "action": "서비스의 /metrics와 지표 이름 변경 여부 확인",
        },
    }
    return AlertRule.model_validate(rule)


def _record(name: str, expr: str) -> RecordingRule:
    return RecordingRule(record=name, expr=expr)
