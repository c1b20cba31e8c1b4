"""Loki: logs in the cluster, in one server with its chunks in S3.

Settings and traps: grafana.com/docs/loki, 3.7. Deletion is the compactor's work and needs a store
for its requests; the object client is stated, since its default changes; `$` is doubled in
provisioned files, where Grafana expands variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.data import image
from config.logs import log_contract
from config.scalars import Disk, SinkName
from config.settings import Settings
from model.buckets import bucket, objects
from model.container import (
    ConfigFile,
    FileMount,
    Fixed,
    HttpProbe,
    Port,
    Probes,
    Resources,
)
from model.disks import disk
from model.reach import Edge, Namespace, Peer, scraped, to_aws, to_internet
from model.scrape import server_job
from model.servers.names import service
from model.sinks.sink import TAG, AgentNeeds, Exploration, TraceExport, buffer_size
from model.slices import LogGroupSpec
from model.spec import ServerSpec, WorkloadSpec
from model.yamltext import dumped

NAME = "loki"
PORT = 3100
_CONFIG = "/etc/loki"
_DATA = "/var/loki"
_USER = 10001
_HTTP = Port(name="http", number=PORT)
_ME = Peer(namespace=Namespace.MONITORING, app=NAME)


@dataclass(frozen=True)
class Loki:
    """The sink and its server."""

    name: SinkName = SinkName.LOKI

    def servers(self, settings: Settings) -> tuple[ServerSpec, ...]:
        chunks = bucket(NAME, settings)
        return (
            ServerSpec(
                workload=_workload(settings),
                scrape=(server_job(NAME, _HTTP),),
                edges=(
                    scraped(_ME, PORT),
                    *to_aws(_ME, settings.network.aws_range),
                    to_internet(_ME, "its bucket"),
                ),
                permissions=objects(chunks, settings),
                buckets=(chunks,),
            ),
        )

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        return ()

    def agent(self, settings: Settings, agent: Peer) -> AgentNeeds:
        return AgentNeeds(
            output=_output(settings), edges=(Edge(source=agent, target=_ME, port=PORT, why="logs"),)
        )

    def exploration(self, settings: Settings, grafana: Peer) -> Exploration | None:
        return Exploration(
            source=_source(),
            edges=(Edge(source=grafana, target=_ME, port=PORT, why="logs"),),
            from_trace={"jsonData": {"tracesToLogsV2": _TRACE_TO_LOGS}},
        )

    def traces(self, settings: Settings) -> TraceExport | None:
        return None


def _workload(settings: Settings) -> WorkloadSpec:
    main = ConfigFile(name="loki.yaml", text=dumped(_config(settings)))
    return WorkloadSpec(
        name=NAME,
        component="logs",
        kind="StatefulSet",
        namespace=Namespace.MONITORING,
        image=image(NAME, settings.images),
        user=_USER,
        ports=(_HTTP, Port(name="grpc", number=9095)),
        resources=Resources(cpu="250m", memory="512Mi", memory_limit="2Gi"),
        replicas=Fixed(1),
        probes=Probes(
            startup=HttpProbe(path="/ready", port=_HTTP.name, failures=30),
            readiness=HttpProbe(path="/ready", port=_HTTP.name),
            liveness=HttpProbe(path="/loki/api/v1/status/buildinfo", port=_HTTP.name, period=20),
        ),
        args=(f"-config.file={_CONFIG}/loki.yaml",),
        config=(FileMount(name="loki-config", path=_CONFIG, files=(main,)),),
        scratch=("/tmp",),  # noqa: S108 - a path inside the container
        claim=disk(Disk.LOKI, _DATA, 10, settings),
        # What is in memory is written out on the way down.
        grace_seconds=300,
        headless=True,
    )


def _config(settings: Settings) -> dict[str, Any]:
    kept = f"{settings.retention.logs_days * 24}h"
    return {
        "auth_enabled": False,
        "analytics": {"reporting_enabled": False},
        "server": {
            "http_listen_port": PORT,
            "grpc_listen_port": 9095,
            # Longer than the longest query.
            "http_server_read_timeout": "3m",
            "http_server_write_timeout": "3m",
        },
        "common": {
            "path_prefix": _DATA,
            "replication_factor": 1,
            "ring": {"kvstore": {"store": "inmemory"}},
        },
        "schema_config": {
            "configs": [
                {
                    "from": "2024-04-01",
                    "store": "tsdb",
                    "object_store": "s3",
                    "schema": "v13",
                    "index": {"prefix": "loki_index_", "period": "24h"},
                }
            ]
        },
        "storage_config": _storage(settings),
        "ingester": {"wal": {"flush_on_shutdown": True, "replay_memory_ceiling": "1500MB"}},
        "compactor": {
            "working_directory": f"{_DATA}/compactor",
            "retention_enabled": True,
            "delete_request_store": "s3",
            "compaction_interval": "10m",
            "retention_delete_delay": "2h",
        },
        "limits_config": _limits(kept),
    }


def _storage(settings: Settings) -> dict[str, Any]:
    return {
        "use_thanos_objstore": True,
        "object_store": {
            "s3": {
                "bucket_name": bucket(NAME, settings).name,
                "endpoint": f"s3.{settings.region}.amazonaws.com",
                "region": settings.region,
            }
        },
        "tsdb_shipper": {
            "active_index_directory": f"{_DATA}/tsdb-index",
            "cache_location": f"{_DATA}/tsdb-cache",
        },
    }


def _limits(kept: str) -> dict[str, Any]:
    return {
        "retention_period": kept,
        "reject_old_samples": True,
        "reject_old_samples_max_age": kept,
        "allow_structured_metadata": True,
        # A long line is cut, not refused.
        "max_line_size": "256KB",
        "max_line_size_truncate": True,
        "ingestion_rate_mb": 8,
        "ingestion_burst_size_mb": 16,
        "query_timeout": "2m",
    }


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
