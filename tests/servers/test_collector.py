"""The real collector, of the components that the files use: what it takes, keeps, cleans and hands on.

Spans come from the real SDK; in the place of Tempo and of DataDog's intake receivers listen on loopback.
Replaced are those two addresses and how long is waited: for the rest of a trace, and between figures.
"""

import itertools
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from exposition import contradictions
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import (
    Status,
    StatusCode,
)
from real_server import ENVIRONMENTS, Pod, Running, running, tool, workload
from servers.otlp import Received, names, over_grpc, over_http, tracer

from config.scalars import SinkName
from config.slos import slos
from local.processes import free_port

pytestmark = pytest.mark.tools
SINK_SETS = [
    list(chosen)
    for size in (1, 2, 3)
    for chosen in itertools.combinations([str(name) for name in SinkName], size)
]
SECONDS = 10**9
# So many times shorter than planned are the waits for the rest of a trace.
HASTE = 25
_KEY = {"DD_API_KEY": "key-of-datadog"}
_TRACES = 300


def until(holds: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come to hold"
        time.sleep(0.1)


@contextmanager
def collecting(
    root: Path,
    tempo: str,
    datadog: str | None = None,
    environment: str = "prod",
    more: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """A collector of an environment that hands on to these addresses."""
    sinks = ["loki", *(["datadog"] if datadog else [])]
    pod = Pod(workload("otel-collector", environment, logSinks=sinks), root, _KEY)
    pod.lay_out()
    flags = {"--set=exporters.otlp_grpc/tempo.endpoint": tempo, **(more or {})}
    if datadog:
        flags["--set=exporters.otlp_http/datadog.endpoint"] = datadog
        flags["--set=connectors.span_metrics/datadog.metrics_flush_interval"] = "1s"
    processors = yaml.safe_load(pod.path("/etc/otelcol/config.yaml").read_text())["processors"]
    for name in ("decision_wait", "decision_wait_after_root_received"):
        if "tail_sampling" in processors:
            planned = int(processors["tail_sampling"][name].removesuffix("s"))
            flags[f"--set=processors.tail_sampling.{name}"] = f"{planned * 1000 // HASTE}ms"
    with running(pod, flags=flags) as server:
        server.assert_probes_answer()
        yield server


@pytest.fixture(scope="module")
def receivers() -> Iterator[tuple[Received, Received]]:
    """In the places of Tempo and of DataDog."""
    with over_grpc() as tempo, over_http() as datadog:
        yield tempo, datadog


@pytest.fixture(scope="module")
def collector(
    tmp_path_factory: pytest.TempPathFactory, receivers: tuple[Received, Received]
) -> Iterator[Running]:
    """Prod's, with DataDog."""
    tempo, datadog = receivers
    with collecting(tmp_path_factory.mktemp("collector"), tempo.address, datadog.address) as server:
        yield server


def address(server: Running) -> str:
    """Where it takes OTLP over gRPC."""
    return f"127.0.0.1:{server.ports['otlp-grpc']}"


def test_it_takes_every_form_of_its_file(tmp_path: Path) -> None:
    """Of each environment with each set of sinks; and refuses one with an option that there is not."""
    texts = {
        workload("otel-collector", environment, logSinks=sinks).config[0].files[0].text
        for environment in ENVIRONMENTS
        for sinks in SINK_SETS
    }
    assert len(texts) == 2 * len(ENVIRONMENTS)
    for text in texts:
        assert validated(tmp_path, text) == ""
    assert "has invalid keys: planted" in validated(tmp_path, text.replace("send_batch_size:", "planted:"))


def validated(root: Path, text: str) -> str:
    """What the collector says against a file."""
    file = root / "config.yaml"
    file.write_text(text)
    command = ["/usr/bin/env", *(f"{key}={value}" for key, value in _KEY.items()), tool("otelcol")]
    done = subprocess.run(
        [*command, "validate", f"--config={file}"], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stderr if done.returncode else ""


def test_its_ports_are_those_on_which_it_listens() -> None:
    """The running one was told others: the file has the planned ones."""
    work = workload("otel-collector", "prod")
    config = yaml.safe_load(work.config[0].files[0].text)
    protocols = config["receivers"]["otlp"]["protocols"]
    told = [protocols["grpc"]["endpoint"], protocols["http"]["endpoint"]]
    told.append(config["extensions"]["health_check"]["endpoint"])
    reader = config["service"]["telemetry"]["metrics"]["readers"][0]["pull"]["exporter"]["prometheus"]
    numbers = {int(found.rpartition(":")[2]) for found in told} | {reader["port"]}
    assert numbers == {port.number for port in work.ports}


def test_an_error_reaches_both_with_its_resource(
    collector: Running, receivers: tuple[Received, Received]
) -> None:
    """Over gRPC from the SDK; with the service's name and version, the environment and the cluster."""
    send(tracer(address(collector), "axiom-oracle"), "failed", error=True)
    for received in receivers:
        until(lambda received=received: "failed" in names(received.spans))
        resource = next(found for found in received.resources if found["service.name"] == "axiom-oracle")
        assert resource["service.version"] == "1.4.2"
        assert resource["deployment.environment"] == "production"
        assert resource["k8s.cluster.name"] == "axiom-prod"
    head = receivers[1].headers[0]
    assert head["dd-api-key"] == _KEY["DD_API_KEY"]
    assert json.loads(head["dd-otel-metric-config"]) == {"resource_attributes_as_tags": True}


def send(found: Any, name: str, *, error: bool = False, seconds: float = 0.01, **attributes: Any) -> None:
    """One span that lasted so long, and its child."""
    start = time.time_ns() - int(seconds * SECONDS)
    with found.start_as_current_span(
        name, start_time=start, end_on_exit=False, attributes=attributes
    ) as span:
        found.start_span(f"child of {name}").end()
        if error:
            span.set_status(Status(StatusCode.ERROR, "it failed"))
        span.end(start + int(seconds * SECONDS))


def test_errors_and_slow_calls_are_kept_and_a_part_of_the_rest(
    collector: Running, receivers: tuple[Received, Received]
) -> None:
    """All of the first, whole traces; of the others about ten in a hundred. Figures are made of all."""
    found, (tempo, datadog) = tracer(address(collector), "axiom-synapse"), receivers
    for number in range(_TRACES):
        send(found, f"usual {number}")
        if number % 10 == 0:
            send(found, f"error {number}", error=True)
            send(found, f"slow {number}", seconds=16, **{"llm.model": "gpt-4o"})
            send(found, f"quick {number}", seconds=14, **{"llm.model": "gpt-4o"})
    always = {f"{kind} {number}" for kind in ("error", "slow") for number in range(0, _TRACES, 10)}
    always |= {f"child of {name}" for name in always}
    until(lambda: always <= names(tempo.spans))
    until(lambda: always <= names(datadog.spans))
    time.sleep(3)  # What is left out never comes: the wait for a trace, and a second.
    usual = {name for name in names(tempo.spans) if name.startswith(("usual", "quick"))}
    assert 0.02 * _TRACES < len(usual) < 0.2 * _TRACES
    assert {f"child of {name}" for name in usual} <= names(tempo.spans)
    sent = 2 * (_TRACES + 3 * _TRACES // 10)
    until(lambda: calls(datadog, "axiom-synapse") == sent)


def test_a_slow_call_is_kept_though_its_first_spans_are_there_long_before(
    collector: Running, receivers: tuple[Received, Received]
) -> None:
    """Those of the longest objective: a child's span is sent at its end, its parent's at last."""
    found, names_of = (
        tracer(address(collector), "axiom-synapse"),
        [f"patient {number}" for number in range(20)],
    )
    began, open_spans = time.time_ns(), []
    for name in names_of:
        with found.start_as_current_span(name, start_time=began, end_on_exit=False) as span:
            span.set_attribute("llm.model", "gpt-4o")
            found.start_span(f"child of {name}").end()
        open_spans.append(span)
    longest = max(objective.p99 for objective in slos().objectives)
    time.sleep(longest / HASTE)
    for span in open_spans:
        span.end(began + int(longest * SECONDS))
    always = {*names_of, *(f"child of {name}" for name in names_of)}
    for received in receivers:
        until(lambda received=received: always <= names(received.spans))


def calls(datadog: Received, service: str) -> int:
    """How many spans of a service the figures count."""
    return sum(
        point.as_int
        for request in datadog.metrics
        for resource in request.resource_metrics
        if any(found.value.string_value == service for found in resource.resource.attributes)
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name.endswith("calls")
        for point in metric.sum.data_points
    )


def test_a_receiver_that_is_down_stops_nobody(tmp_path: Path) -> None:
    """Tempo does not answer: each span is taken at once, and DataDog has it."""
    nowhere = f"127.0.0.1:{free_port()}"
    with over_http() as datadog, collecting(tmp_path, nowhere, datadog.address) as server:
        found = tracer(address(server))
        start = time.monotonic()
        for number in range(50):
            send(found, f"error {number}", error=True)
        assert time.monotonic() - start < 5
        until(lambda: {f"error {number}" for number in range(50)} <= names(datadog.spans))
        metrics = server.text("metrics", "/metrics")
        # Bytes: what Tempo has not taken yet.
        assert value(metrics, "otelcol_exporter_queue_size", "otlp_grpc/tempo") > 1000
        assert value(metrics, "otelcol_exporter_sent_spans", "otlp_http/datadog") == 100
        assert contradictions("otel-collector", metrics) == []


def value(metrics: str, name: str, exporter: str) -> float:
    """A figure of an exporter of spans; nothing is none."""
    found = re.search(rf'^{name}{{[^}}]*exporter="{exporter}"[^}}]*}} (\S+)$', metrics, re.MULTILINE)
    return float(found[1]) if found else 0


def test_what_is_given_up_is_counted(tmp_path: Path) -> None:
    """After the last retry, and where the queue has no room: by these figures SpansNotSent knows."""
    place = "--set=exporters.otlp_grpc/tempo"
    shorter = {f"{place}.retry_on_failure.{name}": "200ms" for name in ("initial_interval", "max_interval")}
    shorter[f"{place}.retry_on_failure.max_elapsed_time"] = "200ms"
    nowhere = f"127.0.0.1:{free_port()}"
    for name, flags in (("send", shorter), ("enqueue", {f"{place}.sending_queue.queue_size": "1"})):
        with collecting(tmp_path / name, nowhere, environment="dev", more=flags) as server:
            send(tracer(address(server)), "lost")
            figure = f"otelcol_exporter_{name}_failed_spans"
            until(lambda: value(server.text("metrics", "/metrics"), figure, "otlp_grpc/tempo") == 2)  # noqa: B023
            assert contradictions("otel-collector", server.text("metrics", "/metrics")) == []


def test_it_takes_otlp_over_http_and_samples_nothing_in_dev(tmp_path: Path) -> None:
    """Each of many spans with nothing wrong reaches Tempo."""
    exporter, wanted = InMemorySpanExporter(), {f"usual {number}" for number in range(50)}
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for name in wanted:
        provider.get_tracer("axiom").start_span(name).end()
    body = encode_spans(exporter.get_finished_spans()).SerializeToString()
    with over_grpc() as tempo, collecting(tmp_path, tempo.address, environment="dev") as server:
        server.text("otlp-http", "/v1/traces", body, "application/x-protobuf")
        until(lambda: wanted == names(tempo.spans))
