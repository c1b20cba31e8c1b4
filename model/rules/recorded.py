"""The labels of what rules record, which other rules and panels build on."""

from collections.abc import Mapping
from contextlib import suppress

from model.rules.lint import Known
from model.rules.promql import NotPromqlError, parsed
from model.rules.shapes import RecordingRule, RuleGroup


def labels_of(groups: Mapping[str, RuleGroup]) -> Mapping[str, frozenset[str]]:
    """The labels of what is recorded, by name, whatever order the rules that build on each other come in."""
    trees = []
    rules = (rule for group in groups.values() for rule in group.rules)
    for rule in rules:
        if not isinstance(rule, RecordingRule):
            continue
        # One that is no PromQL is told of the rule itself.
        with suppress(NotPromqlError):
            trees.append((rule, parsed(rule.expr)))
    before: dict[str, frozenset[str]] | None = None
    found: dict[str, frozenset[str]] = {}
    while found != before:
        before, known = found, Known(found)
        found = {rule.record: known.kept(tree) | set(rule.labels) for rule, tree in trees}
    return found
