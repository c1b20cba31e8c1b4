"""Which rules a stack can have: those whose every series somebody there exposes."""

import re
from collections.abc import Collection, Iterable, Mapping

from config.data import tier
from config.settings import Settings
from model.rules.lint import Known, carrying
from model.rules.promql import Selection, parsed, selections
from model.rules.shapes import RecordingRule, RuleGroup


def of_stack(
    groups: Mapping[str, RuleGroup], settings: Settings, jobs: Collection[str]
) -> dict[str, RuleGroup]:
    """The groups without the rules that would be silent for ever in a stack that scrapes `jobs`."""
    known = Known()
    recorded = {rule.record for rule in _recordings(groups) if _had(rule.expr, known, settings, jobs)}
    kept = {
        name: RuleGroup(
            interval=group.interval,
            rules=tuple(rule for rule in group.rules if _had(rule.expr, known, settings, jobs, recorded)),
        )
        for name, group in groups.items()
    }
    return {name: group for name, group in kept.items() if group.rules}


def _recordings(groups: Mapping[str, RuleGroup]) -> Iterable[RecordingRule]:
    return (rule for group in groups.values() for rule in group.rules if isinstance(rule, RecordingRule))


def _had(
    expr: str,
    known: Known,
    settings: Settings,
    jobs: Collection[str],
    recorded: Collection[str] | None = None,
) -> bool:
    """Whether every series is there; those that are recorded count as there where `recorded` is None."""
    return all(
        (recorded is None or found.name in recorded)
        if ":" in found.name
        else _scraped(found, known, settings, jobs)
        for found in selections(parsed(expr))
    )


def _scraped(found: Selection, known: Known, settings: Settings, jobs: Collection[str]) -> bool:
    metric = known.metric(found.name)
    if metric is None or metric.needed_by:
        return False
    if metric.when == "workspace" and not tier(settings.tier).workspace:
        return False
    exactly = re.escape(found.equal["job"]) if "job" in found.equal else ".*"
    wanted = found.like.get("job", exactly)
    return any(job in jobs and re.fullmatch(wanted, job) for job in carrying(found.name))
