"""Tempo: traces in S3, and figures made of them for Prometheus.

Settings and traps: grafana.com/docs/tempo, 3.0. One server: several need Kafka, and 3.0 speaks to
none that is secured. Retention stands in two places. Receivers listen on the loopback unless told.
"""

from typing import Any

from config.data import image
from config.scalars import Disk
from config.settings import Settings
from model.buckets import bucket, objects
from model.container import ConfigFile, FileMount, Fixed, HttpProbe, Port, Probes, Resources, TcpProbe
from model.disks import disk
from model.reach import PROMETHEUS, Edge, Namespace, Peer, scraped, to_aws, to_internet
from model.scrape import server_job
from model.servers.names import (
    COLLECTOR,
    GRAFANA,
    OTLP_GRPC_PORT,
    PROMETHEUS_PORT,
    TEMPO,
    TEMPO_PORT,
    peers,
    prometheus_replicas,
)
from model.spec import ServerSpec, WorkloadSpec
from model.yamltext import dumped

_CONFIG = "/etc/tempo"
_DATA = "/var/tempo"
_USER = 10001
_HTTP = Port(name="http", number=TEMPO_PORT)
_OTLP = Port(name="otlp-grpc", number=OTLP_GRPC_PORT)


def tempo(settings: Settings) -> ServerSpec:
    """The server; only the collector writes to it."""
    blocks = bucket(TEMPO, settings)
    me, collector, grafana = (
        Peer(namespace=Namespace.MONITORING, app=app) for app in (TEMPO, COLLECTOR, GRAFANA)
    )
    return ServerSpec(
        workload=_workload(settings),
        scrape=(server_job(TEMPO, _HTTP),),
        edges=(
            scraped(me, TEMPO_PORT),
            Edge(source=grafana, target=me, port=TEMPO_PORT, why="traces"),
            Edge(source=collector, target=me, port=OTLP_GRPC_PORT, why="traces"),
            Edge(source=me, target=PROMETHEUS, port=PROMETHEUS_PORT, why="metrics made of spans"),
            *to_aws(me, settings.network.aws_range),
            to_internet(me, "its bucket"),
        ),
        permissions=objects(blocks, settings),
        buckets=(blocks,),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    main = ConfigFile(name="tempo.yaml", text=dumped(_config(settings)))
    return WorkloadSpec(
        name=TEMPO,
        component="traces",
        kind="StatefulSet",
        namespace=Namespace.MONITORING,
        image=image(TEMPO, settings.images),
        user=_USER,
        ports=(_HTTP, _OTLP),
        in_go=True,
        resources=Resources(cpu="500m", memory="1Gi", memory_limit="4Gi"),
        replicas=Fixed(1),
        probes=Probes(
            startup=HttpProbe(path="/ready", port=_HTTP.name, failures=60),
            readiness=HttpProbe(path="/ready", port=_HTTP.name),
            # Not its readiness: that fails with the bucket, and a restart would mend nothing.
            liveness=TcpProbe(port=_HTTP.name, period=30),
        ),
        args=(f"-config.file={_CONFIG}/tempo.yaml",),
        config=(FileMount(name="tempo-config", path=_CONFIG, files=(main,)),),
        claim=disk(Disk.TEMPO, _DATA, 20, settings),
        # Blocks in memory are written out on the way down.
        grace_seconds=300,
        headless=True,
    )


def _config(settings: Settings) -> dict[str, Any]:
    kept = f"{settings.retention.logs_days * 24}h"
    receive = {"protocols": {"grpc": {"endpoint": f"0.0.0.0:{OTLP_GRPC_PORT}"}}}
    return {
        "target": "all",
        "stream_over_http_enabled": True,
        "server": {"http_listen_port": TEMPO_PORT, "grpc_listen_port": 9095},
        "usage_report": {"reporting_enabled": False},
        "distributor": {"receivers": {"otlp": receive}},
        "backend_scheduler": {
            "local_work_path": _DATA,
            "provider": {"compaction": {"compaction": {"block_retention": kept}}},
        },
        "backend_worker": {"compaction": {"block_retention": kept}},
        "storage": {"trace": _storage(settings)},
        "metrics_generator": _generator(settings),
        "overrides": {
            "defaults": {
                "metrics_generator": {
                    "processors": ["service-graphs", "span-metrics"],
                    # The name that applications give it in their own exemplars.
                    "trace_id_label_name": "trace_id",
                }
            }
        },
    }


def _storage(settings: Settings) -> dict[str, Any]:
    return {
        "backend": "s3",
        "s3": {
            "bucket": bucket(TEMPO, settings).name,
            "endpoint": f"s3.{settings.region}.amazonaws.com",
            "region": settings.region,
        },
        "wal": {"path": f"{_DATA}/wal"},
    }


def _generator(settings: Settings) -> dict[str, Any]:
    # Every replica: one behind a Service would have half of the samples.
    writers = peers("prometheus", prometheus_replicas(settings), PROMETHEUS_PORT)
    return {
        "registry": {"external_labels": {"source": TEMPO, "cluster": settings.cluster_name}},
        "storage": {
            "path": f"{_DATA}/generator/wal",
            "remote_write": [
                {"url": f"http://{address}/api/v1/write", "send_exemplars": True} for address in writers
            ],
        },
    }
