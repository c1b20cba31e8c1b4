"""What the collector does with spans: takes, cleans, keeps or leaves, and hands on.

Settings: opentelemetry.io/docs/collector. The memory limiter comes first; behind it nothing blocks a
sender, since every exporter has a queue of its own and a full one drops. Its patterns are RE2.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from config.capacity import assumptions
from config.logs import Redaction, log_contract
from config.settings import Settings
from model.reach import Namespace
from model.servers.names import OTLP_GRPC_PORT, OTLP_HTTP_PORT, TEMPO
from model.servers.trace_sizes import after_root_seconds, decision_seconds, most_traces
from model.sinks.sink import TraceExport, sending
from model.tags import APP_ENV

HEALTH_PORT = 13133
METRICS_PORT = 8888
_TO_TEMPO = "otlp_grpc/tempo"
_KEPT = "forward/kept"
# A call to a model that takes longer is kept: the threshold of LLMHighLatency.
_SLOW_NANOSECONDS = 15 * 10**9
# Nothing can look into links, and what a state passes on is of other systems. Links dropped are counted in
# the span. To set nothing asks for the gate.
GATES = ("ottl.set.allowNil",)
_DROPPED = (
    'set(span.trace_state, "")',
    "set(span.dropped_links_count, span.dropped_links_count + Len(span.links))",
    "set(span.links, nil)",
)


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
        "memory_limiter": {
            "check_interval": "1s",
            "limit_percentage": round(assumptions().traces.limiter_share * 100),
            "spike_limit_percentage": 20,
        },
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
    """Names with what follows them, and secrets by their look; the first group stays.

    In this order: what is within brackets goes with all that follows in its line, and the mark has some.
    """
    names, headers = (_either(keys) for keys in (redaction.keys, redaction.headers))
    named = rf"""(?i)((?:{names}|\b(?:{_either(redaction.whole)}))[._-]?\d*\\*["']?\]?\s*"""
    header = rf"""(?i)((?:{headers})[._-]?\d*\\*["']?\]?\s*"""
    follows = r"""(?:(?:[:=]+>?|%3[ad]|,\s*\\*["']?values?\\*["']?\s*[:=]+)\s*"""
    listed = rf"{follows}|,\s*)[bru]?"
    # Each time that a text was escaped, quotes got a backslash before them.
    twice = r"(?:[^{0}\\\r\n]|\\\\(?:\\.|[^\\\r\n]))+"
    return [
        rf"""{named}{follows}))[\[{{(][^\r\n]*""",
        *(rf"""{named}{listed}{quote})(?:[^{quote}\\\r\n]|\\.)+""" for quote in ('"', "'")),
        *(rf"""{named}{listed}\\{quote}){twice.format(quote)}""" for quote in ('"', "'")),
        *(rf"""{named}{listed}\\{{2,}}{quote})(?:[^{quote}\\\r\n]|\\{{4,}}.)+""" for quote in ('"', "'")),
        rf"""{header}{follows}))[^\s"'\\][^\r\n]*""",
        rf"""{named}{follows}))[^\s"'\\,;&}})\]\[({{]+""",
        rf"""(?i)([?&](?:{_either(redaction.parameters)})=)[^\s"'&#]+""",
        *(look.re2 for look in redaction.looks.values()),
    ]


def _either(keys: Iterable[str]) -> str:
    return "|".join(key.replace("_", "[._-]?") for key in keys)


def _attributes_cleaned(redaction: Redaction) -> dict[str, Any]:
    """Attributes of resources, scopes, spans and events: by their names, and by what they hold."""
    return {
        "allow_all_keys": True,
        "blocked_key_patterns": [
            _doubled(rf"(?i)({_either(redaction.keys)})[._-]?\d*$"),
            _doubled(f"(?i)^({_either(redaction.whole)})$"),
        ],
        "blocked_values": [_doubled(pattern) for pattern in _patterns(redaction)],
        "redact_all_types": True,
        "summary": "silent",
    }


def _texts_cleaned(redaction: Redaction) -> list[dict[str, Any]]:
    """What is no attribute: names, and what a status says.

    In a group for each holder: all statements of a group that has one on events run for each event only,
    and a span without any would leave as it came.
    """
    groups = ((("span.name", "span.status.message"), _DROPPED), (("spanevent.name",), ()))
    return [
        {
            "statements": [
                *first,
                *(
                    _replaced(place, found, redaction.mark)
                    for place in places
                    for found in _patterns(redaction)
                ),
            ]
        }
        for places, first in groups
    ]


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
    traces = most_traces(settings)
    return {
        "decision_wait": f"{decision_seconds()}s",
        "decision_wait_after_root_received": f"{after_root_seconds()}s",
        "num_traces": traces,
        # Those of several minutes: a retry of a sender, or a worker that is late.
        "decision_cache": {"sampled_cache_size": 2 * traces, "non_sampled_cache_size": 2 * traces},
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
