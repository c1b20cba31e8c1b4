"""The real Loki on the planned files: dev's on a volume, others with their bucket on loopback.

Replaced are its folders, the addresses of S3 and of its replicas, and the one by which it calls itself;
the bucket's name, the region and the rest of the store's settings are the planned ones.
"""

import gzip
import json
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
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

from config.logs import log_contract
from local.processes import free_port

pytestmark = pytest.mark.tools
STREAM = {"job": "fluent-bit", "namespace": "axiom", "app": "core"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
# By these rings know their members, which all are on one host here.
_IDS = (
    "-ingester.lifecycler.ID",
    *(
        f"-{ring}.ring.instance-id"
        for ring in ("compactor", "distributor", "index-gateway", "query-scheduler")
    ),
)
QUERY = f'{{job="fluent-bit"}} | trace_id="{TRACE}"'


def laid_out(root: Path, store: ObjectStore | None = None, tier: str = "current") -> Pod:
    """Loki's pod with an empty disk: dev's, or with a store staging's and its keys."""
    environment = "staging" if store else "dev"
    access = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    given = {"SSL_CERT_FILE": str(store.authority), **access} if store else {}
    pod = Pod(workload("loki", environment, logSinks=["loki"], tier=tier), root, given)
    pod.lay_out()
    file = pod.path("/etc/loki/loki.yaml")
    document = yaml.safe_load(file.read_text())
    if store:
        document["storage_config"]["object_store"]["s3"]["endpoint"] = store.address
    document["common"]["instance_addr"] = "127.0.0.1"
    file.write_text(yaml.safe_dump(document))
    return pod


@pytest.fixture(scope="module")
def loki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Dev's, with an empty disk, once it takes lines."""
    with running(laid_out(tmp_path_factory.mktemp("loki"))) as server:
        server.text("http", "/ready")
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


def test_a_dot_in_a_name_is_found_as_an_underscore(loki: Running) -> None:
    """So the contract has no two names that differ by that alone."""
    post(loki, {"streams": corpus("oracle")})
    assert asked(loki, '{app="oracle"} | json | dd_trace_id="9532127138774266268"')


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


def test_it_answers_with_many_of_the_longest_lines(loki: Running) -> None:
    """As many as Grafana asks for of a trace at once take more than a few megabytes."""
    many, long = 60, "x" * log_contract().longest_record_bytes
    now = time.time_ns()
    for number in range(many):
        stream = {"job": "fluent-bit", "app": "long"}
        post(loki, {"streams": [{"stream": stream, "values": [[str(now + number), f"{number} {long}"]]}]})
    found = asked(loki, '{app="long"}')
    assert {line.partition(" ")[0] for line, _ in found} == {str(number) for number in range(many)}
    assert min(len(line) for line, _ in found) > len(long)


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
    assert config["compactor"]["delete_request_store"] == "filesystem"


def test_lines_outlive_a_stop_and_the_disk(tmp_path: Path) -> None:
    """Outside of dev what was in memory is in the bucket when it stops, and found by the next one."""
    with object_store(folder(tmp_path, "keys")) as store:
        with running(laid_out(folder(tmp_path, "earlier"), store)) as earlier:
            push(earlier, "earlier")
        buckets = observability("staging", logSinks=["loki"]).buckets
        bucket = next(found.name for found in buckets if found.name.endswith("loki"))
        assert any(name.startswith(f"{bucket}/index/loki_index_") for name in store.objects)
        with running(laid_out(folder(tmp_path, "later"), store)) as later:
            assert "earlier" in lines(later)


def folder(root: Path, name: str) -> Path:
    """A new folder."""
    (root / name).mkdir()
    return root / name


@pytest.mark.long
def test_of_three_replicas_one_compacts_and_each_finds_every_line(tmp_path: Path) -> None:
    """As a tier asks for them: what one was sent, another answers with."""
    gossip = [free_port() for _ in range(3)]
    with ExitStack() as stack:
        store = stack.enter_context(object_store(folder(tmp_path, "keys")))
        servers = []
        for number, port in enumerate(gossip):
            pod = laid_out(folder(tmp_path, str(number)), store, tier="1year")
            file = pod.path("/etc/loki/loki.yaml")
            document = yaml.safe_load(file.read_text())
            members = [f"127.0.0.1:{other}" for other in gossip]
            document["memberlist"] |= {"bind_port": port, "bind_addr": ["127.0.0.1"], "join_members": members}
            document["memberlist"] |= {"advertise_addr": "127.0.0.1", "advertise_port": port}
            file.write_text(yaml.safe_dump(document))
            servers.append(stack.enter_context(running(pod, flags=dict.fromkeys(_IDS, f"loki-{number}"))))
        for server in servers:
            server.text("http", "/ready")
        push(servers[0], "shared")
        assert all("shared" in lines(server) for server in servers)
        compacting = [
            "loki_boltdb_shipper_compactor_running 1" in server.text("http", "/metrics") for server in servers
        ]
        assert compacting.count(True) == 1
