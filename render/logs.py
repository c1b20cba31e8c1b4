"""docs/logs.md: what a record is, where it goes, and what is lost when."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from config.logs import LogField, Required, log_contract
from config.scalars import Tier
from model.capacity.check import shown
from model.capacity.losses import Losses, losses
from render.capacity import scene

_HEAD = """# Logs and traces

Made by `make docs` from `config/log_fields.yaml`, `config/capacity.yaml` and the Plan; a test holds it
current. Decisions: [logs](decisions/0014-logs.md), [traces](decisions/0015-traces.md).

## The record

One line of a container is one record; a traceback or a private key outside of structlog is one too.
Lines of the services keep this contract, or are kept all the same: marked (`contract: broken`), with what
is wrong (`contract_errors`), and counted (`logs_contract_records_total`, the alert LogRecordsBroken). Lines
of other programs have `contract: none`; one that is no JSON has its text as `event` and `format: text`.
"""
_AFTER_FIELDS = """
A field of a line that has the name of one that the pipeline makes gets `app_` before it. No sink gets
the value of a field called like a secret (`redaction.keys` of the file), nor what looks like one in a
text: headers, passwords, keys and tokens, addresses of databases with a password, e-mail addresses.
DataDog knows the services as its traces do (`axiom-core`), with their version. What stands there under
another name has it only there.

## What is lost, and who says so

Of prod with its defaults, the busiest node at the peak: its part of all lines, times the factor of
skew.
"""
# What fails, what is kept, what is lost, which alerts say so.
CASES: Sequence[tuple[str, str, str, str]] = (
    (
        "a sink is away, or its key is wrong",
        "its buffer on each node, apart from the other sinks'; retries at least once a minute",
        "the oldest beyond the buffer",
        "LogBufferFilling at half, LogsLost",
    ),
    (
        "the agent restarts, or is upgraded",
        "offsets and chunks on the node",
        "nothing, as long as no file was deleted unread; the last chunks may come twice",
        "LogsNotCollected after 15 minutes",
    ),
    (
        "the agent runs and reads nothing",
        "the containers' files",
        "what is deleted unread",
        "LogsSilent",
    ),
    (
        "a node is gone",
        "what was delivered",
        "what was on the way; while a sink is away, its whole buffer of that node",
        "NodeNotReady",
    ),
    (
        "a container writes faster than its files are read",
        "as many files as the kubelet keeps",
        "the oldest files beyond",
        "nobody: its pod's rate is in `fluentbit_input_bytes_total`",
    ),
    (
        "a line is too long",
        "the first part, marked `truncated`",
        "the rest",
        "nobody: the mark",
    ),
    (
        "a sink refuses a record for good",
        "its chunk in `rejected/` on the node, up to 1 GiB",
        "what is refused beyond",
        "LogsLost; LokiRefusingLines",
    ),
    (
        "the filter fails at a record",
        "the record without its text, marked",
        "the text",
        "LogRecordsBroken",
    ),
    (
        "Tempo or DataDog is away",
        "the collector's queue for it, in memory",
        "spans beyond it, or older than five minutes",
        "SpansNotSent",
    ),
    (
        "the collector restarts",
        "what services have not handed over",
        "spans of traces that are not decided on",
        "ServiceAbsent where it stays away",
    ),
)
_PROOF = """
## What is proven, and what is not

Fluent Bit cannot be had as a Go module, a wheel or a package of Debian. So:

- Proven: the rendered file names only options that its documentation has, in their sections, with every
  bound (`tests/server_options`). The filter runs in LuaJIT, the very engine. The rendered file is
  interpreted, plugin by plugin, on lines of real form with secrets in every place (`tests/fluent_bit`);
  the real Loki takes what the interpreter sends, byte for byte, and Grafana's queries find it
  (`tests/servers/test_loki.py`).
