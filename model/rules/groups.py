"""The rule groups of a stack: the files of `config/alerts` and what is generated beside them."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from config.data import alert_files, services
from config.files import DataError
from config.section import Section
from config.settings import Settings
from model.rules.latency import high_latency
from model.rules.sla import sla_tier
from model.yamltext import dumped

TEAM = "axiom-platform"
_PLACEHOLDER = re.compile(r"<<([a-z_]+)>>")


class Labels(Section):
    """Labels that an alert is written with; its SLA tier and team follow."""

    severity: Literal["critical", "warning", "info"]
    service: str


class Annotations(Section):
    """What people read: the summary and first action in Korean, the rest in English."""

    summary: str
    description: str
    action: str
    runbook: str | None = None


class AlertRule(Section):
    """An alert, in Prometheus's own words."""

    alert: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]+$")]
    expr: str
    for_: Annotated[str | None, Field(alias="for")] = None
    labels: Labels
    annotations: Annotations


class RecordingRule(Section):
    """A recorded series, named level:metric:operations."""

    record: Annotated[str, Field(pattern=r"^[a-z_]+:[a-z0-9_]+:[a-z0-9_]+$")]
    expr: str


class RuleGroup(Section):
    """Rules that are evaluated one after another."""

    interval: str | None = None
    rules: tuple[AlertRule | RecordingRule, ...]


def rule_groups(settings: Settings) -> Mapping[str, RuleGroup]:
    """Every group by name.

    Raises:
        DataError: a file is wrong, or two rules have one name.
    """
    values = {"token_budget": str(settings.alerting.token_budget), "high_latency": high_latency()}
    groups = {name: _group(name, text, values) for name, text in alert_files().items()}
    availability = groups["axiom-availability"]
    groups["axiom-availability"] = RuleGroup(rules=(*availability.rules, *_absent_alerts()))
    _refuse_duplicates(groups)
    return groups


def rule_files(settings: Settings) -> Mapping[str, str]:
    """The rule files of Prometheus: file name to text."""
    base = settings.alerting.runbook_base.rstrip("/")
    return {
        f"{name}.yml": dumped({"groups": [_written(name, group, base)]})
        for name, group in rule_groups(settings).items()
    }


def _group(name: str, text: str, values: Mapping[str, str]) -> RuleGroup:
    try:
        # Parsed first, so that no value can change the structure of the file.
        return TypeAdapter(RuleGroup).validate_python(_completed(yaml.safe_load(text), values), strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DataError(f"config/alerts/{name}.yaml: {place}: {first['msg']}") from None


def _completed(found: Any, values: Mapping[str, str]) -> Any:
    if isinstance(found, str):
        return _PLACEHOLDER.sub(lambda match: values[match.group(1)], found)
    if isinstance(found, list):
        return [_completed(item, values) for item in found]
    if isinstance(found, dict):
        return {key: _completed(value, values) for key, value in found.items()}
    return found


def _absent_alerts() -> list[AlertRule]:
    """One alert a service for targets that are gone: without them nothing else can fire."""
    jobs = [service.job for service in services().values() if service.job]
    return [_absent_alert(job) for job in jobs]


def _absent_alert(job: str) -> AlertRule:
    rule = {
        "alert": "ServiceAbsent",
        # Each job by itself: over a pattern, `absent` fires only when every service is gone.
        "expr": f'absent(up{{job="{job}"}})',
        "for": "2m",
        "labels": {"severity": "critical", "service": job},
        "annotations": {
            "summary": f"{job} 서비스 대상 없음",
            "description": f"Prometheus finds no pod of {job}: all are gone, or their labels changed.",
            "action": "서비스 Pod 상태 확인 → kubectl get pods",
        },
    }
    return AlertRule.model_validate(rule)


def _refuse_duplicates(groups: Mapping[str, RuleGroup]) -> None:
    seen: set[tuple[str, str]] = set()
    for name, group in groups.items():
        for rule in group.rules:
            key = (rule.alert, rule.expr) if isinstance(rule, AlertRule) else (rule.record, "")
            if key in seen or (isinstance(rule, AlertRule) and _defined_elsewhere(rule, name, groups)):
                raise DataError(f"config/alerts/{name}.yaml: {key[0]} is defined twice")
            seen.add(key)


def _defined_elsewhere(rule: AlertRule, name: str, groups: Mapping[str, RuleGroup]) -> bool:
    others = (found for other, group in groups.items() if other != name for found in group.rules)
    return any(isinstance(found, AlertRule) and found.alert == rule.alert for found in others)


def _written(name: str, group: RuleGroup, runbooks: str) -> dict[str, Any]:
    timing = {"interval": group.interval} if group.interval else {}
    return {"name": name, **timing, "rules": [_rule(rule, runbooks) for rule in group.rules]}


def _rule(rule: AlertRule | RecordingRule, runbooks: str) -> dict[str, Any]:
    if isinstance(rule, RecordingRule):
        return rule.model_dump(by_alias=True)
    written = rule.model_dump(by_alias=True, exclude_none=True)
    written["labels"] |= {"sla_tier": sla_tier(rule.labels.service), "team": TEAM}
    written["annotations"] |= {"runbook_url": f"{runbooks}/{rule.alert}"}
    return written
