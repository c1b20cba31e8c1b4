"""Loki: logs in the cluster; its server stands in `loki_server.py`.

`$` is doubled in provisioned files, where Grafana expands variables.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from config.logs import log_contract
from config.scalars import SinkName
from config.settings import Settings
from model.reach import Edge, Namespace, Peer
from model.servers.names import service
from model.sinks.loki_server import ME, NAME, PORT, server
from model.sinks.sink import TAG, AgentNeeds, Exploration, TraceExport, buffer_size
from model.slices import LogGroupSpec
from model.spec import ServerSpec

# Stands for the name while the rest of an address is escaped: in a template nothing may be.
_APP = "APP"


@dataclass(frozen=True)
class Loki:
    """The sink and its server."""

    name: SinkName = SinkName.LOKI
    page_time: str = ""

    def servers(self, settings: Settings) -> tuple[ServerSpec, ...]:
        return (server(settings),)

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        return ()

    def agent(self, settings: Settings, agent: Peer) -> AgentNeeds:
        return AgentNeeds(
            output=_output(settings), edges=(Edge(source=agent, target=ME, port=PORT, why="logs"),)
        )

    def exploration(self, settings: Settings, grafana: Peer) -> Exploration:
        return Exploration(
            source=_source(),
            edges=(Edge(source=grafana, target=ME, port=PORT, why="logs"),),
            from_trace={"jsonData": {"tracesToLogsV2": _TRACE_TO_LOGS}},
        )

    def traces(self, settings: Settings) -> TraceExport | None:
        return None

    def page(self, settings: Settings, app: str) -> str | None:
        if not settings.grafana.host:
            return None
        query = {"refId": "A", "expr": f'{{job="fluent-bit", app=~"{_APP}.*"}}'}
        pane = {"datasource": NAME, "queries": [query], "range": {"from": "now-1h", "to": "now"}}
        panes = quote(json.dumps({"logs": pane}, separators=(",", ":")))
        address = f"https://{settings.grafana.host}/explore?schemaVersion=1&panes={panes}"
        return address.replace(_APP, app)


def _output(settings: Settings) -> Mapping[str, Any]:
    contract = log_contract()
    labels, metadata = (
        ", ".join(f"{name}=${name}" for name in contract.in_loki(place)) for place in ("label", "metadata")
    )
    return {
        "name": "loki",
        "alias": NAME,
        "match": TAG,
        "host": f"{NAME}.{Namespace.MONITORING}.svc",
        "port": PORT,
        # Few, and each with few values: every combination is a stream (config/log_fields.yaml).
        "labels": f"job=fluent-bit, {labels}",
        "structured_metadata": metadata,
        "line_format": "json",
        "auto_kubernetes_labels": "off",
        "compress": "gzip",
        "workers": 1,
        "retry_limit": "no_limits",
        "storage.total_limit_size": buffer_size(settings),
    }


def _source() -> Mapping[str, Any]:
    links = (
        {"name": "TraceID", "matcherType": "label", "matcherRegex": "trace_id"},
        # Where the id stands in the line only.
        {"name": "TraceIDLine", "matcherType": "regex", "matcherRegex": r'"trace_id":\s*"([0-9a-f]{32})"'},
    )
    return {
        "name": "Loki",
        "uid": NAME,
        "type": "loki",
        "access": "proxy",
        "url": service(NAME, PORT),
        "editable": False,
        "jsonData": {
            "derivedFields": [{**link, "datasourceUid": "tempo", "url": "$${__value.raw}"} for link in links]
        },
    }


_TRACE_TO_LOGS = {
    "datasourceUid": NAME,
    # A span and its lines do not carry the very same instant.
    "spanStartTimeShift": "-5s",
    "spanEndTimeShift": "5s",
    "filterByTraceID": True,
    "customQuery": True,
    "query": '{job="fluent-bit"} | trace_id = "$${__trace.traceId}"',
}
