"""What the real collector takes out of spans before anybody gets them."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from fluent_bit.test_secrets import CANARY, FIELDS, TEXTS
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)
from servers.otlp import names, over_grpc, tracer
from servers.test_collector import address, collecting, until

from config.logs import log_contract

pytestmark = pytest.mark.tools


def secrets() -> Mapping[str, str]:
    """Texts with secrets, and fields with the names of secrets."""
    whole = log_contract().redaction.whole
    fields = {f"http.request.header.{name}": CANARY for name in FIELDS if name not in whole} | dict.fromkeys(
        FIELDS, CANARY
    )
    return {f"text {place}": text for place, text in enumerate(TEXTS.values())} | fields


def test_no_secret_in_a_span_passes(tmp_path: Path) -> None:
    """In names, attributes of every kind of holder, lists, messages of errors and what an exception says."""
    with over_grpc() as tempo, collecting(tmp_path, tempo.address, environment="dev") as server:
        found = tracer(address(server), **secrets())
        for text in TEXTS.values():
            span = found.start_span(f"GET {text}", attributes=secrets())
            span.set_attribute("list", [text, "harmless"])
            span.set_attribute("llm.prompt_tokens", 512)
            span.add_event(f"event {text}", secrets())
            span.record_exception(ValueError(text))
            span.set_status(Status(StatusCode.ERROR, text))
            span.end()
            # One without events has the same in its name, and in what its status says.
            plain = found.start_span(f"SELECT {text}")
            plain.set_status(Status(StatusCode.ERROR, text))
            plain.end()
        until(lambda: len(tempo.spans) == 2 * len(TEXTS))
        sent = " ".join(str(request) for request in tempo.traces)
        places = [line.strip() for line in sent.splitlines() if CANARY.lower() in line.lower()]
        assert places == []
        assert "harmless" in sent
        assert all(name in sent for name in ("llm.prompt_tokens", "512"))
        # It is not blind: what nobody looks for passes.
        found.start_span(f"plain {CANARY}").end()
        until(lambda: any(CANARY in name for name in names(tempo.spans)))


def test_nothing_leaves_by_links_or_by_the_state_of_a_trace(tmp_path: Path) -> None:
    """Neither can be looked through: links are counted, and other systems' state is not passed on."""
    context = SpanContext(
        1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("v", CANARY)])
    )
    link = Link(context, {"password": CANARY, "note": f"Bearer {CANARY}"})
    with over_grpc() as tempo, collecting(tmp_path, tempo.address, environment="dev") as server:
        found = tracer(address(server))
        parent = set_span_in_context(NonRecordingSpan(context))
        found.start_span("linked", parent, links=[link]).end()
        found.start_span("linked to nothing").end()
        until(lambda: {"linked", "linked to nothing"} <= names(tempo.spans))
        assert {span.name: span.dropped_links_count for span in tempo.spans} == {
            "linked": 1,
            "linked to nothing": 0,
        }
        assert all(CANARY not in str(request) for request in tempo.traces)
