"""Who is told of which alert: the routes and receivers of Alertmanager (requirements section 4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from config.secrets import SecretKey
from config.settings import Settings

SECRETS_PATH = "/etc/alertmanager/secrets"
WATCHDOG = "Watchdog"
# A critical alert mutes the warnings of its service's job: they are its symptoms. But not these, which have
# causes of their own: what waits in queues, what providers and stores do, what is spent.
NO_SYMPTOMS = (
    "CircuitBreakerFlapping",
    "CircuitBreakerOpen",
    "DLQBacklog",
    "DLQGrowing",
    "ErrorBudgetSpent",
    "HITLBacklog",
    "LLMErrorRate",
    "LLMHighLatency",
    "MindsDBUnhealthy",
    "OutboxBacklog",
    "TokenBudgetHigh",
    "WeaverNeo4jUnhealthy",
)
# A certificate runs out whether or not its endpoint answers, and may be why it does not.
NO_SYMPTOMS_OF_INSTANCE = ("CertificateExpiring",)
_SERVICE_JOB, _OTHER_JOB = 'job=~"axiom-.+"', 'job!~"(axiom-.+)?"'
# Slack cuts a long message in the middle of a line: the first of them, and how many there are.
_MOST_LINES = 20
# A receiver that does not answer is tried again, and holds up its own next message no longer than this.
_PATIENCE = "10s"
_LINE = (
    '{{ if eq $alert.Status "resolved" }}✅ {{ end }}{{ $alert.Annotations.summary }}'
    " → {{ $alert.Annotations.action }} (<{{ $alert.Annotations.runbook_url }}|runbook>"
    "{{ with $alert.Annotations.dashboard_url }}, <{{ . }}|dashboard>{{ end }})\n"
)
# Alerts of one group have one name, and so one runbook.
_RUNBOOK = "{{ .CommonAnnotations.runbook_url }}"
# Three stacks may share a channel: which of them it is, Prometheus says of every alert.
_STACK = "{{ with .CommonLabels.cluster }}[{{ . }}] {{ end }}"
_IN_SHORT = f"{_STACK}{{{{ .GroupLabels.alertname }}}}: {{{{ (index .Alerts 0).Annotations.summary }}}}"
_LINES = (
    "{{ range $place, $alert := .Alerts }}"
    f"{{{{ if lt $place {_MOST_LINES} }}}}{_LINE}{{{{ end }}}}"
    "{{ end }}"
    f"{{{{ if gt (len .Alerts) {_MOST_LINES} }}}}… 전체 {{{{ len .Alerts }}}}건\n{{{{ end }}}}"
)


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A secret that a receiver reads from a file, and whether a stack has that receiver."""

    key: SecretKey
    file: str
    wanted: Callable[[Settings], bool]

    @property
    def path(self) -> str:
        """Where Alertmanager finds the file."""
        return f"{SECRETS_PATH}/{self.file}"


def _always(_: Settings) -> bool:
    return True


_CRITICAL = Receiver(key=SecretKey.SLACK_WEBHOOK_CRITICAL, file="slack-critical", wanted=_always)
_WARNING = Receiver(key=SecretKey.SLACK_WEBHOOK_WARNING, file="slack-warning", wanted=_always)
_DEFAULT = Receiver(key=SecretKey.SLACK_WEBHOOK_DEFAULT, file="slack-default", wanted=_always)
_PAGER = Receiver(
    key=SecretKey.PAGERDUTY_ROUTING_KEY,
    file="pagerduty-routing-key",
    wanted=lambda settings: settings.alerting.pagerduty,
)
_HEARTBEAT = Receiver(
    key=SecretKey.HEARTBEAT_URL,
    file="heartbeat-url",
    wanted=lambda settings: settings.alerting.heartbeat,
)
RECEIVERS = (_CRITICAL, _WARNING, _DEFAULT, _PAGER, _HEARTBEAT)


