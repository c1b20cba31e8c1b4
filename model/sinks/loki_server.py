"""Loki's server: one on a volume in dev; elsewhere on S3, with three replicas where the tier asks for it.

Settings and traps: grafana.com/docs/loki, 3.7. Deletion is the compactor's work and needs a store for its
requests; of several replicas the ring lets one compact. The object client is stated: its default changes.
"""

from typing import Any

from config.data import image, tier
from config.scalars import Disk, Environment
from config.settings import Settings
from model.buckets import bucket, objects
from model.container import ConfigFile, FileMount, Fixed, HttpProbe, Port, Probes, Resources
from model.disks import disk
from model.reach import Edge, Namespace, Peer, scraped, to_aws, to_internet
from model.scrape import server_job
from model.spec import ServerSpec, WorkloadSpec
from model.yamltext import dumped

NAME = "loki"
PORT = 3100
ME = Peer(namespace=Namespace.MONITORING, app=NAME)
_CONFIG = "/etc/loki"
_DATA = "/var/loki"
_USER = 10001
_HTTP = Port(name="http", number=PORT)
_GRPC = Port(name="grpc", number=9095)
_MOST_GRPC_BYTES = 100 * 1024**2
_GOSSIP = Port(name="gossip", number=7946)


def server(settings: Settings) -> ServerSpec:
    """The server, with its bucket where it has one."""
    stores = () if _on_volume(settings) else (bucket(NAME, settings),)
    to_store = (*to_aws(ME, settings.network.aws_range), to_internet(ME, "its bucket")) if stores else ()
    talk = (_GOSSIP, _GRPC) if _replicas(settings) > 1 else ()
    return ServerSpec(
        workload=_workload(settings),
        scrape=(server_job(NAME, _HTTP),),
        edges=(
            scraped(ME, PORT),
            *(Edge(source=ME, target=ME, port=port.number, why="its replicas") for port in talk),
            *to_store,
        ),
        permissions=tuple(found for store in stores for found in objects(store, settings)),
        buckets=stores,
    )


def _on_volume(settings: Settings) -> bool:
    return settings.environment is Environment.DEV


def _replicas(settings: Settings) -> int:
    return 1 if _on_volume(settings) else tier(settings.tier).loki.replicas


def _workload(settings: Settings) -> WorkloadSpec:
    main = ConfigFile(name="loki.yaml", text=dumped(_config(settings)))
    return WorkloadSpec(
        name=NAME,
        component="logs",
        kind="StatefulSet",
        namespace=Namespace.MONITORING,
        image=image(NAME, settings.images),
        user=_USER,
        ports=(_HTTP, _GRPC, *((_GOSSIP,) if _replicas(settings) > 1 else ())),
        in_go=True,
        resources=Resources(cpu="250m", memory="512Mi", memory_limit="2Gi"),
        replicas=Fixed(_replicas(settings)),
        probes=Probes(
            startup=HttpProbe(path="/ready", port=_HTTP.name, failures=30),
            readiness=HttpProbe(path="/ready", port=_HTTP.name),
            liveness=HttpProbe(path="/loki/api/v1/status/buildinfo", port=_HTTP.name, period=20),
        ),
        args=(f"-config.file={_CONFIG}/loki.yaml",),
        config=(FileMount(name="loki-config", path=_CONFIG, files=(main,)),),
        scratch=("/tmp",),  # noqa: S108 - a path inside the container
        # On S3 what is not there yet; else all of the retention.
        claim=disk(Disk.LOKI, _DATA, 10, settings),
        # What is in memory is written out on the way down.
        grace_seconds=300,
        headless=True,
    )


def _config(settings: Settings) -> dict[str, Any]:
    kept, many = f"{settings.retention.logs_days * 24}h", _replicas(settings) > 1
    gossip = {"bind_port": _GOSSIP.number, "join_members": [f"{NAME}-headless:{_GOSSIP.number}"]}
    store = "filesystem" if _on_volume(settings) else "s3"
    return {
        "auth_enabled": False,
        "analytics": {"reporting_enabled": False},
        "server": {
            "http_listen_port": PORT,
            "grpc_listen_port": _GRPC.number,
            # Its parts hand answers over by it, and what is pushed: at the default of 4 MB twenty of the
            # longest lines are an error.
            "grpc_server_max_recv_msg_size": _MOST_GRPC_BYTES,
            "grpc_server_max_send_msg_size": _MOST_GRPC_BYTES,
            # Longer than the longest query.
            "http_server_read_timeout": "3m",
            "http_server_write_timeout": "3m",
        },
        "common": {
            "path_prefix": _DATA,
            "replication_factor": _replicas(settings),
            "ring": {"kvstore": {"store": "memberlist" if many else "inmemory"}},
        },
        **({"memberlist": gossip} if many else {}),
        "schema_config": {
            "configs": [
                {
                    "from": "2024-04-01",
                    "store": "tsdb",
                    "object_store": store,
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
            "delete_request_store": store,
            "compaction_interval": "10m",
            "retention_delete_delay": "2h",
        },
        "limits_config": _limits(kept),
    }


def _storage(settings: Settings) -> dict[str, Any]:
    return {
        "use_thanos_objstore": True,
        "object_store": {"filesystem": {"dir": f"{_DATA}/chunks"}} if _on_volume(settings) else _s3(settings),
        "tsdb_shipper": {
            "active_index_directory": f"{_DATA}/tsdb-index",
            "cache_location": f"{_DATA}/tsdb-cache",
        },
    }


def _s3(settings: Settings) -> dict[str, Any]:
    # The bucket's own key encrypts what is written.
    return {
        "s3": {
            "bucket_name": bucket(NAME, settings).name,
            "endpoint": f"s3.{settings.region}.amazonaws.com",
            "region": settings.region,
        }
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
