"""Expressions without recorded series: each recorded name replaced by the expressions behind it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import promql_parser as promql

from model.rules.promql import parsed

_PLACE = "inlined_"
_SIGNS = (
    (promql.MatchOp.Equal, "="),
    (promql.MatchOp.NotEqual, "!="),
    (promql.MatchOp.Re, "=~"),
    (promql.MatchOp.NotRe, "!~"),
)


class NotInlinedError(ValueError):
    """A recorded name has no expression that could stand in its place; says why."""


@dataclass(frozen=True)
class Recording:
    """One rule that records a name."""

    expr: str
    labels: Mapping[str, str]
    interval: int
    """Seconds from one of its samples to the next."""


def is_recorded(name: str) -> bool:
    """Whether rules write it: only their names have colons."""
    return ":" in name


def inlined(text: str, recordings: Mapping[str, Sequence[Recording]]) -> str:
    """The expression on scraped series alone; a range of a recorded one becomes a subquery.

    Raises:
        NotInlinedError: nothing records a selected name, or a matcher would reach a scraped series.
    """
    unions: list[str] = []
    small = promql.transform(parsed(text), partial(_replaced, recordings=recordings, unions=unions))
    # As text, for the tree of all of it is slow to go through.
    return re.sub(rf"\b{_PLACE}(\d+)\b", lambda found: unions[int(found[1])], str(small.prettify()))


def _replaced(node: Any, recordings: Mapping[str, Sequence[Recording]], unions: list[str]) -> Any:
    """What stands in the place of a recorded selector: the number of one of `unions`, which grows."""
    ranged = isinstance(node, promql.MatrixSelector)
    selector = node.vector_selector if ranged else node
    if not isinstance(selector, promql.VectorSelector) or not is_recorded(name := selector.name or ""):
        return None
    place = f"{_PLACE}{len(unions)}"
    unions.append(inlined(_union(selector, recordings), recordings))
    if not ranged:
        return parsed(place)
    return parsed(f"{place}[{node.range.total_seconds():.0f}s:{recordings[name][0].interval}s]")


def _union(selector: Any, recordings: Mapping[str, Sequence[Recording]]) -> str:
    """Every rule of the name whose labels match, each with its labels."""
    matchers = selector.matchers.matchers
    found = [
        _labelled(_narrowed(each.expr, rest), each.labels)
        for each in recordings.get(selector.name, ())
        if (rest := _unmet(matchers, each.labels)) is not None
    ]
    if not found:
        raise NotInlinedError(f"nothing records {selector.prettify()}")
    return f"({' or '.join(found)})"


def _unmet(matchers: Sequence[Any], labels: Mapping[str, str]) -> list[Any] | None:
    """The matchers of labels that a rule does not set; None where one that it sets does not match."""
    if not all(_matches(each, labels[each.name]) for each in matchers if each.name in labels):
        return None
    return [each for each in matchers if each.name not in labels]


def _matches(matcher: Any, value: str) -> bool:
    exact = matcher.op in (promql.MatchOp.Equal, promql.MatchOp.NotEqual)
    pattern = re.escape(matcher.value) if exact else matcher.value
    negative = matcher.op in (promql.MatchOp.NotEqual, promql.MatchOp.NotRe)
    return (re.fullmatch(pattern, value) is None) == negative


def _narrowed(text: str, matchers: Sequence[Any]) -> str:
    """The expression with these matchers on every recorded name that it selects."""
    if not matchers:
        return text
    return str(promql.transform(parsed(text), partial(_added, matchers=matchers)).prettify())


def _added(node: Any, matchers: Sequence[Any]) -> Any:
    if isinstance(node, promql.MatrixSelector):
        return parsed(f"{_narrow(node.vector_selector, matchers)}[{node.range.total_seconds():.0f}s]")
    return parsed(_narrow(node, matchers)) if isinstance(node, promql.VectorSelector) else None


def _narrow(selector: Any, matchers: Sequence[Any]) -> str:
    if not is_recorded(selector.name):
        raise NotInlinedError(f"{selector.name} is scraped: its labels are not those of the result")
    every = dict.fromkeys(map(_written, (*selector.matchers.matchers, *matchers)))
    return f"{selector.name}{{{','.join(every)}}}"


def _written(matcher: Any) -> str:
    sign = next(sign for operation, sign in _SIGNS if operation == matcher.op)
    return f"{matcher.name}{sign}{json.dumps(matcher.value)}"


def _labelled(text: str, labels: Mapping[str, str]) -> str:
    for name, value in labels.items():
        text = f'label_replace({text}, "{name}", {json.dumps(value)}, "", "")'
    return text if labels else f"({text})"
