"""docs/slos.md: what is promised, which series measure it and which are to come."""

from collections.abc import Iterable, Iterator, Sequence

from config.metrics import carrying, exposers, metrics
from config.slos import slos
from model.rules.slo import absent_minutes
from model.slos import Objective, objectives

_HEAD = """# Objectives, agreements and their budgets

Made by `make docs` from `config/slos.yaml`; a test holds it current.

A budget is what may fail in {days} days. Burn rates are multiples of the pace that spends it in just that
time; who is told how fast stands in `config/alerts/slo.yaml` and `slo-budget.yaml`. When a budget is spent,
features stop, stability comes first and a post-mortem is written (`ErrorBudgetSpent`).

| series | what it says |
| --- | --- |
| `slo:sli_error:ratio_rate5m`, … `{days}d` | share of bad requests in the window |
| `slo:burn_rate:ratio_rate5m`, … `3d` | how many times too fast the budget is spent |
| `slo:objective:ratio`, `slo:error_budget:ratio` | what is promised, and what may fail |
| `slo:period_error_budget_remaining:ratio` | what is left of it: 1 all, 0 nothing, less is overspent |
| `slo:error_budget_spent:bool` | 1: deploys of features stop |
| `slo:objective_met:bool` | whether the promise holds over {days} days |
| `slo:error_rate_ceiling:ratio` | the error rate that is promised |
| `slo:error_rate_over_ceiling:bool` | whether the last five minutes are above it |
| `sla:availability:ratio`, `sla:compliance:bool` | the agreement, over all requests of a service |

Availability and error rate are shares of the same requests: the looser error rate can never bind over a
month, so availability drives the budget and the error rate is a ceiling over a short window.
"""
_MEASURED = """
## Measured

`warns after` is how long a series may be gone: a tenth of the budget, if everything failed meanwhile.
Medians have no budget: half of all requests may be slower. Where an agreement is watched by an objective
over the same requests, one budget serves both.

"""
_TO_COME = """
## To come

These wait for a metric that nobody exposes yet. Once a service has it, the line `neededBy` goes from
`config/metrics/`, and its rules, alerts and series are there.

"""
_TIGHT = """
## Agreements that are no looser than an objective

An agreement has no margin where an objective of the same service promises as little or less: every
objective can be met and the agreement broken.

"""
_HOUR = 60


def page() -> str:
    """The whole page, in Markdown."""
    found = objectives()
    measured = [each for each in found if _there(each)]
    waiting = [each for each in found if not _there(each)]
    parts = [
        _HEAD.format(days=slos().window_days),
        _MEASURED,
        _table(
            ("objective", "SLA tier", "promise", "budget", "read from", "warns after"),
            map(_measured, measured),
        ),
        _TO_COME,
        _table(("objective", "promise", "metric to add", "by", "what it counts"), map(_waiting, waiting)),
        _TIGHT,
        _table(("agreement", "promises", "objective", "promises"), _tight()),
    ]
    return "".join(parts)


def _there(found: Objective) -> bool:
    return metrics()[found.metric].needed_by is None and bool(carrying(found.metric))


def _measured(found: Objective) -> tuple[str, ...]:
    absent = f"{absent_minutes(found)} min" if found.kind != "latency" else ""
    budget = _time(found.budget_minutes) if found.budgeted else ""
    return (
        f"`{found.slo}`",
        str(found.owner.sla_tier),
        f"{found.target:.1%}",
        budget,
        f"`{found.metric}`",
        absent,
    )


def _waiting(found: Objective) -> tuple[str, ...]:
    who = next(name for name, exposer in exposers().items() if found.metric in exposer.metrics)
    return (f"`{found.slo}`", f"{found.target:.1%}", f"`{found.metric}`", who, metrics()[found.metric].help)


def _tight() -> Iterator[tuple[str, ...]]:
    """Agreements beside the objectives of their service that promise as little or less."""
    for agreement in (each for each in objectives() if each.kind == "sla"):
        for other in objectives():
            same = other.owner == agreement.owner and other.kind == "availability"
            if same and other.target <= agreement.target:
                yield f"`{agreement.slo}`", f"{agreement.target:.1%}", f"`{other.slo}`", f"{other.target:.1%}"


def _time(minutes: float) -> str:
    return f"{minutes:.1f} min" if minutes < _HOUR else f"{minutes / _HOUR:.1f} h"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    listed = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in listed)
