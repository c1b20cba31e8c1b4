"""DataDog: logs from Fluent Bit, traces and their figures from the collector.

It joins the two by `env`, `service` and `version`, so all are the traces' own values. Its recipe for the
collector: docs.datadoghq.com, opentelemetry/setup/collector_exporter.

Grafana's data source for it is licensed, so Grafana does not search it: its traces link there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.logs import log_contract
from config.scalars import SinkName
from config.secrets import SecretKey
from config.settings import Settings
from model.luatext import written
from model.reach import Peer, to_internet
from model.sinks.sink import SCRIPT, TAG, AgentNeeds, Exploration, TraceExport, buffer_size, sending
from model.slices import LogGroupSpec
from model.spec import ServerSpec
from model.tags import APP_ENV, SERVICE_PREFIX

NAME = "datadog"
_OTLP, _FIGURES = f"otlp_http/{NAME}", f"span_metrics/{NAME}"
_CODE = Path(__file__).with_name("datadog.lua")
# What it defines.
_RENAMED = "for_datadog"
_KEY = {"DD_API_KEY": SecretKey.DATADOG_API_KEY}

# Milliseconds (docs.datadoghq.com, monitors/guide/template-variable-evaluation): the hour up to ten minutes
# after the first alert's begin. Go counts in nanoseconds.
_STARTED = "(index $.Alerts 0).StartsAt"
_AROUND = (
    f"&from_ts={{{{ ({_STARTED}.Add -3000000000000).UnixMilli }}}}"
    f"&to_ts={{{{ ({_STARTED}.Add 600000000000).UnixMilli }}}}&live=false"
)


@dataclass(frozen=True)
class DataDog:
    """The sink."""

    name: SinkName = SinkName.DATADOG
    page_time: str = _AROUND

    def servers(self, settings: Settings) -> tuple[ServerSpec, ...]:
        return ()

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        return ()

    def agent(self, settings: Settings, agent: Peer) -> AgentNeeds:
        return AgentNeeds(
            output=_output(settings),
            edges=(to_internet(agent, "DataDog"),),
            secret_environment=dict(_KEY),
            script=_script(settings),
        )

    def exploration(self, settings: Settings, grafana: Peer) -> Exploration:
        return Exploration(source=None, from_trace={"correlations": _links(settings)})

    def page(self, settings: Settings, app: str) -> str | None:
        return f"{_site(settings)}/logs?query=%40app%3A{app}%2A"

    def traces(self, settings: Settings) -> TraceExport | None:
        return TraceExport(
            components={"exporters": {_OTLP: _intake(settings)}, "connectors": {_FIGURES: _figures()}},
            exporters=(_OTLP,),
            # Of all traces, before any is left out.
            figures=(_FIGURES,),
            pipelines={
                f"metrics/{NAME}": {"receivers": [_FIGURES], "processors": ["batch"], "exporters": [_OTLP]}
            },
            secret_environment=dict(_KEY),
        )


def _site(settings: Settings) -> str:
    """Where people open DataDog: a site with a name of its own before the domain is its own host."""
    site = str(settings.datadog.site)
    return f"https://{site}" if site.count(".") > 1 else f"https://app.{site}"


def _links(settings: Settings) -> list[Mapping[str, Any]]:
    """From a trace in Grafana; `$` is doubled in provisioned files, where Grafana expands variables."""
    pages = {
        "DataDog": ("The same trace in DataDog", "apm/trace/$${traceID}"),
        "DataDog logs": ("Its lines in DataDog", "logs?query=trace_id%3A$${traceID}"),
    }
    return [
        {
            "label": label,
            "description": description,
            "type": "external",
            "config": {"field": "traceID", "target": {"url": f"{_site(settings)}/{page}"}},
        }
        for label, (description, page) in pages.items()
    ]


def _intake(settings: Settings) -> Mapping[str, Any]:
    """DataDog's intake of OTLP, in place of an exporter of its own: docs/decisions/0015-traces.md."""
    return {
        "endpoint": f"https://otlp.{settings.datadog.site}",
        "headers": {
            "dd-api-key": "${env:DD_API_KEY}",
            # Without it what a resource says (version, environment) is no tag of its figures.
            "dd-otel-metric-config": '{"resource_attributes_as_tags": true}',
        },
        "compression": "gzip",
        **sending(),
    }


# Those of its recipe that our spans have, and that have few values: statements of databases and the like have
# no end. By them it tells what a span does, to whom, and which errors count.
_DIMENSIONS = (
    *("deployment.environment", "deployment.environment.name", "service.version", "k8s.cluster.name"),
    *("operation.name", "resource.name", "server.address", "network.protocol.name"),
    *("http.request.method", "http.method", "http.response.status_code", "http.status_code", "http.route"),
    *("db.system", "db.namespace", "db.name"),
    *("messaging.system", "messaging.operation", "messaging.destination.name"),
    *("rpc.system", "rpc.service", "rpc.method"),
)


def _figures() -> Mapping[str, Any]:
    """What its pages on services are made of: calls, errors and times, as differences."""
    return {
        "aggregation_temporality": "AGGREGATION_TEMPORALITY_DELTA",
        "add_resource_attributes": True,
        "histogram": {"unit": "s", "exponential": {"max_size": 160}},
        "dimensions": [{"name": name} for name in _DIMENSIONS],
        # A client that invents methods or hosts makes no end of series: beyond, they are one.
        "aggregation_cardinality_limit": 5000,
        "metrics_flush_interval": "15s",
        "metrics_expiration": "5m",
    }


def _script(settings: Settings) -> str:
    told = {
        "names": log_contract().renamed_for_datadog(),
        # As traces know them.
        "services": SERVICE_PREFIX,
        "version": settings.images.app_version,
    }
    return f"local DATADOG = {written(told)}\n\n{_CODE.read_text(encoding='utf-8')}"


def _output(settings: Settings) -> Mapping[str, Any]:
    return {
        "name": "datadog",
        "alias": NAME,
        "match": TAG,
        "host": f"http-intake.logs.{settings.datadog.site}",
        "tls": "on",
        "compress": "gzip",
        "apikey": "${DD_API_KEY}",
        "dd_source": "python",
        # Some of its names are reserved, among them that of an HTTP status: the other sinks keep ours.
        "processors": {"logs": [{"name": "lua", "script": SCRIPT, "call": _RENAMED}]},
        # The service is the record's own; nothing is left under `log`.
        "dd_message_key": log_contract().named(datadog="message"),
        "dd_hostname": "${NODE_NAME}",
        "dd_tags": f"env:{APP_ENV[settings.environment]},cluster:{settings.cluster_name}",
        # The default would stand over the record's own `timestamp`.
        "json_date_key": "fluentbit_timestamp",
        "retry_limit": "no_limits",
        "storage.total_limit_size": buffer_size(settings),
    }
