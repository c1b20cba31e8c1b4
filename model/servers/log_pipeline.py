"""What Fluent Bit does with lines: reads, joins, describes, shapes, counts, and hands to each sink.

Options: docs.fluentbit.io, 5.1; docs/logs.md says what is lost where.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from model.servers.records import ENTRY, LIFTED
from model.sinks.sink import TAG

NAME = "fluent-bit"
HTTP_PORT = 2020
RECORDS_PORT = 2021
REJECTED_GIBIBYTES = 1
RETRY_SECONDS = 60
STATE = "/var/fluent-bit/state"
LOGS = "/var/log"
_TRACES = "traces-of-stacks"
_COUNTED = "counted"


def pipeline(outputs: Iterable[Mapping[str, Any]], script: str) -> dict[str, Any]:
    """The file, with an output for each sink and the filter at the path `script`."""
    return {
        "service": _service(),
        "multiline_parsers": [{"name": _TRACES, "type": "regex", "flush_timeout": 2000, "rules": _rules()}],
        "pipeline": {
            "inputs": [_input()],
            # The one that joins lines must come first.
            "filters": [_joined(), _metadata(), _shaped(script), _counted()],
            "outputs": [*(dict(output) for output in outputs), _counts()],
        },
    }


def _service() -> Mapping[str, Any]:
    return {
        "flush": 1,
        "grace": 30,
        "log_level": "info",
        "http_server": "on",
        "http_listen": "0.0.0.0",  # noqa: S104 - inside the pod
        "http_port": HTTP_PORT,
        "health_check": "on",
        # Of one line that the runtime wrote in parts; what is longer is cut there.
        "multiline_buffer_limit": "2M",
        "storage.path": f"{STATE}/buffer",
        "storage.sync": "normal",
        "storage.checksum": "off",
        "storage.max_chunks_up": 64,
        "storage.backlog.mem_limit": "32M",
        "storage.metrics": "on",
        "storage.delete_irrecoverable_chunks": "on",
        # What a sink refuses for good stays on the node, in files, up to this.
        "storage.keep.rejected": "on",
        "storage.rejected.path": "rejected",
        "storage.rejected.limit": f"{REJECTED_GIBIBYTES}G",
        # Seconds between retries; the default waits half an hour after a long outage.
        "scheduler.base": 5,
        "scheduler.cap": RETRY_SECONDS,
    }


def _input() -> Mapping[str, Any]:
    return {
        "name": "tail",
        "alias": "containers",
        "tag": TAG,
        "path": f"{LOGS}/containers/*.log",
        # Its own lines would come back to it for ever.
        "exclude_path": f"{LOGS}/containers/{NAME}-*.log",
        "multiline.parser": "cri",
        "db": f"{STATE}/tail-containers.db",
        "db.locking": "true",
        # A pod that started while the agent was away is read from its first line.
        "read_from_head": "true",
        # Without it one long line stops its file; the runtime writes parts of 16 KB.
        "truncate_long_lines": "on",
        "buffer_max_size": "1M",
        "refresh_interval": 5,
        "rotate_wait": 30,
        "storage.type": "filesystem",
    }


def _joined() -> Mapping[str, Any]:
    """Lines of one traceback, outside of structlog, become one."""
    return {
        "name": "multiline",
        "alias": "joined",
        "match": TAG,
        "multiline.parser": _TRACES,
        "multiline.key_content": "log",
        "emitter_name": "joined-lines",
        "emitter_storage.type": "filesystem",
        "emitter_mem_buf_limit": "10M",
    }


def _rules() -> list[dict[str, str]]:
    """Tracebacks of Python, the JVM and Go, and private keys; a line that continues none ends the record."""
    java = r"/^(\s+at |\s+\.\.\. \d+ |\s*Caused by: |\s+Suppressed: )/"
    go = r"/^(\s*$|goroutine \d+ |\[signal |\s+\S|[\w.\/*()]+\(.*\)$|created by )/"
    listed = (
        ("start_state", r"/^\s*(\+ Exception Group )?Traceback \(most recent call last\):/", "frame"),
        ("frame", r"/^\s+\S/", "frame"),
        ("frame", r"/^[A-Za-z_][\w.]*(:.*)?$/", "told"),
        # What an exception says in more lines, and the exception that it was raised from.
        ("told", r"/^(\[SQL: |\[parameters: |\(Background on this error)/", "told"),
        ("told", r"/^\s*$/", "chained"),
        (
            "chained",
            r"/^(During handling of the above exception|The above exception was the direct)/",
            "between",
        ),
        ("between", r"/^\s*$/", "between"),
        ("between", r"/^Traceback \(most recent call last\):/", "frame"),
        ("start_state", r"/^(Exception in thread |([\w$]+\.)+[\w$]*(Exception|Error)\b)/", "java"),
        ("java", java, "java"),
        ("start_state", r"/^(panic: |fatal error: )/", "go"),
        ("go", go, "go"),
        # So that it is found as a whole (`redaction.looks`), whatever is printed before it in its first line.
        ("start_state", r"/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*$/", "key"),
        ("key", r"/^\s*([A-Za-z0-9+\/=]+|-----END [A-Z ]*-----|[A-Z][A-Za-z-]+: .*)?\s*$/", "key"),
    )
    return [{"state": state, "regex": regex, "next_state": after} for state, regex, after in listed]


def _metadata() -> Mapping[str, Any]:
    return {
        "name": "kubernetes",
        "alias": "metadata",
        "match": TAG,
        "merge_log": "on",
        # Not beside Fluent Bit's own fields: a line may have any names.
        "merge_log_key": LIFTED,
        "keep_log": "off",
        # No pod takes its lines out by an annotation: they would be missed by nobody.
        "k8s-logging.parser": "off",
        "k8s-logging.exclude": "off",
        "labels": "on",
        "annotations": "off",
        # Pods with much metadata are described too.
        "buffer_size": "0",
    }


def _shaped(script: str) -> Mapping[str, Any]:
    return {"name": "lua", "alias": "shaped", "match": TAG, "script": script, "call": ENTRY}


def _counted() -> Mapping[str, Any]:
    """Lines by workload, and by whether they keep the contract."""
    return {
        "name": "log_to_metrics",
        "alias": "counted",
        "match": TAG,
        "tag": _COUNTED,
        "metric_mode": "counter",
        "metric_namespace": "logs",
        "metric_subsystem": "contract",
        "metric_name": "records_total",
        "metric_description": "Records by workload, and by whether they keep the contract",
        "label_field": ["app", "contract"],
        "flush_interval_sec": 10,
    }


def _counts() -> Mapping[str, Any]:
    return {
        "name": "prometheus_exporter",
        "alias": _COUNTED,
        "match": _COUNTED,
        "host": "0.0.0.0",  # noqa: S104 - inside the pod
        "port": RECORDS_PORT,
    }
