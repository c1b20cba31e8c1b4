"""What an expression reads and what it keeps, on the tree of a PromQL parser."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import promql_parser as promql

_SETS = frozenset({"and", "unless"})
COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
# Their result has the labels that the selector names, or none.
_ABSENT = frozenset({"absent", "absent_over_time"})
_WITHOUT_LABELS = frozenset({"vector", "scalar", "time"})
# Their second argument names a label that they write.
_WRITING = frozenset({"label_join", "label_replace"})
_BOTH_WAYS = 2
# They take some of the series as they are.
_CHOOSING = frozenset({"topk", "bottomk"})


class NotPromqlError(ValueError):
    """The text is no expression; says why."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """One selector of an expression, and what is done to it."""

    name: str
    equal: Mapping[str, str]
    """Labels that must have a value."""
    like: Mapping[str, str]
    """Labels that must match a regular expression."""
    seconds: float | None
    """Its range; None is an instant."""
    function: str | None
    """The innermost function that takes it."""


@cache
def parsed(text: str) -> Any:
    """The tree of an expression, which nobody changes.

    Raises:
        NotPromqlError: it is none.
    """
    try:
        return promql.parse(text)
    except ValueError as error:
        raise NotPromqlError(str(error)) from None


def nodes(tree: Any) -> Iterator[Any]:
    """Every part of an expression, from the outside in."""
    yield tree
    for child in _children(tree):
        yield from nodes(child)


def selections(tree: Any, function: str | None = None) -> Iterator[Selection]:
    """Every selector, in the order of the text."""
    if isinstance(tree, promql.VectorSelector):
        yield _selection(tree, None, function)
    elif isinstance(tree, promql.MatrixSelector):
        yield _selection(tree.vector_selector, tree.range.total_seconds(), function)
    else:
        inner = tree.func.name if isinstance(tree, promql.Call) else function
        for child in _children(tree):
            yield from selections(child, inner)


def bare(tree: Any) -> Any:
    """Without the parentheses around it."""
    while isinstance(tree, promql.ParenExpr):
        tree = tree.expr
    return tree


def kept(tree: Any, labels: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The labels of an expression's result; `labels` says those of each selector's name."""
    tree = bare(tree)
    for kind, labels_of in _KEPT.items():
        if isinstance(tree, kind):
            return labels_of(tree, labels)
    return frozenset()


def _children(tree: Any) -> list[Any]:
    if isinstance(tree, promql.BinaryExpr):
        return [tree.lhs, tree.rhs]
    if isinstance(tree, promql.Call):
        return list(tree.args)
    if isinstance(tree, promql.AggregateExpr | promql.ParenExpr | promql.UnaryExpr | promql.SubqueryExpr):
        return [tree.expr]
    return []


def _selection(selector: Any, seconds: float | None, function: str | None) -> Selection:
    found = selector.matchers.matchers
    return Selection(
        name=selector.name or "",
        equal={each.name: each.value for each in found if each.op == promql.MatchOp.Equal},
        like={each.name: each.value for each in found if each.op == promql.MatchOp.Re},
        seconds=seconds,
        function=function,
    )


def _of_aggregate(tree: Any, labels: Mapping[str, frozenset[str]]) -> frozenset[str]:
    if str(tree.op).strip() in _CHOOSING:
        return kept(tree.expr, labels)
    if tree.modifier is None:
        return frozenset()
    below, named = kept(tree.expr, labels), frozenset(tree.modifier.labels)
    by = tree.modifier.type == promql.AggModifierType.By
    return named & below if by else below - named


def _of_two(tree: Any, labels: Mapping[str, frozenset[str]]) -> frozenset[str]:
    sides = [
        kept(side, labels) for side in (tree.lhs, tree.rhs) if not isinstance(side, promql.NumberLiteral)
    ]
    operation = str(tree.op)
    if not sides:
        return frozenset()
    if len(sides) < _BOTH_WAYS or operation in _SETS:
        return sides[0]
    if operation == "or":
        return sides[0] & sides[1]
    matching = tree.modifier.matching if tree.modifier else None
    grouped = tree.modifier is not None and tree.modifier.group_labels is not None
    # A comparison of one with one loses labels too, as the sum of both would.
    if matching is None or grouped:
        return sides[0]
    named = frozenset(matching.labels)
    return named & sides[0] if matching.type == promql.LabelModifierType.Include else sides[0] - named


def _of_call(tree: Any, labels: Mapping[str, frozenset[str]]) -> frozenset[str]:
    name = tree.func.name
    if name in _WITHOUT_LABELS:
        return frozenset()
    vectors = [arg for arg in tree.args if not isinstance(arg, promql.NumberLiteral | promql.StringLiteral)]
    if name in _ABSENT:
        return frozenset(next(iter(selections(vectors[0]))).equal)
    found = kept(vectors[0], labels) if vectors else frozenset()
    if name in _WRITING:
        return found | {tree.args[1].val}
    return found - {"le"} if name == "histogram_quantile" else found


_KEPT: Mapping[type, Callable[[Any, Mapping[str, frozenset[str]]], frozenset[str]]] = {
    promql.VectorSelector: lambda tree, labels: labels.get(tree.name, frozenset()),
    promql.MatrixSelector: lambda tree, labels: kept(tree.vector_selector, labels),
    promql.SubqueryExpr: lambda tree, labels: kept(tree.expr, labels),
    promql.UnaryExpr: lambda tree, labels: kept(tree.expr, labels),
    promql.AggregateExpr: _of_aggregate,
    promql.BinaryExpr: _of_two,
    promql.Call: _of_call,
}
