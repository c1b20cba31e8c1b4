"""The real Loki on dev's file, with its bucket on loopback.

Without an object store it does not start: the compactor asks it for requests to delete first.
Replaced are its folders, the address of S3 and the address by which it calls itself; the
bucket's name, the region and the rest of the store's settings are the planned ones.
"""

import gzip
import json
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from fluent_bit.corpus import CASES, path_of, pods, written
from fluent_bit.pipeline import Pipeline
from fluent_bit.test_pipeline import MAIN
from real_server import ENVIRONMENTS, Pod, Running, observability, running, tool, workload
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


def test_it_takes_what_fluent_bit_sends(loki: Running) -> None:
    """Every record of the corpus in the form of its output, packed; the same lines come back."""
    sent = corpus()
    for push_of_one in sent:
        post(loki, {"streams": [push_of_one]})
    # Those of the tests beside this one have no pod.
    found = asked(loki, '{job="fluent-bit"} | pod=~".+"')
    assert Counter(each["values"][0][1] for each in sent) - Counter(line for line, _ in found) == Counter()


def test_the_queries_behind_links_find_a_trace(loki: Running) -> None:
    """From a trace to its lines, by the data source's own query; and back by what lies beside the line."""
    sources = yaml.safe_load(observability("dev").files["grafana/provisioning/datasources/datasources.yaml"])
    by_name = {source["name"]: source for source in sources["datasources"]}
    query = by_name["Tempo"]["jsonData"]["tracesToLogsV2"]["query"].replace("$${__trace.traceId}", TRACE)
    post(loki, {"streams": corpus("core")})
    found = [labels for line, labels in asked(loki, query) if "request_completed" in line]
    assert found
    link = by_name["Loki"]["jsonData"]["derivedFields"][0]
    assert (link["matcherType"], found[0][link["matcherRegex"]]) == ("label", TRACE)


def test_what_breaks_the_contract_is_found(loki: Running) -> None:
    """As the runbook of LogRecordsBroken says."""
    post(loki, {"streams": corpus("weaver")})
    found = asked(loki, '{app="weaver"} | json | contract="broken"')
    assert any("tenant_id is missing" in line for line, _ in found)


def test_its_limits_are_the_planned_ones(loki: Running) -> None:
    """As it reads them back."""
    limits = yaml.safe_load(loki.text("http", "/config"))["limits_config"]
    assert limits["max_line_size"] == "256KB"
    assert limits["max_line_size_truncate"] is True
    assert limits["ingestion_rate_mb"] == 8
    assert limits["allow_structured_metadata"] is True
    assert limits["reject_old_samples_max_age"] == "1w"


def test_it_takes_every_form_of_its_file(tmp_path: Path) -> None:
    """Of each environment and tier; and refuses one with an option that there is not."""
    texts = {
        workload("loki", environment, tier=tier, logSinks=["loki"]).config[0].files[0].text
        for environment in ENVIRONMENTS
        for tier in ("current", "1year")
    }
    for text in texts:
        assert verified(tmp_path, text) == ""
    assert "field planted not found" in verified(tmp_path, text.replace("retention_period:", "planted:"))


def verified(root: Path, text: str) -> str:
    """What Loki says against a file."""
    (root / "loki.yaml").write_text(text)
    command = [tool("loki"), f"-config.file={root}/loki.yaml", "-verify-config"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stderr + done.stdout if done.returncode else ""


def corpus(name: str | None = None) -> list[dict[str, Any]]:
    """Streams of one value each, as Fluent Bit of dev sends them now."""
    work = workload("fluent-bit", "dev")
    files = {f"{mount.path}/{file.name}": file.text for mount in work.config for file in mount.files}
    cases = [CASES[name]] if name else list(CASES.values())
    pipeline = Pipeline.of(files, MAIN, pods([case["app"] for case in cases]))
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    paths = [(path_of(case["app"], case.get("namespace", "axiom")), case["lines"]) for case in cases]
    events = [event for path, lines in paths for event in pipeline.events(path, written(lines, now))]
    return [pipeline.sent(event)["loki"] for event in events]


def post(loki: Running, body: Any) -> None:
    """Push as the output does, packed."""
    head = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(body, ensure_ascii=False).encode())
    request = urllib.request.Request(loki.url("http", "/loki/api/v1/push"), packed, head)
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 204


def asked(loki: Running, query: str) -> list[tuple[str, dict[str, str]]]:
    """Lines and labels that a query finds."""
    found = loki.json("http", f"/loki/api/v1/query_range?limit=5000&query={quote(query)}")
    return [(entry[1], stream["stream"]) for stream in found["data"]["result"] for entry in stream["values"]]


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
