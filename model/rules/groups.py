"""The rule groups of a stack: the files of `config/alerts` and what is generated beside them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from config.data import alert_files, services
from config.features import Alerting
from config.files import DataError
from config.settings import Settings
from config.slos import slos
from model.routing import WATCHDOG
from model.rules.latency import high_latency
from model.rules.lint import Known, findings, text_findings
from model.rules.prices import price_rules
from model.rules.promql import NotPromqlError, parsed
from model.rules.shapes import AlertRule, RecordingRule, RuleGroup
from model.rules.sla import sla_tier
from model.rules.slo import long_rules, short_rules
from model.rules.stack import of_stack
from model.slos import objectives
from model.yamltext import dumped

TEAM = "axiom-platform"
_DAY_SECONDS = 86400
_PLACEHOLDER = re.compile(r"<<([a-z_]+)>>")


def rule_groups(settings: Settings, jobs: Collection[str]) -> Mapping[str, RuleGroup]:
    """Every group by name, as a stack that scrapes `jobs` can have it.

    Raises:
        DataError: a file is wrong, two rules have one name, or a rule contradicts the metric catalogue.
    """
    groups = _written_groups(settings.alerting)
    services_jobs = {service.job for service in services().values() if service.job}
    generated = {
        "axiom-availability": map(_service_absent, sorted(services_jobs)),
        "monitoring-targets": (
            *map(_target_absent, sorted(set(jobs) - services_jobs)),
            *([_watchdog()] if settings.alerting.heartbeat else []),
        ),
    }
    for name, rules in generated.items():
        groups[name] = groups[name].model_copy(update={"rules": (*groups[name].rules, *rules)})
    _refuse_duplicates(groups)
    problems = list(_problems(groups, settings.retention.metrics_days * _DAY_SECONDS))
    if problems:
        raise DataError("\n".join(problems))
    return of_stack(groups, settings, jobs)


def rule_files(settings: Settings, groups: Mapping[str, RuleGroup]) -> Mapping[str, str]:
    """The rule files of Prometheus: file name to text."""
    base = settings.alerting.runbook_base.rstrip("/")
    return {
        f"{name}.yml": dumped({"groups": [_written(name, group, base)]}) for name, group in groups.items()
    }


@cache
def recorded_labels() -> Mapping[str, frozenset[str]]:
    """Every series that rules record in some stack, with its labels: no name depends on a setting."""
    rules = (rule for group in _written_groups(Alerting()).values() for rule in group.rules)
    return _recorded(rule for rule in rules if isinstance(rule, RecordingRule))


def _written_groups(alerting: Alerting) -> dict[str, RuleGroup]:
    """The files, and before their rules what is recorded of objectives and prices."""
    values = _values(alerting)
    groups = {name: _group(name, text, values) for name, text in alert_files().items()}
    recorded = {
        "slo": short_rules(objectives()),
        "slo-budget": long_rules(),
        "axiom-llm-budget": price_rules(),
    }
    for name, recordings in recorded.items():
        groups[name] = groups[name].model_copy(update={"rules": (*recordings, *groups[name].rules)})
    return groups


def _values(alerting: Alerting) -> Mapping[str, str]:
    """What stands for the placeholders of the files."""
    return {
        "token_budget": str(alerting.token_budget),
        "high_latency": high_latency(),
        "least_bad": str(slos().least_bad_requests),
    }


def _problems(groups: Mapping[str, RuleGroup], retention_seconds: float) -> Iterator[str]:
    """What the catalogue says against the rules, with file and rule."""
    rules = [(name, rule) for name, group in groups.items() for rule in group.rules]
    known = Known(_recorded(rule for _, rule in rules if isinstance(rule, RecordingRule)))
    for name, rule in rules:
        place = f"config/alerts/{name}.yaml: {rule.alert if isinstance(rule, AlertRule) else rule.record}"
        yield from (f"{place}: {problem}" for problem in _of_rule(rule, known, retention_seconds))


def _recorded(rules: Iterable[RecordingRule]) -> Mapping[str, frozenset[str]]:
    """The labels of what is recorded, by name, whatever order the rules that build on each other come in."""
    trees = []
    for rule in rules:
        # One that is no PromQL is told of the rule itself.
        with suppress(NotPromqlError):
            trees.append((rule, parsed(rule.expr)))
    before: dict[str, frozenset[str]] | None = None
    found: dict[str, frozenset[str]] = {}
    while found != before:
        before, known = found, Known(found)
        found = {rule.record: known.kept(tree) | set(rule.labels) for rule, tree in trees}
    return found


def _of_rule(rule: AlertRule | RecordingRule, known: Known, retention_seconds: float) -> Iterator[str]:
    try:
        tree = parsed(rule.expr)
    except NotPromqlError as error:
        yield f"no PromQL: {error}"
        return
    yield from findings(tree, known, retention_seconds)
    if isinstance(rule, AlertRule):
        texts = rule.annotations.model_dump(exclude_none=True)
        yield from text_findings(rule.labels.model_dump(exclude_none=True), texts, known.kept(tree))


def _group(name: str, text: str, values: Mapping[str, str]) -> RuleGroup:
    try:
        # Parsed first, so that no value can change the structure of the file.
        return TypeAdapter(RuleGroup).validate_python(_completed(_loaded(text), values), strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DataError(f"config/alerts/{name}.yaml: {place}: {first['msg']}") from None


@cache
def _loaded(text: str) -> Any:
    """The YAML of a file, which nobody changes."""
    return yaml.safe_load(text)


def _completed(found: Any, values: Mapping[str, str]) -> Any:
    if isinstance(found, str):
        return _PLACEHOLDER.sub(lambda match: values[match.group(1)], found)
    if isinstance(found, list):
        return [_completed(item, values) for item in found]
    if isinstance(found, dict):
        return {key: _completed(value, values) for key, value in found.items()}
    return found


def _service_absent(job: str) -> AlertRule:
    """An alert for a service whose targets are gone: without them nothing else can fire."""
    return _absent_alert(
        job,
        wait="2m",
        alert="ServiceAbsent",
        labels={"severity": "critical", "service": job},
        summary=f"{job} 서비스 대상 없음",
        description=f"Prometheus finds no pod of {job}: all are gone, or their labels changed.",
        action="서비스 Pod 상태 확인 → kubectl get pods",
    )


def _target_absent(job: str) -> AlertRule:
    """The same for an exporter or a server of the stack, whose alerts fall silent with it."""
    return _absent_alert(
        job,
        wait="5m",
        alert="TargetAbsent",
        labels={"severity": "warning", "service": "monitoring"},
        summary=f"{job} 수집 대상 없음",
        description=f"Prometheus finds no target of {job}; alerts on what it exposes are silent.",
        action="대상 Pod 상태 확인 → kubectl -n monitoring get pods",
    )


def _watchdog() -> AlertRule:
    """Fires as long as samples come in, rules are evaluated and alerts leave: its silence is the alarm."""
    rule = {
        "alert": WATCHDOG,
        # Not a constant: a Prometheus that scrapes nothing must fall silent too.
        "expr": "max(timestamp(up)) > time() - 60",
        "labels": {"severity": "info", "service": "monitoring"},
        "annotations": {
            "summary": "Watchdog: 알림 경로 정상",
            "description": "Samples are fresh, rules are evaluated and alerts leave the cluster.",
            "action": "조치 불필요",
        },
    }
    return AlertRule.model_validate(rule)


def _absent_alert(
    job: str, *, wait: str, alert: str, labels: Mapping[str, str], **annotations: str
) -> AlertRule:
    rule = {
        "alert": alert,
        # Each job by itself: over a pattern, `absent` fires only when every one is gone.
        "expr": f'absent(up{{job="{job}"}})',
        "for": wait,
        "labels": labels,
        "annotations": annotations,
    }
    return AlertRule.model_validate(rule)


def _refuse_duplicates(groups: Mapping[str, RuleGroup]) -> None:
    seen: set[tuple[str, str]] = set()
    for name, group in groups.items():
        for rule in group.rules:
            key = (rule.alert, rule.expr) if isinstance(rule, AlertRule) else _series(rule)
            if key in seen or (isinstance(rule, AlertRule) and _defined_elsewhere(rule, name, groups)):
                raise DataError(f"config/alerts/{name}.yaml: {key[0]} is defined twice")
            seen.add(key)


def _series(rule: RecordingRule) -> tuple[str, str]:
    return rule.record, ",".join(f"{name}={value}" for name, value in sorted(rule.labels.items()))


def _defined_elsewhere(rule: AlertRule, name: str, groups: Mapping[str, RuleGroup]) -> bool:
    others = (found for other, group in groups.items() if other != name for found in group.rules)
    return any(isinstance(found, AlertRule) and found.alert == rule.alert for found in others)


def _written(name: str, group: RuleGroup, runbooks: str) -> dict[str, Any]:
    timing = {"interval": group.interval} if group.interval else {}
    return {"name": name, **timing, "rules": [_rule(rule, runbooks) for rule in group.rules]}


def _rule(rule: AlertRule | RecordingRule, runbooks: str) -> dict[str, Any]:
    if isinstance(rule, RecordingRule):
        return rule.model_dump(by_alias=True, exclude_defaults=True)
    written = rule.model_dump(by_alias=True, exclude_none=True)
    written["labels"] |= {"sla_tier": sla_tier(rule.labels.service), "team": TEAM}
    written["annotations"] |= {"runbook_url": f"{runbooks}/{rule.alert}"}
    return written
