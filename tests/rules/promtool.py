"""Rules held against series by promtool: what it says of them, and what a changed rule would be."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml
from real_server import tool

from model.rules.promql import nodes, parsed, selections

SCRAPE = 15
EDGE = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
FLIPPED = {">": "<", "<": ">", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}
_COMPARISON = re.compile(r"(?<=\s)(>=|<=|==|!=|>|<)(?:\s+(?:bool\s+)?(-?[\d.e]+))?(?=[\s)]|$)")
_GUARDS = frozenset({"and", "unless", "or"})
Rule = Mapping[str, Any]


def input_series(values: Mapping[str, str], at: int, scrape: int = SCRAPE) -> list[dict[str, str]]:
    """Each held, or growing, until then; what is written out with its own counts stays as it is."""
    count = at // scrape
    return [{"series": name, "values": _over(str(value), count)} for name, value in values.items()]


def _over(value: str, count: int) -> str:
    if "x" in value:
        return value
    return f"{value}x{count}" if "+" in value else f"{value}+0x{count}"


def failure(rules: Sequence[Rule], tests: Sequence[Rule], folder: Path, scrape: int = SCRAPE) -> str:
    """What promtool says of rules on these tests; nothing where all pass.

    Only what the tests look at is evaluated: a day by the minute takes seconds for each rule.
    """
    rule_file = {"groups": [{"name": "planted", "rules": looked_at(rules, tests)}]}
    (folder / "rules.yml").write_text(yaml.safe_dump(rule_file, allow_unicode=True))
    document = {"rule_files": ["rules.yml"], "evaluation_interval": f"{scrape}s", "tests": list(tests)}
    (folder / "test.yml").write_text(yaml.safe_dump(document, allow_unicode=True))
    command = (tool("promtool"), "test", "rules", "test.yml")
    # It lives for a second: its garbage need not be collected.
    environment = {**os.environ, "GOGC": "off", "GOMEMLIMIT": "1GiB"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def looked_at(rules: Sequence[Rule], tests: Sequence[Rule]) -> list[Rule]:
    """The rules that tests name or that those read, and what these read in turn, in their order."""
    names = {check["alertname"] for test in tests for check in test.get("alert_rule_test", ())}
    names |= _read(check["expr"] for test in tests for check in test.get("promql_expr_test", ()))
    while more := _read(_expressions(rules, names)) - names:
        names |= more
    return [rule for rule in rules if _name(rule) in names]


def _expressions(rules: Sequence[Rule], names: set[str]) -> Iterator[str]:
    return (rule["expr"] for rule in rules if _name(rule) in names)


def _read(expressions: Iterable[str]) -> set[str]:
    found = (each for text in expressions for each in selections(parsed(text)))
    return {each.equal["alertname"] if each.name == "ALERTS" else each.name for each in found}


def _name(rule: Rule) -> str:
    return str(rule.get("record") or rule["alert"])


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """No wait, each comparison turned, its edge let in or out, its threshold moved, each guard left out."""
    if "for" in rule:
        yield "no wait", {key: value for key, value in rule.items() if key != "for"}
    yield from _moved(rule)
    yield from _unguarded(rule)


def _moved(rule: Rule) -> Iterator[tuple[str, Rule]]:
    expr = rule["expr"]
    for found in _COMPARISON.finditer(expr):
        turned = f"{expr[: found.start(1)]}{FLIPPED[found[1]]}{expr[found.end(1) :]}"
        yield f"{found[0]} turned", {**rule, "expr": turned}
        if found[1] in EDGE:
            at_edge = f"{expr[: found.start(1)]}{EDGE[found[1]]}{expr[found.end(1) :]}"
            yield f"{found[0]} as {EDGE[found[1]]}", {**rule, "expr": at_edge}
        if found[2]:
            value = float(found[2])
            for moved in (value * 1.5, value / 1.5) if value else (1, -1):
                text = f"{expr[: found.start(2)]}{moved!r}{expr[found.end(2) :]}"
                yield f"{found[0]} to {moved:g}", {**rule, "expr": text}


def _unguarded(rule: Rule) -> Iterator[tuple[str, Rule]]:
    tree = parsed(rule["expr"])
    whole = written(tree)
    guards = [node for node in nodes(tree) if _is_guard(node)]
    texts = [written(node) for node in guards]
    for number, (node, text) in enumerate(zip(guards, texts, strict=True)):
        # The same guard may stand several times: this one, not the first.
        parts, earlier = whole.split(text), texts[:number].count(text)
        left, right = text.join(parts[: earlier + 1]), text.join(parts[earlier + 1 :])
        yield f"no {node.op} ({number + 1})", {**rule, "expr": f"{left}{written(node.lhs)}{right}"}


def _is_guard(node: Any) -> bool:
    return isinstance(node, promql.BinaryExpr) and str(node.op).strip() in _GUARDS


def written(tree: Any) -> str:
    """The text of an expression, whose parser forgets to escape what is in quotes."""
    return str(tree).replace("\\", "\\\\")
