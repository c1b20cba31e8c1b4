"""What the collector does with spans: takes, cleans, keeps or leaves, and hands on.

Settings: opentelemetry.io/docs/collector. The memory limiter comes first; behind it nothing blocks a
sender, since every exporter has a queue of its own and a full one drops. Its patterns are RE2.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from config.logs import Redaction, log_contract
from config.settings import Settings
from model.reach import Namespace
from model.servers.names import OTLP_GRPC_PORT, OTLP_HTTP_PORT, TEMPO
from model.sinks.sink import TraceExport, sending
from model.tags import APP_ENV

# How long a trace is waited for until it is decided on.
DECISION_SECONDS = 30
HEALTH_PORT = 13133
METRICS_PORT = 8888
_TO_TEMPO = "otlp_grpc/tempo"
_KEPT = "forward/kept"
# A call to a model that takes longer is kept: the threshold of LLMHighLatency.
_SLOW_NANOSECONDS = 15 * 10**9


def pipeline(exports: Sequence[TraceExport], settings: Settings) -> dict[str, Any]:
    """The file, with what the sinks want of the traces."""
    to_tempo = {
        "endpoint": f"{TEMPO}.{Namespace.MONITORING}.svc:{OTLP_GRPC_PORT}",
        # Inside the cluster, where policies say who reaches it.
        "tls": {"insecure": True},
        **sending(),
    }
    return {
        "extensions": {"health_check": {"endpoint": f"0.0.0.0:{HEALTH_PORT}"}},
        "receivers": {"otlp": {"protocols": _protocols()}},
        "processors": _processors(settings),
        "exporters": {_TO_TEMPO: to_tempo, **_section(exports, "exporters")},
        "connectors": {_KEPT: {}, **_section(exports, "connectors")},
        "service": _service(exports, sampled=_is_sampled(settings)),
    }


def _is_sampled(settings: Settings) -> bool:
    return settings.traces.kept_percent < 100


def _protocols() -> dict[str, Any]:
    return {
        "grpc": {"endpoint": f"0.0.0.0:{OTLP_GRPC_PORT}"},
        "http": {"endpoint": f"0.0.0.0:{OTLP_HTTP_PORT}"},
    }


def _processors(settings: Settings) -> dict[str, Any]:
    redaction = log_contract().redaction
    found = {
        "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
        "resource": {"attributes": _attributes(settings)},
        "redaction": _attributes_cleaned(redaction),
        "transform": {"error_mode": "ignore", "trace_statements": _texts_cleaned(redaction)},
        "batch": {"send_batch_size": 512, "send_batch_max_size": 1024, "timeout": "1s"},
    }
    if _is_sampled(settings):
        found["tail_sampling"] = _sampling(settings)
    return found


def _attributes(settings: Settings) -> list[dict[str, str]]:
    """Requirements, section 6: the service says its name and version, and where it runs unless it forgot."""
    where = APP_ENV[settings.environment]
    return [
        {"key": "deployment.environment", "value": where, "action": "insert"},
        {"key": "k8s.cluster.name", "value": settings.cluster_name, "action": "upsert"},
    ]


def _patterns(redaction: Redaction) -> list[str]:
    """Names with what follows them, and secrets by their look; the first group stays."""
    headers = _either(redaction.headers)
    words = _either(key for key in redaction.keys if key not in redaction.headers)
    return [
        rf"""(?i)((?:{headers}|{words})\\*["']?\s*[:=,]\s*b?\\*["'])[^"'\\\r\n]+""",
        rf"""(?i)((?:{headers})\\*["']?\s*[:=]\s*)[^\s"'\\][^\r\n]*""",
        rf"""(?i)((?:{words})\\*["']?\s*[:=]\s*)[^\s"'\\,;&}})\]]+""",
        *(look.re2 for look in redaction.looks.values()),
    ]


def _either(keys: Iterable[str]) -> str:
    return "|".join(key.replace("_", "[-_]?") for key in keys)


def _attributes_cleaned(redaction: Redaction) -> dict[str, Any]:
    """Attributes of resources, scopes, spans and events: by their names, and by what they hold.

    No processor looks at attributes of links; nothing that the services are instrumented with writes any.
    """
    camel = "|".join(key.title().replace("_", "") for key in redaction.keys)
    return {
        "allow_all_keys": True,
        "blocked_key_patterns": [
            _doubled(f"(?i)(^|[._-])({_either(redaction.keys)})$"),
            _doubled(f"[a-z0-9]({camel})$"),
        ],
        "blocked_values": [_doubled(pattern) for pattern in _patterns(redaction)],
        "redact_all_types": True,
        "summary": "silent",
    }


def _texts_cleaned(redaction: Redaction) -> list[str]:
    """What is no attribute: names, and what a status says."""
    places = ("span.name", "span.status.message", "spanevent.name")
    return [_replaced(place, found, redaction.mark) for place in places for found in _patterns(redaction)]


def _replaced(path: str, pattern: str, mark: str) -> str:
    quoted = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'replace_pattern({path}, "{_doubled(quoted)}", "$${{1}}{mark}")'


def _doubled(text: str) -> str:
    # The collector puts in variables where a `$` stands alone.
    return text.replace("$", "$$")


def _sampling(settings: Settings) -> dict[str, Any]:
    """A trace is kept where one of these says so; spans that come late follow what was decided."""
    lasted = "span.end_time_unix_nano - span.start_time_unix_nano"
    slow = f'span.attributes["llm.model"] != nil and {lasted} > {_SLOW_NANOSECONDS}'
    share = {"sampling_percentage": settings.traces.kept_percent}
    return {
        "decision_wait": f"{DECISION_SECONDS}s",
        "num_traces": 20_000,
        "decision_cache": {"sampled_cache_size": 50_000, "non_sampled_cache_size": 50_000},
        "policies": [
            {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
            {"name": "slow-llm-calls", "type": "ottl_condition", "ottl_condition": {"span": [slow]}},
            {"name": "share", "type": "probabilistic", "probabilistic": share},
        ],
    }


def _section(exports: Sequence[TraceExport], name: str) -> dict[str, Any]:
    return {key: value for export in exports for key, value in export.components.get(name, {}).items()}


def _service(exports: Sequence[TraceExport], *, sampled: bool) -> dict[str, Any]:
    every: Mapping[str, Any] = {
        "receivers": ["otlp"],
        "processors": ["memory_limiter", "resource", "redaction", "transform"],
        "exporters": [_KEPT, *(name for export in exports for name in export.figures)],
    }
    kept: Mapping[str, Any] = {
        "receivers": [_KEPT],
        "processors": [*(["tail_sampling"] if sampled else []), "batch"],
        "exporters": [_TO_TEMPO, *(name for export in exports for name in export.exporters)],
    }
    more = {name: found for export in exports for name, found in export.pipelines.items()}
    # Said out, since the names of all metrics hang on it.
    plain = {"without_scope_info": True, "without_type_suffix": True, "without_units": True}
    exposed = {"host": "0.0.0.0", "port": METRICS_PORT, **plain}  # noqa: S104 - inside the pod
    reader = {"pull": {"exporter": {"prometheus": exposed}}}
    return {
        "extensions": ["health_check"],
        "pipelines": {"traces": every, "traces/kept": kept, **more},
        "telemetry": {"metrics": {"level": "normal", "readers": [reader]}},
    }
