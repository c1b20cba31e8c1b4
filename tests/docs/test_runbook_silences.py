"""The silences of the runbooks, given to the real Alertmanager: each catches the alert of its page."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from itertools import count

import pytest
from real_server import Pod, Running, running, tool, workload
from runbook import Page, pages

pytestmark = pytest.mark.tools
# What the reader fills in; values as they come, with what a shell or a parser might trip over.
VALUES = {
    "<instance>": "https://axiom.example.com/health",
    "<exporter>": "otlp_grpc/tempo",
    "<mv_name>": "sales.by_month",
    "<app>": "core-worker",
}
_NUMBERS = count()


def filled(word: str) -> str:
    """A word of a command, as somebody would type it."""
    for place, value in VALUES.items():
        word = word.replace(place, value)
    return word.replace("<", "").replace(">", "")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An Alertmanager on its rendered file."""
    pod = Pod(workload("alertmanager", "prod"), tmp_path_factory.mktemp("alertmanager"))
    pod.lay_out()
    with running(pod) as found:
        found.text("http", "/-/ready")
        yield found


def labels_of(page: Page) -> Mapping[str, str]:
    """What an alert has that the silence of its page is made for."""
    words = [filled(word) for word in page.silence[3:] if not word.startswith("-")]
    return dict(word.replace("=~neo4j.*", "=neo4j-probe").split("=", 1) for word in words)


def silenced(server: Running, page: Page, labels: Mapping[str, str]) -> bool:
    """Whether an alert with these labels is silent after the command of the page."""
    url = f"--alertmanager.url={server.url('http')}"
    words = [url if word.startswith("--alertmanager.url=") else filled(word) for word in page.silence[1:]]
    done = subprocess.run([tool("amtool"), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Of its own, so that silences of other pages and runs don't count.
    marked = {**labels, "run": str(next(_NUMBERS))}
    server.text("http", "/api/v2/alerts", json.dumps([{"labels": marked}]).encode())
    found = server.json("http", f"/api/v2/alerts?filter=run%3D{marked['run']}")
    return [alert["status"]["silencedBy"] for alert in found] == [[done.stdout.strip()]]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_silence_catches_its_alert(server: Running, page: Page) -> None:
    """The pinned amtool takes the command as it stands, and the alert is silent."""
    assert silenced(server, page, labels_of(page))


def test_an_alert_of_another_service_stays_loud(server: Running) -> None:
    """A silence for one job does not catch another's."""
    (page,) = (found for found in pages() if found.name == "ServiceDown")
    assert not silenced(server, page, {"alertname": "ServiceDown", "job": "axiom-oracle"})
