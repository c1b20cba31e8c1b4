"""The rule groups of a stack: the files of `config/alerts` and what is generated beside them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from config.data import alert_files, services
from config.features import Alerting
from config.files import DataError, checked
from config.files import parsed as from_yaml
from config.settings import Settings
from config.slos import slos
from model.rules.figures import figure_findings
from model.rules.latency import high_latency
from model.rules.lint import Known, findings, text_findings
from model.rules.placeholders import PLACEHOLDER, completed, with_limit
from model.rules.presence import service_absent, target_absent, watchdog
from model.rules.prices import price_rules
from model.rules.promql import NotPromqlError, parsed
from model.rules.recorded import labels_of
from model.rules.shapes import AlertRule, RecordingRule, RuleGroup
from model.rules.sla import app_prefix, service_job, sla_tier
from model.rules.slo import SECONDS, long_rules, short_rules
from model.rules.stack import of_stack
from model.slos import objectives
from model.yamltext import dumped

TEAM = "axiom-platform"
_DAY_SECONDS = 86400


def rule_groups(settings: Settings, jobs: Collection[str]) -> Mapping[str, RuleGroup]:
    """Every group by name, as a stack that scrapes `jobs` can have it.

    Raises:
        DataError: a file is wrong, two rules have one name, or a rule contradicts the metric catalogue.
    """
    groups = _written_groups(settings.alerting)
    services_jobs = {service.job for service in services().values() if service.job}
    generated = {
        "axiom-availability": map(service_absent, sorted(services_jobs)),
        "monitoring-targets": (
            *map(target_absent, sorted(set(jobs) - services_jobs)),
            *([watchdog()] if settings.alerting.heartbeat else []),
        ),
    }
    for name, rules in generated.items():
        groups[name] = groups[name].model_copy(update={"rules": (*groups[name].rules, *rules)})
    _refuse_duplicates(groups)
    known = Known(labels_of(groups))
    problems = list(_problems(groups, known, settings.retention.metrics_days * _DAY_SECONDS))
    if problems:
        raise DataError("\n".join(problems))
    return of_stack(_with_jobs(groups, known), settings, jobs)


def rule_files(
    settings: Settings, groups: Mapping[str, RuleGroup], logs: Callable[[str], str | None]
) -> Mapping[str, str]:
    """The rule files of Prometheus: file name to text.

    `logs` says where people read the lines of apps by how their names begin (`model.sinks.logs_page`).
    """
    links = _Links(settings, logs)
    return {
        f"{name}.yml": dumped({"groups": [_written(name, group, links)]}) for name, group in groups.items()
    }


class _Links(NamedTuple):
    """Where alerts point to: runbooks, dashboards where Grafana can be reached, logs."""

    settings: Settings
    logs: Callable[[str], str | None]

    def of(self, rule: AlertRule, group: RuleGroup) -> dict[str, str]:
        """The annotations."""
        runbooks, grafana = self.settings.alerting.runbook_base.rstrip("/"), self.settings.grafana.host
        app = app_prefix(rule.labels.service)
        found = {
            "runbook_url": f"{runbooks}/{rule.alert}",
            "dashboard_url": f"https://{grafana}/d/{group.dashboard}" if grafana else None,
            "logs_url": self.logs(app) if app else None,
        }
        return {name: link for name, link in found.items() if link}


def _with_jobs(groups: Mapping[str, RuleGroup], known: Known) -> Mapping[str, RuleGroup]:
    """Each alert on a service with its job, where its expression adds the job up.

    By the job alerts are grouped, and what is critical mutes what is not.
    """
    return {
        name: group.model_copy(update={"rules": tuple(_with_job(rule, known) for rule in group.rules)})
        for name, group in groups.items()
    }


def _with_job(rule: AlertRule | RecordingRule, known: Known) -> AlertRule | RecordingRule:
    if isinstance(rule, RecordingRule) or "job" in known.kept(parsed(rule.expr)):
        return rule
    job = service_job(rule.labels.service)
    return rule.model_copy(update={"labels": rule.labels.model_copy(update={"job": job})})


@cache
def recorded_labels() -> Mapping[str, frozenset[str]]:
    """Every series that rules record in some stack, with its labels: no name depends on a setting."""
    return labels_of(_written_groups(Alerting()))


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
        "seconds": str(SECONDS),
        "worker_pool": str(_connections("core-worker")),
    }


def _connections(app: str) -> int:
    """What a process of a service may hold of the database."""
    variables = services()[app].environment
    return int(variables["DB_POOL_SIZE"]) + int(variables["DB_MAX_OVERFLOW"])


def _problems(groups: Mapping[str, RuleGroup], known: Known, retention_seconds: float) -> Iterator[str]:
    """What the catalogue says against the rules, with file and rule."""
    rules = [(name, rule) for name, group in groups.items() for rule in group.rules]
    for name, rule in rules:
        place = f"config/alerts/{name}.yaml: {rule.alert if isinstance(rule, AlertRule) else rule.record}"
        yield from (f"{place}: {problem}" for problem in _of_rule(rule, known, retention_seconds))


def _of_rule(rule: AlertRule | RecordingRule, known: Known, retention_seconds: float) -> Iterator[str]:
    for name in PLACEHOLDER.findall(str(rule)):
        yield f"<<{name}>> stands for nothing: an alert says its `limit`, groups.py the rest"
    try:
        tree = parsed(rule.expr)
    except NotPromqlError as error:
        yield f"no PromQL: {error}"
        return
    yield from findings(tree, known, retention_seconds)
    if isinstance(rule, AlertRule):
        yield from figure_findings(rule)
        texts = rule.annotations.model_dump(exclude_none=True)
        yield from text_findings(rule.labels.model_dump(exclude_none=True), texts, known.kept(tree))


def _group(name: str, text: str, values: Mapping[str, str]) -> RuleGroup:
    file = f"alerts/{name}.yaml"
    # Parsed first, so that no value can change the structure of the file.
    return checked(file, TypeAdapter(RuleGroup), completed(_limited(file, _loaded(file, text)), values))


def _limited(file: str, found: Any) -> Any:
    """A document with the limits of its rules in their places."""
    if not isinstance(found, dict) or not isinstance(found.get("rules"), list):
        return found
    rules = []
    for rule in found["rules"]:
        try:
            rules.append(with_limit(rule))
        except ValueError as error:
            raise DataError(f"config/{file}: {rule.get('alert')}: {error}") from None
    return {**found, "rules": rules}


@cache
def _loaded(file: str, text: str) -> Any:
    """The YAML of a file, which nobody changes."""
    return from_yaml(file, text)


def _refuse_duplicates(groups: Mapping[str, RuleGroup]) -> None:
    seen: set[tuple[str, str]] = set()
    files: dict[str, str] = {}
    for name, group in groups.items():
        for rule in group.rules:
            key = (rule.alert, rule.expr) if isinstance(rule, AlertRule) else _series(rule)
            if key in seen:
                raise DataError(f"config/alerts/{name}.yaml: {key[0]} is defined twice")
            seen.add(key)
            first = files.setdefault(key[0], name)
            if first != name:
                raise DataError(f"config/alerts/{name}.yaml: {key[0]} is defined in {first}.yaml too")


def _series(rule: RecordingRule) -> tuple[str, str]:
    return rule.record, ",".join(f"{name}={value}" for name, value in sorted(rule.labels.items()))


def _written(name: str, group: RuleGroup, links: _Links) -> dict[str, Any]:
    timing = {"interval": group.interval} if group.interval else {}
    return {"name": name, **timing, "rules": [_rule(rule, group, links) for rule in group.rules]}


def _rule(rule: AlertRule | RecordingRule, group: RuleGroup, links: _Links) -> dict[str, Any]:
    if isinstance(rule, RecordingRule):
        return rule.model_dump(by_alias=True, exclude_defaults=True)
    written = rule.model_dump(by_alias=True, exclude_none=True)
    written["labels"] |= {"sla_tier": sla_tier(rule.labels.service), "team": TEAM}
    written["annotations"] |= links.of(rule, group)
    return written
