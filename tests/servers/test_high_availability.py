"""Two real Prometheus and three real Alertmanagers on prod's files: one alert is one notification.

What is replaced is where things are: targets, the Alertmanagers, the receivers. And how long
things take, since as planned one alert takes four minutes to be known as not flapping (it is
valid for four minutes without news), and half a minute more for each replica that waits for
another: intervals, `for`, waits and the validity that follows from them are seconds here.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from loopback import HOST, Handler, serving
from real_server import Pod, Running, running, workload
from servers.receivers import alertmanager_pod

from config.data import services
from local.processes import wait_until

pytestmark = pytest.mark.tools
SECONDS = 60.0
# An Alertmanager whose turn has come looks whether somebody has told it already. So often, until
# nothing more is expected: for each of two receivers, of two alerts at most, twice.
LOOKED = "alertmanager_nflog_queries_total"
LOOKS = 8
PROMETHEUS_FILE = "/etc/prometheus/config/prometheus.yml"


@dataclass
class Outside:
    """The services that are scraped, and the receivers of notifications."""

    address: str = ""
    silent: set[str] = field(default_factory=set)
    """Jobs whose service does not answer."""
    told: list[tuple[str, str, str]] = field(default_factory=list)
    """Receiver, whether it fires or is over, and of which service."""


class _Handler(Handler):
    """Metrics of the job in the query; a POST is a notification."""

    def __init__(self, outside: Outside, *arguments: object) -> None:
        self._outside = outside
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.answer(503 if self.path.partition("job=")[2] in self._outside.silent else 200, b"played 1\n")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        slack = self.path != "/v2/enqueue"
        told = _of_slack(body["attachments"][0]) if slack else _of_pagerduty(body)
        self._outside.told.append((self.path.rpartition("/")[2], *told))
        self.answer(200 if slack else 202, b"ok" if slack else b"{}")


def _of_slack(message: Mapping[str, Any]) -> tuple[str, str]:
    return {"danger": "fires", "good": "over"}[message["color"]], _job(message["text"])


def _of_pagerduty(event: Mapping[str, Any]) -> tuple[str, str]:
    return {"trigger": "fires", "resolve": "over"}[event["event_action"]], _job(event["payload"]["summary"])


def _job(text: str) -> str:
    found = re.search(r"axiom-[a-z-]+", text.removeprefix("[axiom-prod] "))
    return found.group() if found else text


@contextmanager
def outside() -> Iterator[Outside]:
    """On loopback, ended afterwards."""
    found = Outside()
    with serving(partial(_Handler, found)) as port:
        found.address = f"{HOST}:{port}"
        yield found


@dataclass
class Stack:
    """What runs, and what is around it."""

    around: Outside
    alertmanagers: list[Running]
    prometheus: list[Running]

    def until(self, ready: Callable[[], bool], what: str) -> None:
        """Wait; a server that ends by itself is a failure at once."""
        servers = [*self.alertmanagers, *self.prometheus]
        alive = lambda: all(server.process.poll() is None for server in servers)  # noqa: E731
        wait_until(ready, seconds=SECONDS, what=what, alive=alive)

    def alerts(self) -> list[list[Mapping[str, Any]]]:
        """What each Alertmanager has."""
        return [server.json("http", "/api/v2/alerts") for server in self.alertmanagers]

    def all_quiet(self, told: int, alerts: int) -> None:
        """Wait for so many notifications and alerts, and until nobody has any more to send."""
        self.until(lambda: len(self.around.told) >= told, f"notification {told}")
        self.until(lambda: {len(found) for found in self.alerts()} == {alerts}, f"{alerts} alerts everywhere")
        before = [metric(server, LOOKED) for server in self.alertmanagers]
        self.until(lambda: all(map(has_looked, self.alertmanagers, before)), "the last round")


def has_looked(alertmanager: Running, before: int) -> bool:
    """Whether it has looked often enough since."""
    return metric(alertmanager, LOOKED) >= before + LOOKS


def metric(alertmanager: Running, name: str) -> int:
    """A figure of its own."""
    lines = alertmanager.text("http", "/metrics").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


def prometheus_pod(root: Path, name: str, around: Outside, alertmanagers: list[Running]) -> Pod:
    """Prod's Prometheus with one target for each service."""
    pod = Pod(workload("prometheus", "prod"), root, {"POD_NAME": name})
    pod.lay_out()
    file = pod.path(PROMETHEUS_FILE)
    document = yaml.safe_load(file.read_text())
    document["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    targets = [f"127.0.0.1:{server.ports['http']}" for server in alertmanagers]
    document["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": targets}]}]
    jobs = {service.job for service in services().values() if service.job}
    document["scrape_configs"] = [target(job, around) for job in sorted(jobs)]
    file.write_text(yaml.safe_dump(document))
    hurry(pod.path("/etc/prometheus/rules"))
    return pod


