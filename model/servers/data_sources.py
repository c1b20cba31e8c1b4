"""Grafana's data sources: figures, alerts and traces always, logs as the sinks have them."""

from collections.abc import Iterable, Mapping
from typing import Any

from config.settings import Settings
from model.scrape import SCRAPE_INTERVAL
from model.servers.names import ALERTMANAGER_PORT, PROMETHEUS_PORT, TEMPO, TEMPO_PORT, service
from model.sinks.sink import Exploration

PROMETHEUS_UID = "prometheus"


# Figures of a span's service, as Tempo's generator names them; without queries Grafana shows no way there.
# `$` is doubled in provisioned files, where Grafana expands variables.
_TRACE_TO_METRICS = {
    "datasourceUid": PROMETHEUS_UID,
    # A rate needs some samples before a span, and after it.
    "spanStartTimeShift": "-30m",
    "spanEndTimeShift": "30m",
    "tags": [{"key": "service.name", "value": "service"}],
    "queries": [
        {
            "name": "Spans a second",
            "query": "sum by (span_name) (rate(traces_spanmetrics_calls_total{$$__tags}[5m]))",
        },
        {
            "name": "Spans with an error a second",
            "query": "sum by (span_name) (rate("
            'traces_spanmetrics_calls_total{$$__tags, status_code="STATUS_CODE_ERROR"}[5m]))',
        },
        {
            "name": "Time of a span, p95",
            "query": "histogram_quantile(0.95, sum by (le, span_name) "
            "(rate(traces_spanmetrics_latency_bucket{$$__tags}[5m])))",
        },
    ],
}


def data_sources(settings: Settings, explored: Iterable[Exploration]) -> Mapping[str, Any]:
    """The provisioning file; nobody changes its sources in the user interface."""
    known = tuple(explored)
    return {
        "apiVersion": 1,
        # A source that left the file leaves Grafana.
        "prune": True,
        "datasources": [
            _prometheus(),
            _alertmanager(),
            _tempo(known),
            *(found.source for found in known if found.source),
        ],
    }


def _prometheus() -> Mapping[str, Any]:
    # The name that applications, and our Tempo, give the trace in an exemplar.
    exemplars = [{"name": "trace_id", "datasourceUid": TEMPO}]
    return {
        "name": "Prometheus",
        "uid": PROMETHEUS_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": service("prometheus", PROMETHEUS_PORT),
        "isDefault": True,
        "editable": False,
        "jsonData": {
            "httpMethod": "POST",
            "prometheusType": "Prometheus",
            "timeInterval": SCRAPE_INTERVAL,
            "exemplarTraceIdDestinations": exemplars,
        },
    }


def _alertmanager() -> Mapping[str, Any]:
    return {
        "name": "Alertmanager",
        "uid": "alertmanager",
        "type": "alertmanager",
        "access": "proxy",
        "url": service("alertmanager", ALERTMANAGER_PORT),
        "editable": False,
        "jsonData": {"implementation": "prometheus"},
    }


def _tempo(explored: tuple[Exploration, ...]) -> Mapping[str, Any]:
    json_data: dict[str, Any] = {
        "tracesToMetrics": _TRACE_TO_METRICS,
        "serviceMap": {"datasourceUid": PROMETHEUS_UID},
        "nodeGraph": {"enabled": True},
        "streamingEnabled": {"search": True, "metrics": True},
    }
    source: dict[str, Any] = {
        "name": "Tempo",
        "uid": TEMPO,
        "type": "tempo",
        "access": "proxy",
        "url": service(TEMPO, TEMPO_PORT),
        "editable": False,
    }
    # The first sink that can be searched wins the button; correlations add up.
    correlations: list[Any] = []
    for found in reversed(explored):
        json_data |= found.from_trace.get("jsonData", {})
        correlations = [*found.from_trace.get("correlations", ()), *correlations]
    return source | {"jsonData": json_data} | ({"correlations": correlations} if correlations else {})