- Proven where `fluent-bit` is on PATH, else skipped: that its plugins do what their documentation says, by
  the same records of the whole corpus as each output is handed them (`tests/fluent_bit/test_real.py`). It
  has not been run yet: what holds is that the file for it is the rendered one but for paths, the source of
  the pods' metadata and the outputs, which are files.
- Not proven without it. Taken from the source: the parser of CRI lines. Taken from the documentation: how
  lines are joined, what `merge_log` parses, and that a processor of an output changes the records of that
  one alone. Not proven by it either: the form in which a sink is written to, and the labels of
  `log_to_metrics`.
- Not covered: a private key in several lines where others come between them, where each has something
  before it (a time), or where more than two seconds pass; in a text, a value that stands before its name,
  and the rest of a password without quotes behind a comma, a quote or a bracket.
- Not covered either: numbers beyond 2^53 lose their last digits (every number of Lua is a double), a null is
  no field, and a secret that the limit of joining (2 MB) cuts in two is looked for in both halves
  apart.

The collector is the real one, of the components that the files use: `tests/servers/test_collector.py`
and `test_spans_cleaned.py`.
Tempo, Grafana and DataDog's intake are not started.
"""
_FIGURES: Mapping[str, Callable[[Losses], str]] = {
    "lines of the busiest node, kB/s": lambda found: shown(found.node_bytes_per_second / 1000),
    "a sink may be away, hours": lambda found: shown(found.buffer_seconds / 3600),
    "a full buffer is delivered within, hours": lambda found: shown(found.catch_up_seconds / 3600),
    "an agent may be away, minutes": lambda found: shown(found.away_seconds / 60),
    "a container may write for a minute, MB/s": lambda found: shown(found.burst_bytes_per_second / 1e6),
    "lost with a node while all sinks are up, kB": lambda found: shown(found.node_lost_bytes / 1000),
    "refused lines are kept, hours": lambda found: shown(found.rejected_seconds / 3600),
    "longest record, kB": lambda found: shown(found.longest_bytes / 1000),
    "Tempo may be away, seconds": lambda found: shown(found.spans_seconds),
    "spans lost with a collector, at the most": lambda found: shown(found.spans_lost),
}
_FORMULAS = """
Formulas (`model/capacity/losses.py`): lines of the node = bytes/s at the peak / nodes x skew x record
over line; away = buffer / lines; delivered = buffer / (pace of an agent - lines); agent away = files
that the kubelet keeps / bytes/s of the node, as if one container wrote all of them; a burst = pace of
an agent + files / 60 s; Tempo away = the least of the queue / bytes of spans that are kept and the
patience of the retries.
"""


def page() -> str:
    """The whole page, in Markdown."""
    found = [losses(scene(tier)) for tier in Tier]
    rows = {name: [of(each) for each in found] for name, of in _FIGURES.items()}
    figures = _table(["figure", *Tier], ([name, *cells] for name, cells in rows.items()))
    head = ["field", "type", "required", "Loki", "DataDog", "CloudWatch"]
    fields = _table(head, (_row(name, field) for name, field in log_contract().fields_.items()))
    cases = _table(["what fails", "kept", "lost", "says so"], CASES)
    return f"{_HEAD}\n{fields}{_AFTER_FIELDS}\n{figures}\n{cases}{_FORMULAS}{_PROOF}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines: list[Sequence[str]] = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(name: str, field: LogField) -> list[str]:
    required = "made by the pipeline" if field.made else _required(field.required)
    place = field.loki or "line"
    return [
        f"`{name}`",
        field.type,
        required,
        f"{place}, {field.values} at the most" if field.values else place,
        field.datadog or "attribute",
        "column" if field.cloudwatch else "field",
    ]


def _required(required: bool | Required) -> str:
    if isinstance(required, bool):
        return "always" if required else ""
    told = [f"with `{'`, `'.join(required.beside)}`"] if required.beside else []
    return ", ".join([*told, *(f"at {level}" for level in required.levels)])
