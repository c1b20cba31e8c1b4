"""The catalogue's metrics of every server that can be had are those of its binary.

kube-state-metrics needs an API server: its part is beside its other tests.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from exposition import contradictions
from real_server import NOBODY, Pod, Running, running, workload
from servers.object_store import object_store
from servers.test_blackbox_exporter import answering
from servers.test_loki import laid_out, push

from config.metrics import exposers
from local.processes import wait_until
from model.servers.cloudwatch_exporter import asked_for

pytestmark = pytest.mark.tools


def pod(name: str, root: Path, environment: Mapping[str, str] | None = None, **raw: object) -> Pod:
    """A planned server of prod, laid out."""
    found = Pod(workload(name, "prod", **raw), root, environment or {})
    found.lay_out()
    return found


def read(server: Running, port: str = "http") -> str:
    """Its own page."""
    return server.text(port, "/metrics")


def test_of_alertmanager(tmp_path: Path) -> None:
    """Idle, with its receivers."""
    with running(pod("alertmanager", tmp_path)) as server:
        assert contradictions("alertmanager", read(server)) == []


def test_of_prometheus(tmp_path: Path) -> None:
    """With a workspace and rules, as soon as it knows its Alertmanagers and has samples."""
    planned = pod("prometheus", tmp_path, NOBODY, tier="1year")
    file = planned.path("/etc/prometheus/config/prometheus.yml")
    document = yaml.safe_load(file.read_text())
    document["global"]["evaluation_interval"] = "1s"
    file.write_text(yaml.safe_dump(document))
    with running(planned) as server:
        wait_until(
            lambda: contradictions("prometheus", read(server)) == [],
            seconds=30,
            what=f"the whole catalogue: {contradictions('prometheus', read(server))}",
            alive=lambda: server.process.poll() is None,
        )


def test_of_node_exporter(tmp_path: Path) -> None:
    """Of this machine."""
    with running(pod("node-exporter", tmp_path)) as server:
        assert contradictions("node-exporter", read(server, "metrics")) == []


def test_of_blackbox_exporter(tmp_path: Path) -> None:
    """Of an address that answers; the certificate's metric is there where TLS is."""
    with running(pod("blackbox-exporter", tmp_path)) as server, answering() as url:
        text = server.text("http", f"/probe?module=http&target={url}")
        assert contradictions("blackbox-exporter", text) == ["probe_ssl_earliest_cert_expiry is not exposed"]


def test_of_cloudwatch_exporter(tmp_path: Path) -> None:
    """Of itself; of AWS there is nothing here, and its names follow from what it is told to ask for."""
    with running(pod("cloudwatch-exporter", tmp_path)) as server:
        found = contradictions("cloudwatch-exporter", read(server))
    listed = [name for name in exposers()["cloudwatch-exporter"].metrics if name.startswith("aws_")]
    assert found == [f"{name} is not exposed" for name in listed]
    assert set(listed) == {
        f"aws_{space.partition('/')[2].lower()}_{snake(name)}_{statistic.lower()}"
        for space, metrics in asked_for().items()
        for name, statistic in metrics.items()
    }


def snake(name: str) -> str:
    """As YACE writes a metric of CloudWatch (`PromString` in pkg/promutil)."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def test_of_loki(tmp_path: Path) -> None:
    """After it has taken a line."""
    for folder in ("keys", "loki"):
        (tmp_path / folder).mkdir()
    with object_store(tmp_path / "keys") as store, running(laid_out(tmp_path / "loki", store)) as server:
        push(server, "a line")
        assert contradictions("loki", read(server)) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("# TYPE probe_success counter\nprobe_success 1", "probe_success is a counter, not a gauge"),
        (
            '# TYPE probe_success gauge\nprobe_success{planted="x"} 1',
            "probe_success has the labels ['planted'], not []",
        ),
        ("", "probe_success is not exposed"),
    ],
)
def test_a_planted_contradiction_is_found(line: str, said: str) -> None:
    """Another type, a label that nobody knows, a metric that is gone."""
    assert said in contradictions("blackbox-exporter", line)