def alertmanager_config(settings: Settings, logs_time: str) -> dict[str, Any]:
    """The whole of `alertmanager.yml`; `logs_time` is what follows links to logs (`LogSink.page_time`)."""
    return {
        "route": {
            "receiver": "default",
            "group_by": ["alertname", "job"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": [
                *_heartbeat_routes(settings),
                _route("critical", "critical-channel", "30m"),
                _route("warning", "warning-channel", "4h"),
                # Said explicitly: information is read, it never pages.
                _route("info", "default", "4h"),
            ],
        },
        "inhibit_rules": [
            _muting(_SERVICE_JOB, NO_SYMPTOMS, "job"),
            # Of several stores or endpoints under one job each mutes only what is said of itself.
            _muting(_OTHER_JOB, NO_SYMPTOMS_OF_INSTANCE, "job", "instance"),
            # One that is about all of a job names no instance.
            _muting(_OTHER_JOB, NO_SYMPTOMS_OF_INSTANCE, "job", source='instance=""'),
        ],
        "receivers": [
            _critical(settings, logs_time),
            {
                "name": "warning-channel",
                "slack_configs": [_slack(_WARNING, settings.alerting.warning_channel, "⚠️ ", logs_time)],
            },
            {
                "name": "default",
                "slack_configs": [_slack(_DEFAULT, settings.alerting.default_channel, "", logs_time)],
            },
            *_heartbeat_receivers(settings),
        ],
    }


def _muting(jobs: str, no_symptoms: Sequence[str], *equal: str, source: str | None = None) -> dict[str, Any]:
    # Without a job nothing is muted: a label that both sides lack would count as equal.
    return {
        "source_matchers": ['severity="critical"', jobs, *([source] if source else [])],
        "target_matchers": ['severity="warning"', jobs, f'alertname!~"{"|".join(no_symptoms)}"'],
        "equal": list(equal),
    }


def _route(severity: str, receiver: str, repeat: str) -> dict[str, Any]:
    return {"matchers": [f'severity="{severity}"'], "receiver": receiver, "repeat_interval": repeat}


def _heartbeat_routes(settings: Settings) -> list[dict[str, Any]]:
    """Once a minute, first of all: what repeats is what it proves."""
    if not _HEARTBEAT.wanted(settings):
        return []
    # A repeat is rounded up to whole intervals of the group: a little less, so that none is left out.
    timing = {"group_wait": "0s", "group_interval": "1m", "repeat_interval": "50s"}
    return [{"matchers": [f'alertname="{WATCHDOG}"'], "receiver": "heartbeat", **timing}]


def _heartbeat_receivers(settings: Settings) -> list[dict[str, Any]]:
    if not _HEARTBEAT.wanted(settings):
        return []
    webhook = {"url_file": _HEARTBEAT.path, "send_resolved": False, "timeout": _PATIENCE}
    return [{"name": "heartbeat", "webhook_configs": [webhook]}]


def _critical(settings: Settings, logs_time: str) -> dict[str, Any]:
    receiver: dict[str, Any] = {
        "name": "critical-channel",
        "slack_configs": [_slack(_CRITICAL, settings.alerting.critical_channel, "🚨 ", logs_time)],
    }
    if _PAGER.wanted(settings):
        pager = {
            "routing_key_file": _PAGER.path,
            # Its own words are a list of labels, and its link one to an address that nobody reaches.
            "description": _IN_SHORT,
            "client": "{{ .CommonLabels.cluster }}",
            "client_url": _RUNBOOK,
            "severity": "critical",
            "send_resolved": True,
            "timeout": _PATIENCE,
        }
        receiver["pagerduty_configs"] = [pager]
    return receiver


def _slack(receiver: Receiver, channel: str, mark: str, logs_time: str) -> dict[str, Any]:
    # Alerts of one group are about one job: its logs are linked once.
    logs = f"{{{{ with .CommonAnnotations.logs_url }}}}<{{{{ . }}}}{logs_time}|logs>{{{{ end }}}}"
    return {
        "api_url_file": receiver.path,
        "channel": channel,
        "send_resolved": True,
        "timeout": _PATIENCE,
        "title": f"{mark}{{{{ .GroupLabels.alertname }}}}",
        # Else it is Alertmanager's own page, which no browser of a reader of Slack reaches.
        "title_link": _RUNBOOK,
        "text": _STACK + _LINES + logs,
        # What a telephone shows.
        "fallback": _IN_SHORT,
    }
