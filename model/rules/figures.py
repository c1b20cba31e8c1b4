"""Whether the figures in an alert's texts are those of its expression and wait."""

import re
from collections.abc import Iterator
from decimal import Decimal

import promql_parser as promql

from model.rules.placeholders import UNITS
from model.rules.promql import nodes, parsed, selections
from model.rules.shapes import AlertRule

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
# A digit within a word is part of a name (`p95`, `95th`).
_FIGURE = re.compile(
    rf"(?<![\w./])(\d+(?:\.\d+)?|{'|'.join(_WORDS)})(?!th\b|\w*\d) ?(%|GB|s\b|minute|hour|day|week|시간|)"
)
_TIMES = frozenset({"minute", "hour", "day", "week"})
_IN_NAME = re.compile(r"(\d+)([smhd])(?![a-z])")


def figure_findings(rule: AlertRule) -> Iterator[str]:
    """Figures in the texts that neither the expression nor the wait has: left behind when one was changed."""
    has = {value for _, value in _of_rule(rule)}
    texts = {"summary": rule.annotations.summary, "description": rule.annotations.description}
    for name, text in texts.items():
        for said, value in _told(text):
            if value not in has:
                listed = ", ".join(sorted({figure for figure, _ in _of_rule(rule)})) or "none"
                yield (
                    f"{name} says {said}, which is no figure of the expression or the wait ({listed});"
                    " give the alert a `limit` and write <<limit>> in both"
                )


def _told(text: str) -> Iterator[tuple[str, Decimal]]:
    """Each figure as it stands, and in base units; of those in words only times."""
    for found in _FIGURE.finditer(_TEMPLATE.sub("", text)):
        figure, unit = found[1], found[2]
        if figure in _WORDS and unit not in _TIMES:
            continue
        count = Decimal(_WORDS.index(figure)) if figure in _WORDS else Decimal(figure)
        yield found[0].strip(), count * UNITS[unit]


def _of_rule(rule: AlertRule) -> Iterator[tuple[str, Decimal]]:
    """The numbers of the expression, its ranges, those in names of recorded series, and the wait."""
    tree = parsed(rule.expr)
    for node in nodes(tree):
        if isinstance(node, promql.NumberLiteral):
            yield f"{node.val:g}", Decimal(repr(node.val))
        elif isinstance(node, promql.SubqueryExpr) and node.range:
            yield f"{node.range.total_seconds():g} s", Decimal(node.range.total_seconds())
    for found in selections(tree):
        if found.seconds is not None:
            yield f"{found.seconds:g} s", Decimal(found.seconds)
        for count, unit in _IN_NAME.findall(found.name):
            yield f"{count}{unit}", int(count) * UNITS[unit]
    if rule.for_:
        yield f"for {rule.for_}", _duration(rule.for_)


def _duration(text: str) -> Decimal:
    return sum((int(count) * UNITS[unit] for count, unit in _IN_NAME.findall(text)), Decimal(0))
