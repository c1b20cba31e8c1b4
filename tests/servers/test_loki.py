"""The real Loki on dev's file, with its bucket on loopback.

Without an object store it does not start: the compactor asks it for requests to delete first.
Replaced are its folders, the address of S3 and the address by which it calls itself; the
bucket's name, the region and the rest of the store's settings are the planned ones.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from real_server import Pod, Running, observability, running, workload
from servers.object_store import ObjectStore, object_store

pytestmark = pytest.mark.tools
STREAM = {"job": "fluent-bit", "namespace": "axiom", "app": "core"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
QUERY = f'{{job="fluent-bit"}} | trace_id="{TRACE}"'


def laid_out(root: Path, store: ObjectStore) -> Pod:
    """Loki's pod with an empty disk, and the keys of the store."""
    access = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    pod = Pod(workload("loki", "dev"), root, {"SSL_CERT_FILE": str(store.authority), **access})
    pod.lay_out()
    file = pod.path("/etc/loki/loki.yaml")
    document = yaml.safe_load(file.read_text())
    document["storage_config"]["object_store"]["s3"]["endpoint"] = store.address
    document["common"]["instance_addr"] = "127.0.0.1"
    file.write_text(yaml.safe_dump(document))
    return pod


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """What stands in for S3, left by a Loki that had a line and was stopped at once."""
    with object_store(tmp_path_factory.mktemp("keys")) as found:
        with running(laid_out(tmp_path_factory.mktemp("earlier"), found)) as earlier:
            push(earlier, "earlier")
        yield found


@pytest.fixture(scope="module")
def loki(tmp_path_factory: pytest.TempPathFactory, store: ObjectStore) -> Iterator[Running]:
    """Loki with an empty disk on that store."""
    with running(laid_out(tmp_path_factory.mktemp("loki"), store)) as server:
        yield server


def push(loki: Running, line: str) -> None:
    """Send a line with its trace beside it, again until it is taken, as the log agent does."""
    entry = [str(time.time_ns()), line, {"trace_id": TRACE}]
    body = {"streams": [{"stream": STREAM, "values": [entry]}]}
    loki.text("http", "/loki/api/v1/push", json.dumps(body).encode())


def lines(loki: Running) -> list[str]:
    """The lines of the trace, as Grafana asks for them."""
    found: dict[str, Any] = loki.json("http", f"/loki/api/v1/query_range?query={quote(QUERY)}")
    return [entry[1] for stream in found["data"]["result"] for entry in stream["values"]]


def test_its_probes_answer(loki: Running) -> None:
    """With the planned arguments; everything in it is ready."""
    loki.assert_probes_answer()


def test_a_line_is_found_by_its_trace(loki: Running) -> None:
    """What was pushed is there at once."""
    push(loki, "found")
    assert "found" in lines(loki)


def test_its_ports_are_those_on_which_it_listens() -> None:
    """The running one was told others: the file has the planned ones."""
    work = workload("loki", "dev")
    server = yaml.safe_load(work.config[0].files[0].text)["server"]
    planned = {port.name: port.number for port in work.ports}
    assert planned == {"http": server["http_listen_port"], "grpc": server["grpc_listen_port"]}


def test_it_keeps_logs_as_long_as_planned(loki: Running) -> None:
    """Seven days, of which its compactor does the deleting."""
    config = yaml.safe_load(loki.text("http", "/config"))
    # 168 hours in its own notation.
    assert config["limits_config"]["retention_period"] == "1w"
    assert config["compactor"]["retention_enabled"] is True
    assert config["compactor"]["delete_request_store"] == "s3"


def test_lines_outlive_a_stop_and_the_disk(loki: Running, store: ObjectStore) -> None:
    """What was in memory is in the planned bucket when it stops, and is found by the next one."""
    bucket = next(bucket.name for bucket in observability("dev").buckets if bucket.name.endswith("loki"))
    assert any(name.startswith(f"{bucket}/index/loki_index_") for name in store.objects)
    assert "earlier" in lines(loki)
