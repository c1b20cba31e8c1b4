"""The contract of log records, and what a wrong one says."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from config.files import HERE, DataError, checked
from config.logs import MOST_VALUES, LogContract, Required, log_contract

# Requirements, section 7.
ALWAYS = {"timestamp", "level", "event", "service", "tenant_id", "request_id"}
SOMETIMES = {"trace_id", "duration_ms", "error", "stack_trace"}
FILE, ADAPTER = "log_fields.yaml", TypeAdapter(LogContract)
SHOWN = {"method", "path", "status", "llm_model", "llm_tokens", "cache_hit"}


def content() -> Any:
    """What the file says, to be changed."""
    return yaml.safe_load((HERE / FILE).read_text())


def test_the_fields_are_those_of_the_requirements() -> None:
    """Those that are always required, those that sometimes are, and those of the example."""
    fields = log_contract().fields_
    assert {name for name, field in fields.items() if field.required is True} == ALWAYS
    assert set(fields) >= SOMETIMES | SHOWN
    assert {name for name in SOMETIMES if isinstance(fields[name].required, Required)} == SOMETIMES - {
        "stack_trace"
    }


def test_loki_has_few_labels_and_the_trace_beside_the_line() -> None:
    """Streams are combinations of labels, by which queries begin; links find a trace beside its line."""
    contract = log_contract()
    labels = contract.in_loki("label")
    assert {"namespace", "app"} <= {*labels}
    assert all(0 < (contract.fields_[name].values or 0) <= MOST_VALUES for name in labels)
    assert {"trace_id"} <= {*contract.in_loki("metadata")}


def _at_datadog(field: str, there: str | None) -> Callable[[Any], None]:
    """A field of that name there, or of its own."""

    def change(raw: Any) -> None:
        raw["fields"][field] = {**raw["fields"][field], "datadog": there}

    return change


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


def _named(name: str, **more: Any) -> Callable[[Any], None]:
    """A field of this name beside the others."""

    def change(raw: Any) -> None:
        raw["fields"][name] = {"type": "text", **more}

    return change


SECRET = "this is the name of a secret .*: rename it so that it does not end like one, or take it out"
QUOTES = "a sink would need quotes for this name: words of letters, figures and `_`"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            _unbounded,
            "fields.tenant_id: a label of Loki is made by the pipeline: a line could hold any value",
        ),
        (_uncounted, "fields.app: .*states how many values it has"),
        (_many, "fields.app: .*at most 100"),
        (_typeless, "fields.event: there is no type 'nmae': one of time, name,"),
        (_nowhere, "fields.duration_ms: it goes with fields that there are not: stauts"),
        *(
            (_named(name), f"fields.{name}: {SECRET}")
            for name in ("session_id", "userEmail", "db.password_2")
        ),
        (_named("tokens"), f"fields.tokens: {SECRET}"),
        *(
            (_named(name), f"fields.{name}: {QUOTES}")
            for name in ("user-id", "user id", "1st", "_id", "a..b", "é")
        ),
        (_named("k8s.pod", loki="metadata"), "fields.k8s.pod: Loki has no dot in the name of a metadata"),
        (_named("trace.id"), r"fields.trace\.id: Loki's parser of JSON calls it what it calls trace_id"),
        (
            _at_datadog("event", "mesage"),
            "fields.event.datadog: 'mesage' is no reserved attribute of DataDog: write one of host, message,",
        ),
        (
            _at_datadog("path", "http.url-path"),
            "fields.path.datadog: 'http.url-path' is no reserved attribute",
        ),
        (
            _at_datadog("event", "status"),
            "fields.event: DataDog has level as status: give it another name there",
        ),
        (
            _at_datadog("status", None),
            "fields.status: DataDog has level as status: give it another name there",
        ),
        (_at_datadog("level", None), "fields.level: DataDog reads level as the status: give it another name"),
        (_at_datadog("event", None), r"fields: none is DataDog's message: say which \(`datadog`\)"),
    ],
)
def test_a_wrong_contract_is_refused(change: Callable[[Any], None], said: str) -> None:
    """With the file, the place, why, and what to do."""
    raw = content()
    checked(FILE, ADAPTER, raw)
    change(raw)
    with pytest.raises(DataError, match=rf"^config/log_fields\.yaml: {said}"):
        checked(FILE, ADAPTER, raw)


def test_a_count_may_be_called_like_several_secrets() -> None:
    """The filter leaves a figure of `tokens` as it is."""
    raw = content()
    _named("tokens", type="number")(raw)
    assert "tokens" in checked(FILE, ADAPTER, raw).fields_
