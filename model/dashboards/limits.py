"""Thresholds of panels, read from the parsed alerts and the tables of objectives."""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import promql_parser as promql

from config.files import DataError
from config.slos import slos
from model.dashboards.words import Limits, Mood, Quantile
from model.rules.promql import COMPARISONS, bare, parsed
from model.rules.shapes import AlertRule, RuleGroup

Steps = list[tuple[float | None, Mood]]
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_ALL_GOOD: Steps = [(None, "good")]


class Thresholds:
    """The figures of a stack's alerts and objectives."""

    def __init__(self, groups: Mapping[str, RuleGroup], token_budget: int) -> None:
        self._token_budget = token_budget
        rules = [rule for group in groups.values() for rule in group.rules if isinstance(rule, AlertRule)]
        self._rules = {rule.alert: rule for rule in reversed(rules)}

    def steps(self, limits: Limits) -> Steps:
        """What colours every series of a panel: from each value on, its mood; None is from below.

        Raises:
            DataError: an alert is not there, or has no threshold.
        """
        found = [self._of_alert(name) for name in limits.alerts]
        if limits.objective:
            found.append((_objective(*limits.objective), "warning", True))
        if limits.of_token_budget:
            found = [(value / self._token_budget, mood, over) for value, mood, over in found]
        above = sorted((value, mood) for value, mood, over in found if over)
        below = sorted((value, mood) for value, mood, over in found if not over)
        if above and below:
            raise DataError(f"{', '.join(limits.alerts)} watch both ends of a figure: a panel shows one")
        if below:
            # Bad from the ground up to the threshold of each.
            moods: list[Mood] = [*(mood for _, mood in below), "good"]
            return list(zip([None, *(value for value, _ in below)], moods, strict=True))
        return [*_ALL_GOOD, *above]

    def _of_alert(self, name: str) -> tuple[float, Mood, bool]:
        rule = self._rules.get(name)
        if rule is None:
            raise DataError(f"no alert {name} in config/alerts to take a threshold from")
        found = _comparison(parsed(rule.expr))
        if found is None:
            raise DataError(f"the alert {name} holds nothing against a figure: no threshold to take")
        sign, value = found
        mood: Mood = "bad" if rule.labels.severity == "critical" else "warning"
        if sign == "==":
            # What is 1 or 0: bad below 1.
            return value + 1, mood, False
        if sign == ">" and value == 0:
            # Of what is counted; nothing itself is good.
            return 1, mood, True
        return value, mood, sign.startswith(">")


def _objective(service: str, kind: str, quantile: Quantile) -> float:
    for row in slos().objectives:
        if (row.service, row.kind) == (service, kind):
            return row.latencies[quantile][0]
    raise DataError(f"config/slos.yaml has no objective of {service}, {kind}")


def of_series(limits: Limits) -> Mapping[str, Steps]:
    """What colours single series, by their name."""
    if limits.latency:
        return {job: [*_ALL_GOOD, (seconds, "bad")] for job, seconds in latencies(limits.latency).items()}
    if limits.agreement:
        return {name: _of_promise(promise) for name, promise in promises().items()}
    return {}


def greatest_of_series(limits: Limits) -> Mapping[str, float]:
    """How far a bar of each series reaches: twice its objective, so that all are read alike."""
    return {job: 2 * seconds for job, seconds in latencies(limits.latency).items()} if limits.latency else {}


def latencies(quantile: Quantile) -> Mapping[str, float]:
    """Seconds by job: the loosest objective among its kinds of requests."""
    found: dict[str, float] = {}
    for row in slos().objectives:
        if row.job:
            found[row.job] = max(found.get(row.job, 0.0), row.latencies[quantile][0])
    return found


def promises() -> Mapping[str, float]:
    """The availability that is agreed on, by the name of its series."""
    return {f"{each.name}-sla": slos().sla_tiers[each.sla_tier] for each in slos().agreements}


def _of_promise(promise: float) -> Steps:
    """Bad below the promise, a warning while more than half of its budget is gone."""
    return [(None, "bad"), (promise, "warning"), (round(promise + (1 - promise) / 2, 6), "good")]


def _comparison(tree: Any) -> tuple[str, float] | None:
    """The outermost comparison with a figure; what only guards it (`and …`) is not looked at."""
    tree = bare(tree)
    if isinstance(tree, promql.BinaryExpr):
        sign, value = str(tree.op).strip(), constant(tree.rhs)
        if sign in COMPARISONS and value is not None:
            return sign, value
        return _first((tree.lhs,) if sign in {"and", "unless"} else (tree.lhs, tree.rhs))
    if isinstance(tree, promql.AggregateExpr | promql.SubqueryExpr | promql.UnaryExpr):
        return _comparison(tree.expr)
    return _first(tree.args) if isinstance(tree, promql.Call) else None


def _first(trees: Iterable[Any]) -> tuple[str, float] | None:
    return next((found for tree in trees if (found := _comparison(tree))), None)


def constant(tree: Any) -> float | None:
    """The value of an expression of figures alone."""
    tree = bare(tree)
    if isinstance(tree, promql.NumberLiteral):
        return float(tree.val)
    if isinstance(tree, promql.BinaryExpr) and str(tree.op).strip() in _ARITHMETIC:
        left, right = constant(tree.lhs), constant(tree.rhs)
        if left is not None and right is not None:
            return _ARITHMETIC[str(tree.op).strip()](left, right)
    return None