def target(job: str, around: Outside) -> Mapping[str, Any]:
    """One pod of a job, as discovery would label it."""
    labels = {"__param_job": job, "namespace": "axiom", "pod": f"{job}-0"}
    return {"job_name": job, "static_configs": [{"targets": [around.address], "labels": labels}]}


def hurry(folder: Path) -> None:
    """A service that is down is an alert after two seconds; the other rules ask for what is not here."""
    availability = folder / "axiom-availability.yml"
    for file in set(folder.glob("*.yml")) - {availability}:
        file.unlink()
    document = yaml.safe_load(availability.read_text())
    (down,) = (rule for rule in document["groups"][0]["rules"] if rule.get("alert") == "ServiceDown")
    document["groups"][0]["rules"] = [down | {"for": "2s"}]
    availability.write_text(yaml.safe_dump(document))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Three Alertmanagers that know each other, and two Prometheus that know them and every target."""
    with ExitStack() as cleanup:
        around = cleanup.enter_context(outside())
        found = Stack(around, [], [])
        for _ in range(3):
            pod = alertmanager_pod(tmp_path_factory.mktemp("alertmanager"), around.address)
            flags = {"--cluster.peer-timeout": "2s"}
            if found.alertmanagers:
                flags["--cluster.peer"] = f"127.0.0.1:{found.alertmanagers[0].ports['gossip-tcp']}"
            found.alertmanagers.append(cleanup.enter_context(running(pod, flags=flags)))
        found.until(lambda: all(map(settled, found.alertmanagers)), "the gossip")
        for number in range(2):
            root = tmp_path_factory.mktemp("prometheus")
            pod = prometheus_pod(root, f"prometheus-{number}", around, found.alertmanagers)
            flags = {"--rules.alert.resend-delay": "1s"}
            found.prometheus.append(cleanup.enter_context(running(pod, flags=flags)))
        found.until(lambda: all(map(scraping, found.prometheus)), "the first scrapes")
        yield found


def settled(alertmanager: Running) -> bool:
    """Whether it knows all three and takes part."""
    cluster = alertmanager.json("http", "/api/v2/status")["cluster"]
    return cluster["status"] == "ready" and len(cluster["peers"]) == 3


def scraping(prometheus: Running) -> bool:
    """Whether every service is up and nothing is on its way to be an alert."""
    targets = prometheus.json("http", "/api/v1/targets")["data"]["activeTargets"]
    alerts = prometheus.json("http", "/api/v1/alerts")["data"]["alerts"]
    return {found["health"] for found in targets} == {"up"} and not alerts


def both(state: str, job: str) -> list[tuple[str, str, str]]:
    """What Slack and PagerDuty are told of a service, once each."""
    return [("enqueue", state, job), ("slack-critical", state, job)]


def test_the_replicas_differ_by_their_label_alone(stack: Stack) -> None:
    """There is a label to be dropped from alerts."""
    found = [server.json("http", "/api/v1/status/config")["data"]["yaml"] for server in stack.prometheus]
    labels = [yaml.safe_load(text)["global"]["external_labels"] for text in found]
    names = ("prometheus-0", "prometheus-1")
    assert labels == [{"cluster": "axiom-prod", "__replica__": name} for name in names]


def test_an_alert_of_two_replicas_is_told_once(stack: Stack) -> None:
    """Each of three Alertmanagers has it once, from both; one of them tells Slack and PagerDuty."""
    stack.around.silent.add("axiom-core")
    stack.all_quiet(told=2, alerts=1)
    assert sorted(stack.around.told) == both("fires", "axiom-core")
    for (alert,) in stack.alerts():
        assert alert["labels"]["cluster"] == "axiom-prod"
        assert "__replica__" not in alert["labels"]


def test_it_is_not_told_again_when_a_prometheus_is_lost(stack: Stack) -> None:
    """Nor is it over when what the lost one said is no longer valid."""
    stack.prometheus.pop(0).process.kill()
    valid = max(datetime.fromisoformat(alert["endsAt"]) for (alert,) in stack.alerts())
    stack.until(lambda: datetime.now(UTC) > valid, "the end of what the lost one said")
    stack.all_quiet(told=2, alerts=1)
    assert sorted(stack.around.told) == both("fires", "axiom-core")


def test_the_next_alert_is_told_once_when_an_alertmanager_is_lost(stack: Stack) -> None:
    """The one by which the others found each other; the first alert is not told again."""
    stack.alertmanagers.pop(0).process.kill()
    stack.around.silent.add("axiom-oracle")
    stack.all_quiet(told=4, alerts=2)
    assert sorted(stack.around.told[2:]) == both("fires", "axiom-oracle")


def test_what_is_over_is_told_once(stack: Stack) -> None:
    """By those that are left, also of what the lost ones told."""
    stack.around.silent.clear()
    stack.all_quiet(told=8, alerts=0)
    assert sorted(stack.around.told[4:]) == sorted(
        [*both("over", "axiom-core"), *both("over", "axiom-oracle")]
    )
