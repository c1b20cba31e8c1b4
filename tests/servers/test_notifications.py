"""The real Alertmanager on prod's file tells receivers on loopback what they should read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest
from loopback import HOST, Handler, serving
from real_server import Running, running
from servers.receivers import alertmanager_pod

from local.processes import wait_until

pytestmark = pytest.mark.tools
SECONDS = 30.0
# Where Slack itself begins to cut an attachment's text.
SLACK_CHARACTERS = 8000


@dataclass
class Receivers:
    """What each was told, by the path of its secret."""

    told: dict[str, list[Any]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Those that answer with an error."""
    hanging: set[str] = field(default_factory=set)
    """Those that do not answer."""
    ended: Event = field(default_factory=Event)

    def heard(self, path: str) -> list[Any]:
        """The messages of one."""
        return self.told.get(path, [])


class _Handler(Handler):
    def __init__(self, receivers: Receivers, *arguments: object) -> None:
        self._receivers = receivers
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        path = self.path.strip("/")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._receivers.told.setdefault(path, []).append(body)
        if path in self._receivers.hanging:
            self._receivers.ended.wait(SECONDS)
            return
        pager = "enqueue" in path
        status = 500 if path in self._receivers.broken else 202 if pager else 200
        # Slack's own word; without it Alertmanager tries again.
        self.answer(status, b"{}" if pager else b"ok")


@dataclass
class Outlet:
    """An Alertmanager and whom it tells."""

    server: Running
    receivers: Receivers

    def send(
        self,
        *alerts: Mapping[str, str],
        starts: datetime | None = None,
        ends: datetime | None = None,
        **annotations: str,
    ) -> None:
        """Alerts by their labels, as Prometheus sends them; over where they have an end."""
        texts = {"summary": "요약", "action": "조치", "runbook_url": "https://runbooks.example.com/A"}
        times = {"startsAt": starts, "endsAt": ends}
        over = {name: found.isoformat() for name, found in times.items() if found}
        body = [{"labels": labels, "annotations": {**texts, **annotations}, **over} for labels in alerts]
        url = f"http://{HOST}:{self.server.ports['http']}/api/v2/alerts"
        headers = {"Content-Type": "application/json"}
        urlopen(Request(url, json.dumps(body).encode(), headers), timeout=5).close()

    def until(self, ready: Callable[[], bool], what: str) -> None:
        """Wait for the receivers."""
        alive = lambda: self.server.process.poll() is None  # noqa: E731
        wait_until(ready, seconds=SECONDS, what=what, alive=alive)

    def slack(self, secret: str) -> Sequence[Mapping[str, Any]]:
        """The attachments that a channel was sent."""
        return [body["attachments"][0] for body in self.receivers.heard(secret)]


@contextmanager
def messages_of(root: Path, **raw: object) -> Iterator[Outlet]:
    """One Alertmanager of prod with these settings, alone in its cluster."""
    receivers = Receivers()
    with serving(partial(_Handler, receivers)) as port:
        pod = alertmanager_pod(root, f"{HOST}:{port}", **raw)
        with running(pod, flags={"--cluster.peer-timeout": "1s"}) as server:
            server.assert_probes_answer()
            try:
                yield Outlet(server, receivers)
            finally:
                receivers.ended.set()


@pytest.fixture
def outlet(tmp_path: Path) -> Iterator[Outlet]:
    """Prod's as it is."""
    with messages_of(tmp_path) as found:
        yield found


def test_a_link_to_datadog_has_the_hour_of_the_alert(tmp_path: Path) -> None:
    """In milliseconds, as it reads them: fifty minutes before the alert began, and ten after."""
    page = "https://app.datadoghq.com/logs?query=%40app%3Acore%2A"
    with messages_of(tmp_path, logSinks=["datadog"]) as outlet:
        began = datetime.now(UTC).replace(microsecond=0)
        warning = {"alertname": "HITLBacklog", "severity": "warning", "service": "synapse"}
        outlet.send(warning, starts=began, logs_url=page)
        outlet.until(lambda: outlet.receivers.heard("slack-warning"), "the warning")
        (told,) = outlet.slack("slack-warning")
    first, last = (int((began + timedelta(minutes=minutes)).timestamp() * 1000) for minutes in (-50, 10))
    assert told["text"].strip().endswith(f"<{page}&from_ts={first}&to_ts={last}&live=false|logs>")


