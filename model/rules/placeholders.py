"""What stands for `<<…>>` in the rule files: values of the stack, and an alert's own limit."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

PLACEHOLDER = re.compile(r"<<([a-z_]+)>>")
UNITS: Mapping[str, Decimal] = {
    "": Decimal(1),
    "%": Decimal("0.01"),
    "GB": Decimal(10) ** 9,
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
    "second": Decimal(1),
    "minute": Decimal(60),
    "hour": Decimal(3600),
    "day": Decimal(86400),
    "week": Decimal(7 * 86400),
    "시간": Decimal(3600),
}
"""What one of a unit is in base units."""
_LIMIT = re.compile(r"(\d+(?:\.\d+)?) ?(%|GB|s|minute|hour|day|week|)s?")


def completed(found: Any, values: Mapping[str, str]) -> Any:
    """Every text of a document with its placeholders filled in; one that stands for nothing stays."""
    if isinstance(found, str):
        return PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group()), found)
    if isinstance(found, list):
        return [completed(item, values) for item in found]
    if isinstance(found, dict):
        return {key: completed(value, values) for key, value in found.items()}
    return found


def with_limit(rule: Any) -> Any:
    """A rule with its `limit` for each `<<limit>>`: in PromQL in base units, in its texts as written.

    Raises:
        ValueError: the limit is none, or the expression does not use it.
    """
    if not isinstance(rule, dict) or "limit" not in rule:
        return rule
    limit, expr = str(rule["limit"]), str(rule.get("expr"))
    if "<<limit>>" not in expr:
        raise ValueError("the expression does not use its limit: compare with <<limit>>")
    told = {key: each for key, each in rule.items() if key not in ("limit", "expr")}
    return {**completed(told, {"limit": limit}), "expr": expr.replace("<<limit>>", number(limit))}


def number(limit: str) -> str:
    """A limit in base units, as PromQL has it; people write `1000`, `80%`, `15 GB`, `2.5 s`, `14 days`.

    Raises:
        ValueError: it is no number, or its unit is none of these.
    """
    found = _LIMIT.fullmatch(limit)
    if found is None:
        units = "a number alone, or with %, GB, s, minutes, hours, days or weeks"
        raise ValueError(f"limit {limit!r} is no limit: write {units}")
    value = Decimal(found[1]) * UNITS[found[2]]
    return str(int(value)) if value == int(value) else f"{value.normalize():f}"
