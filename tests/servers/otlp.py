"""OTLP on loopback: receivers that keep what they are sent, and the SDK that sends."""

import gzip
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from loopback import HOST, Handler, serving
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from local.processes import free_port


@dataclass
class Received:
    """What a receiver was sent."""

    address: str
    traces: list[ExportTraceServiceRequest] = field(default_factory=list)
    metrics: list[ExportMetricsServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def spans(self) -> list[Any]:
        """Every span, of whatever resource."""
        return [
            span
            for request in self.traces
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def resources(self) -> list[dict[str, str]]:
        """The attributes of every resource."""
        return [
            {found.key: found.value.string_value for found in resource.resource.attributes}
            for request in self.traces
            for resource in request.resource_spans
        ]


@contextmanager
def over_grpc() -> Iterator[Received]:
    """A receiver as Tempo's."""
    found = Received(f"127.0.0.1:{free_port()}")

    class Service(TraceServiceServicer):  # type: ignore[misc]
        def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
            found.traces.append(request)
            return ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(4))
    add_TraceServiceServicer_to_server(Service(), server)
    server.add_insecure_port(found.address)
    server.start()
    try:
        yield found
    finally:
        server.stop(None)


@contextmanager
def over_http() -> Iterator[Received]:
    """A receiver as DataDog's intake: protobuf, packed, at a path for each signal."""
    found = Received("")

    class Intake(Handler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            found.headers.append({key.lower(): value for key, value in self.headers.items()})
            if self.path == "/v1/traces":
                found.traces.append(ExportTraceServiceRequest.FromString(body))
            elif self.path == "/v1/metrics":
                found.metrics.append(ExportMetricsServiceRequest.FromString(body))
            else:
                self.answer(404)
                return
            self.answer(200, kind="application/x-protobuf")

    with serving(Intake) as port:
        found.address = f"http://{HOST}:{port}"
        yield found


def tracer(address: str, service: str = "axiom-core", **attributes: str) -> Any:
    """A tracer of the real SDK whose spans are sent one by one, each at its end."""
    given = {"service.name": service, "service.version": "1.4.2", **attributes}
    # Room for every attribute that a test gives.
    limits = SpanLimits(max_attributes=1000, max_event_attributes=1000)
    provider = TracerProvider(resource=Resource(given), span_limits=limits)
    exporter = OTLPSpanExporter(endpoint=f"http://{address}", insecure=True, timeout=10)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("axiom.llm")


def names(spans: Sequence[Any]) -> set[str]:
    """The names of spans."""
    return {span.name for span in spans}