def test_a_critical_alert_pages_and_a_warning_does_not(outlet: Outlet) -> None:
    """Slack by its webhook, PagerDuty by its key, each message with summary, action and runbook."""
    down = {"alertname": "ServiceDown", "severity": "critical", "job": "axiom-core", "cluster": "axiom-prod"}
    outlet.send(down, summary="다운")
    board = "https://grafana.example.com/d/axiom-workers"
    warning = {"alertname": "HITLBacklog", "severity": "warning", "service": "synapse"}
    logs = "https://logs.example.com/?query=%40app%3Asynapse%2A&x=1#a$252F"
    outlet.send(warning, dashboard_url=board, logs_url=logs)
    outlet.send({"alertname": "LowCacheHitRate", "severity": "info", "service": "oracle"})
    wanted = ("slack-critical", "slack-warning", "slack-default", "v2/enqueue")
    outlet.until(lambda: all(map(outlet.receivers.heard, wanted)), "every channel")
    (message,) = outlet.slack("slack-critical")
    assert message["title"] == "🚨 ServiceDown"
    page_of = "https://runbooks.example.com/A"
    assert message["text"].strip() == f"[axiom-prod] 다운 → 조치 (<{page_of}|runbook>)"
    assert message["title_link"] == page_of
    (told,) = outlet.slack("slack-warning")
    assert told["title"] == "⚠️ HITLBacklog"
    assert told["text"].strip().endswith(f"|runbook>, <{board}|dashboard>)\n<{logs}|logs>")
    (page,) = outlet.receivers.heard("v2/enqueue")
    assert page["routing_key"].endswith("/pagerduty-routing-key")
    assert page["payload"]["severity"] == "critical"
    assert page["payload"]["summary"] == "[axiom-prod] ServiceDown: 다운"
    assert (page["client"], page["client_url"]) == ("axiom-prod", page_of)
    assert "localhost" not in f"{message} {told}"
    assert "heartbeat-url" not in outlet.receivers.told


def test_watchdog_is_heard_by_the_heartbeat_alone(outlet: Outlet) -> None:
    """It never reaches a channel."""
    outlet.send({"alertname": "Watchdog", "severity": "info", "service": "monitoring"})
    outlet.until(lambda: bool(outlet.receivers.heard("heartbeat-url")), "the heartbeat")
    assert set(outlet.receivers.told) == {"heartbeat-url"}


def test_a_receiver_that_fails_holds_up_no_other(outlet: Outlet) -> None:
    """PagerDuty pages although Slack refuses."""
    outlet.receivers.broken.add("slack-critical")
    outlet.send({"alertname": "PostgresDown", "severity": "critical", "job": "postgresql"})
    outlet.until(lambda: len(outlet.receivers.heard("slack-critical")) > 1, "a second attempt")
    assert len(outlet.receivers.heard("v2/enqueue")) == 1


def test_a_receiver_that_hangs_holds_up_no_other(outlet: Outlet) -> None:
    """PagerDuty pages at once; Slack is given up after its time and tried again."""
    outlet.receivers.hanging.add("slack-critical")
    outlet.send({"alertname": "PostgresDown", "severity": "critical", "job": "postgresql"})
    outlet.until(lambda: bool(outlet.receivers.heard("v2/enqueue")), "the page")
    assert len(outlet.receivers.heard("slack-critical")) <= 1
    outlet.send({"alertname": "HITLBacklog", "severity": "warning", "job": "axiom-synapse"})
    outlet.until(lambda: bool(outlet.receivers.heard("slack-warning")), "another channel")
    outlet.until(lambda: len(outlet.receivers.heard("slack-critical")) > 1, "a second attempt")


