"""Which rules a stack can have: those whose every series somebody there exposes."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from config.data import tier
from config.metrics import carrying
from config.settings import Settings
from model.rules.lint import Known
from model.rules.promql import Selection, parsed, selections
from model.rules.shapes import AlertRule, RecordingRule, RuleGroup
from model.slos import Objective, objectives


def of_stack(
    groups: Mapping[str, RuleGroup], settings: Settings, jobs: Collection[str]
) -> dict[str, RuleGroup]:
    """The groups without the rules that would be silent for ever in a stack that scrapes `jobs`."""
    stack = Stack(settings, jobs)
    recorded, before = {rule.record for rule in _recordings(groups)}, set[str]()
    while recorded != before:
        before = recorded
        recorded = {rule.record for rule in _recordings(groups) if stack.has(rule, before)}
    kept = {
        name: group.model_copy(
            update={"rules": tuple(each for each in group.rules if stack.has(each, recorded))}
        )
        for name, group in groups.items()
    }
    return {name: group for name, group in kept.items() if group.rules}


def measured(settings: Settings, jobs: Collection[str]) -> tuple[Objective, ...]:
    """The objectives whose series a stack that scrapes `jobs` has."""
    stack = Stack(settings, jobs)
    return tuple(found for found in objectives() if found.slo not in stack.unmeasured)


class Stack:
    """What a stack scrapes and, with its rules (`groups`), records; which objectives it can't measure."""

    def __init__(
        self, settings: Settings, jobs: Collection[str], groups: Mapping[str, RuleGroup] | None = None
    ) -> None:
        self.jobs = frozenset(jobs)
        self._recorded = {rule.record for rule in _recordings(groups or {})}
        self._scraped = partial(_scraped, known=Known(), settings=settings, jobs=jobs)
        self.unmeasured = {found.slo for found in objectives() if not self._measures(found)}

    def has(self, rule: AlertRule | RecordingRule, recorded: Collection[str]) -> bool:
        """Whether every series of a rule is there, where these names are recorded."""
        named = rule.labels.get("slo") if isinstance(rule, RecordingRule) else None
        selected = selections(parsed(rule.expr))
        return named not in self.unmeasured and all(self._there(found, recorded) for found in selected)

    def has_series(self, expr: str) -> bool:
        """Whether every series of an expression is there."""
        return all(self._there(found, self._recorded) for found in selections(parsed(expr)))

    def _there(self, found: Selection, recorded: Collection[str]) -> bool:
        if ":" not in found.name:
            return self._scraped(found)
        return found.name in recorded and found.equal.get("slo") not in self.unmeasured

    def _measures(self, found: Objective) -> bool:
        texts = (found.rates.requests, found.rates.bad)
        return all(self._scraped(each) for text in texts for each in selections(parsed(text)))


def _recordings(groups: Mapping[str, RuleGroup]) -> Iterable[RecordingRule]:
    return (rule for group in groups.values() for rule in group.rules if isinstance(rule, RecordingRule))


def _scraped(found: Selection, *, known: Known, settings: Settings, jobs: Collection[str]) -> bool:
    metric = known.metric(found.name)
    if metric is None or metric.needed_by:
        return False
    if metric.when == "workspace" and not tier(settings.tier).workspace:
        return False
    exactly = re.escape(found.equal["job"]) if "job" in found.equal else ".*"
    wanted = found.like.get("job", exactly)
    return any(job in jobs and re.fullmatch(wanted, job) for job in carrying(found.name))
