"""The contract of log records, and what a wrong one says."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from config.files import HERE, DataError, checked
from config.logs import LogContract, Required, log_contract

# Requirements, section 7.
ALWAYS = {"timestamp", "level", "event", "service", "tenant_id", "request_id"}
SOMETIMES = {"trace_id", "duration_ms", "error", "stack_trace"}
SHOWN = {"method", "path", "status", "llm_model", "llm_tokens", "cache_hit"}


def test_the_fields_are_those_of_the_requirements() -> None:
    """Those that are always required, those that sometimes are, and those of the example."""
    fields = log_contract().fields_
    assert {name for name, field in fields.items() if field.required is True} == ALWAYS
    assert set(fields) >= SOMETIMES | SHOWN
    assert {name for name in SOMETIMES if isinstance(fields[name].required, Required)} == SOMETIMES - {
        "stack_trace"
    }


def test_loki_has_few_labels_and_the_trace_beside_the_line() -> None:
    """Streams are combinations of labels; an id of a trace is none."""
    contract = log_contract()
    assert contract.in_loki("label") == ("namespace", "app", "container")
    assert {"trace_id", "span_id", "pod"} == set(contract.in_loki("metadata"))


def test_datadog_has_its_reserved_attributes() -> None:
    """Those that it reads by name, each from one field: docs.datadoghq.com, logs, attributes and tags.

    A second one, such as the status of an answer, would take the level's place.
    """
    reserved = ["host", "message", "service", "span_id", "status", "timestamp", "trace_id"]
    read_as_status = {"severity", "level", "syslog.severity"}
    there = [field.datadog or name for name, field in log_contract().fields_.items()]
    assert sorted(name for name in there if name in reserved) == reserved
    assert read_as_status.isdisjoint(there)


def _unbounded(raw: Any) -> None:
    raw["fields"]["tenant_id"]["loki"] = "label"


def _uncounted(raw: Any) -> None:
    del raw["fields"]["app"]["values"]


def _many(raw: Any) -> None:
    raw["fields"]["app"]["values"] = 5000


def _typeless(raw: Any) -> None:
    raw["fields"]["event"]["type"] = "nmae"


def _nowhere(raw: Any) -> None:
    raw["fields"]["duration_ms"]["required"] = {"with": ["stauts"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_unbounded, "fields.tenant_id: .*a line could hold any value"),
        (_uncounted, "fields.app: .*states how many values it has"),
        (_many, "fields.app: .*at most 100"),
        (_typeless, "event is of no type that there is: 'nmae'"),
        (_nowhere, "duration_ms goes with fields that there are not: stauts"),
    ],
)
def test_a_wrong_contract_is_refused(change: Callable[[Any], None], said: str) -> None:
    """With the file, the place and why."""
    raw = yaml.safe_load((HERE / "log_fields.yaml").read_text())
    adapter = TypeAdapter(LogContract)
    checked("log_fields.yaml", adapter, raw)
    change(raw)
    with pytest.raises(
        DataError, match=rf"config/log_fields\.yaml: {said}|config/log_fields\.yaml: : .*{said}"
    ):
        checked("log_fields.yaml", adapter, raw)