def test_an_alert_that_is_over_is_said_to_be(outlet: Outlet) -> None:
    """To the channel and to the pager, which closes its incident by the same key."""
    labels = {"alertname": "PostgresDown", "severity": "critical", "job": "postgresql"}
    outlet.send(labels)
    outlet.until(lambda: bool(outlet.receivers.heard("v2/enqueue")), "the page")
    outlet.send(labels, ends=datetime.now(UTC))
    outlet.until(lambda: len(outlet.receivers.heard("v2/enqueue")) == 2, "its end")
    opened, closed = outlet.receivers.heard("v2/enqueue")
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"]
    outlet.until(lambda: len(outlet.slack("slack-critical")) == 2, "its end in Slack")
    assert outlet.slack("slack-critical")[1]["text"].startswith("✅ ")


def test_a_hundred_alerts_are_one_message_that_slack_takes(outlet: Outlet) -> None:
    """The first of them, and how many there are."""
    outlet.send(
        *({"alertname": "PodsMissing", "severity": "warning", "pod": f"p-{number}"} for number in range(100)),
        summary="서비스 Pod 부족 " * 5,
    )
    outlet.until(lambda: bool(outlet.receivers.heard("slack-warning")), "the message")
    (message,) = outlet.slack("slack-warning")
    assert len(message["text"]) < SLACK_CHARACTERS
    *lines, last = message["text"].strip().splitlines()
    assert len(lines) == 20
    assert last == "… 전체 100건"


# What is told beside a critical alert, and what of it is muted.
MUTED = [
    ("ServiceDown axiom-core core-1", "HighErrorRate axiom-core", True),
    ("ServiceDown axiom-core core-1", "HighErrorRate axiom-oracle", False),
    ("ServiceDown axiom-core core-1", "DBPoolExhaustion axiom-core core-2", True),
    ("ServiceDown axiom-core core-1", "OutboxBacklog axiom-core", False),
    ("ServiceDown axiom-core core-1", "TokenBudgetHigh axiom-core", False),
    ("ErrorBudgetBurnFast axiom-core", "ErrorBudgetSpent axiom-core", False),
    ("ErrorBudgetBurnFast axiom-core", "ErrorBudgetBurnSlow axiom-core", True),
    ("PublicEndpointDown public-probe a", "CertificateExpiring public-probe a", False),
    ("RedisDown redis r-1", "RedisEvictions redis r-2", False),
    ("RedisDown redis r-1", "TargetDown redis r-2", False),
    ("RedisDown redis r-3", "TargetDown redis r-3", True),
    ("CanvasDown nginx", "TargetDown nginx c-1", True),
    ("CanvasDown nginx", "TargetAbsent nginx", True),
    ("NotificationsFailing", "TargetDown", False),
    ("NotificationsFailing", "HighLatency", False),
]


def labelled(text: str, severity: str) -> Mapping[str, str]:
    """The labels of an alert: its name, and where it has them job and instance."""
    found = dict(zip(("alertname", "job", "instance"), text.split(), strict=False))
    return {"severity": severity, **found}


def test_a_critical_alert_mutes_its_symptoms_and_nothing_else(outlet: Outlet) -> None:
    """Of its job, and of its instance where it is about one; without a job, nothing."""
    outlet.send(*(labelled(text, "critical") for text in {source for source, _, _ in MUTED}))
    outlet.send(*(labelled(text, "warning") for _, text, _ in MUTED))
    told = {text.split()[0] for _, text, muted in MUTED if not muted}
    outlet.until(lambda: len(outlet.slack("slack-warning")) >= len(told), "the warnings")
    states = {
        tuple(sorted(found["labels"].items())): found["status"]["state"]
        for found in outlet.server.json("http", "/api/v2/alerts")
    }
    for source, text, muted in MUTED:
        state = states[tuple(sorted(labelled(text, "warning").items()))]
        assert (state == "suppressed") == muted, (source, text)
