"""Lines as containers write them, through the rendered pipeline: what each sink gets of them."""

import copy
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest
from fluent_bit.corpus import CASES, NODE, TIME, in_parts, path_of, pods, written
from fluent_bit.pipeline import Pipeline
from fluent_bit.record import NotModelledError, text
from real_server import workload

from config.logs import log_contract
from config.settings import load
from model.plan import build_plan

SINKS = ["loki", "cloudwatch", "datadog"]
APPS = sorted({"core-api", *(case["app"] for case in CASES.values())})
MAIN = "/fluent-bit/config/fluent-bit.yaml"
# Each is more than a megabyte as JSON.
CROWDED: Mapping[str, Any] = {
    "figures": [0.1234567890123456 + place for place in range(60_000)],
    "whole figures": list(range(200_000)),
    "names": {f"name_{place}": True for place in range(80_000)},
    "empty lists": [[]] * 400_000,
    "escapes": "\x01" * 200_000,
    "characters": "한😀" * 80_000,
    "texts": ["word"] * 150_000,
}


@cache
def mounted() -> Mapping[str, str]:
    """The files of the agent's pod with every sink, by their paths there."""
    work = workload("fluent-bit", "prod", logSinks=SINKS)
    return {f"{mount.path}/{file.name}": file.text for mount in work.config for file in mount.files}


def pipeline() -> Pipeline:
    """A pipeline that has counted nothing yet."""
    return Pipeline.of(mounted(), MAIN, pods(APPS))


def records(lines: list[Any], app: str = "core-api", namespace: str = "axiom") -> list[dict[str, Any]]:
    """The records of what a container printed."""
    return [event.record for event in pipeline().events(path_of(app, namespace), written(lines))]


def compliant(**fields: Any) -> str:
    """A line that keeps the contract, with these fields beside."""
    kept = {"tenant_id": "t", "request_id": "r", "event": "done", "level": "info", "service": "core"}
    return json.dumps({**kept, "timestamp": TIME, **fields}, ensure_ascii=False)


@pytest.mark.parametrize("name", CASES)
def test_lines_become_records(name: str) -> None:
    """As many as expected, each with the expected fields; the whole record is JSON for every sink."""
    case, running = CASES[name], pipeline()
    found = running.events(path_of(case["app"], case.get("namespace", "axiom")), written(case["lines"]))
    assert len(found) == len(case["records"]), [event.record for event in found]
    for event, expected in zip(found, case["records"], strict=True):
        assert {key: event.record.get(key) for key in expected} == expected
        assert set(running.sent(event)) == set(SINKS)


def test_a_half_line_waits_for_its_end() -> None:
    """Nothing is sent of it before, and all of it afterwards."""
    content = written([compliant()])
    assert pipeline().events(path_of("core-api"), content[:-20]) == []
    assert len(pipeline().events(path_of("core-api"), content)) == 1


def test_a_line_of_a_megabyte_is_cut_and_says_so() -> None:
    """What is left fits into what every sink takes."""
    (record,) = records([in_parts(compliant(payload="x" * 1_000_000))])
    assert (record["truncated"], record["contract"]) == (True, "kept")
    assert 100_000 < len(json.dumps(record)) < 256_000
    (record,) = records([in_parts("word " * 200_000)])
    assert (record["truncated"], record["format"]) == (True, "text")
    assert len(record["event"]) == 150_000


def test_a_line_beyond_the_limit_of_joining_is_kept_in_part() -> None:
    """Cut JSON is no JSON any more: it is kept as text."""
    (record,) = records([in_parts(compliant(payload="x" * 3_000_000))])
    assert (record["format"], record["truncated"], record["contract"]) == ("text", True, "broken")


def test_a_line_of_the_file_beyond_the_buffer_does_not_end_the_file() -> None:
    """The runtime writes no such line; if it did, the next ones are read all the same."""
    found = records(["x" * 1_100_000, compliant()])
    assert [record["contract"] for record in found] == ["broken", "kept"]


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    """Overlong forms, halves of pairs and lone bytes too; what is UTF-8 stays."""
    bad = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80"]
    for each in bad:
        (record,) = records([text("한글 é ".encode() + each + b" end")])
        record["event"].encode("utf-8")
        assert record["event"].startswith("한글 é �")
        assert record["event"].endswith(" end")
    (record,) = records([compliant(note=text(b"\xff\xfe"))])
    assert record["note"] == "��"
    (record,) = records(["€ 😀 한"])
    assert record["event"] == "€ 😀 한"


def test_a_cut_leaves_no_half_of_a_character() -> None:
    """Every sink takes UTF-8 only."""
    for character in ("한", "é", "😀"):
        (record,) = records([in_parts(character * 100_000, 4096)])
        record["event"].encode("utf-8")
        assert set(record["event"]) == {character}


def test_maps_within_maps_end_somewhere() -> None:
    """Two hundred levels do not stop the pipeline."""
    deep: Any = "end"
    for _ in range(200):
        deep = {"k": deep}
    (record,) = records([compliant(deep=deep)])
    assert record["truncated"] is True
    assert json.dumps(record).count('"k"') == 16


def test_lines_are_counted_by_whether_they_keep_the_contract() -> None:
    """Under a label that no line can choose."""
    running = pipeline()
    running.events(path_of("core-api"), written([compliant(), compliant(level="loud"), "text"]))
    running.events(path_of("canvas"), written([compliant(app="many")]))
    name = "logs_contract_records_total"
    assert running.counters == {
        f'{name}{{app="core-api",contract="kept"}}': 1,
        f'{name}{{app="core-api",contract="broken"}}': 2,
        f'{name}{{app="canvas",contract="none"}}': 1,
    }


def test_each_sink_has_its_form() -> None:
    """Labels and text beside the line; reserved attributes; a line of JSON."""
    running, contract = pipeline(), log_contract()
    trace = {"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331"}
    (event,) = running.events(path_of("core-api"), written([compliant(**trace, status=503, duration_ms=1)]))
    sent = running.sent(event)
    labels, texts = (
        {name: event.record[name] for name in contract.in_loki(place) if name in event.record}
        for place in ("label", "metadata")
    )
    assert sent["loki"]["stream"] == {"job": "fluent-bit", **labels}
    ((when, line, beside),) = sent["loki"]["values"]
    assert (when, beside) == ("1785574800000000000", texts)
    assert {**trace, "pod": "core-api-0"}.items() <= texts.items()
    assert json.loads(line) == json.loads(sent["cloudwatch"]["message"]) == event.record
    log = sent["datadog"]
    assert (log["message"], log["host"], log["trace_id"]) == ("done", NODE, trace["trace_id"])
    assert not {"event", "level", "node"} & {*log}
    # Its own status is the level; that of HTTP has a name that is not reserved. Only there.
    assert (log["status"], log["http.status_code"], event.record["status"]) == ("info", 503, 503)


def test_datadog_joins_lines_with_their_traces() -> None:
    """By the values that the services' traces have for environment, service and version."""
    running = pipeline()
    (event,) = running.events(path_of("core-api"), written([compliant()]))
    log = running.sent(event)["datadog"]
    variables = next(
        server.workload.environment
        for server in build_plan(load({"neo4j": {"acceptLicense": True}}, stack="prod")).servers
        if server.workload.name == "core-api"
    )
    assert f"env:{variables['APP_ENV']}" in log["ddtags"].split(",")
    assert log["service"] == variables["OTEL_SERVICE_NAME"]
    assert log["version"] == variables["APP_VERSION"]
    (other,) = running.events(path_of("canvas"), written(["text"]))
    assert running.sent(other)["datadog"]["service"] == "canvas"
    assert "version" not in running.sent(other)["datadog"]


@pytest.mark.parametrize("kind", CROWDED)
def test_a_record_is_bounded_by_more_than_its_texts(kind: str) -> None:
    """Figures, names and what JSON escapes count too; what the contract asks for is there."""
    (record,) = records([in_parts(compliant(crowd=CROWDED[kind]))])
    assert (record["truncated"], record["contract"]) == (True, "kept")
    assert 100_000 < len(json.dumps(record, separators=(",", ":"))) < 205_000


def test_names_that_are_alike_once_cleaned_both_stay() -> None:
    """Within a map and at the top."""
    seen = {f"{name}@example.com": 1 for name in ("kim", "lee", "park")}
    (record,) = records([compliant(seen=seen, **seen)])
    assert sorted(record["seen"]) == ["[REDACTED]", "[REDACTED]_2", "[REDACTED]_3"]
    assert len([name for name in record if "[REDACTED]" in name]) == 3


def test_a_record_at_which_the_filter_fails_is_kept_without_its_text() -> None:
    """A mistake of ours sends nothing that was not looked through."""
    files = dict(mounted())
    path = next(path for path in files if path.endswith(".lua"))
    assert "local function faults(record)" in files[path]
    files[path] = files[path].replace(
        "local function faults(record)", "local function faults(record) error(record.event)"
    )
    broken = Pipeline.of(files, MAIN, pods(APPS))
    (event,) = broken.events(path_of("core-api"), written([compliant(event="secret_words")]))
    assert event.record["contract_errors"] == "the filter failed"
    assert "secret_words" not in json.dumps(event.record)


def test_an_option_that_is_not_modelled_is_refused() -> None:
    """Nothing that the file says is passed over."""
    config = copy.deepcopy(pipeline().config)
    config["pipeline"]["filters"][1]["use_journal"] = "on"
    with pytest.raises(NotModelledError, match="kubernetes: use_journal"):
        Pipeline(config, mounted(), {}).events(path_of("core-api"), written(["x"]))
    config = copy.deepcopy(pipeline().config)
    config["pipeline"]["filters"].insert(0, {"name": "grep", "match": "kube.*", "exclude": "log x"})
    with pytest.raises(NotModelledError, match="the filter grep"):
        Pipeline(config, mounted(), {}).events(path_of("core-api"), written(["x"]))


def test_its_own_lines_are_read_by_nobody() -> None:
    """By the name that the DaemonSet gives its pods."""
    tail = pipeline().config["pipeline"]["inputs"][0]
    own = path_of("fluent-bit").replace("fluent-bit-0", "fluent-bit-x7k2p")
    assert fnmatchcase(own, tail["path"])
    assert fnmatchcase(own, tail["exclude_path"])
    assert not any(fnmatchcase(path_of(app), tail["exclude_path"]) for app in APPS)
