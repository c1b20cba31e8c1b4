"""Neo4j: one Community server, or an Enterprise cluster from the tier that needs more.

Settings and traps: neo4j.com/docs/operations-manual/5, its Docker and clustering parts. The image
takes every variable that begins with NEO4J_ for a setting (`.` is `_`, `_` is `__`) and refuses
what it does not know. Only Enterprise has clusters, an online backup and metrics.
"""

from config.data import image, stores, tier
from config.scalars import Disk, Environment, Neo4jEdition
from config.settings import Settings
from config.tables import Neo4jSize
from model.container import Fixed, Port, Probes, Resources, SecretMount, TcpProbe
from model.disks import disk
from model.generated import Generated, Prefixed
from model.reach import Edge, Namespace, Peer, scraped
from model.scrape import METRICS_PORT, pod_job
from model.slices import VolumeBackupSpec
from model.spec import ServerSpec, WorkloadSpec

NAME = "neo4j"
USERNAME = "neo4j"
BOLT_PORT = 7687
HTTP_PORT = 7474
_USER = 7474
_DATA = "/data"
_AUTH = "/etc/neo4j-auth"
_SERVING = (Port(name="http", number=HTTP_PORT), Port(name="bolt", number=BOLT_PORT))
_METRICS = Port(name=METRICS_PORT, number=2004)
_TRANSACTIONS = Port(name="transactions", number=6000)
_AMONG_SERVERS = (_TRANSACTIONS, Port(name="raft", number=7000), Port(name="routing", number=7688))
_BACKUP_DAYS = 35
# 03:00 in Seoul.
_BACKUP_SCHEDULE = "cron(0 18 * * ? *)"


def neo4j(settings: Settings) -> ServerSpec:
    """The server or the cluster; its clients declare their own ways to it."""
    me = Peer(namespace=Namespace.AXIOM, app=NAME)
    if settings.neo4j_edition is Neo4jEdition.COMMUNITY:
        return ServerSpec(workload=_workload(settings, servers=1, ports=_SERVING, extra={}))
    servers = settings.neo4j.servers or tier(settings.tier).neo4j.servers
    return ServerSpec(
        workload=_workload(
            settings,
            servers=servers,
            ports=(*_SERVING, _METRICS, *_AMONG_SERVERS),
            extra=_enterprise(servers),
        ),
        scrape=(pod_job(NAME, NAME, Namespace.AXIOM, METRICS_PORT),),
        edges=(
            scraped(me, _METRICS.number),
            *(
                Edge(source=me, target=me, port=port.number, why="cluster")
                for port in (*_AMONG_SERVERS, _SERVING[1])
            ),
        ),
    )


def volume_backup(settings: Settings, server: ServerSpec) -> VolumeBackupSpec | None:
    """Snapshots of the servers' disks: Community has no online backup."""
    replicas = server.workload.replicas
    if not settings.protect_stores or not isinstance(replicas, Fixed):
        return None
    return VolumeBackupSpec(
        namespace=Namespace.AXIOM,
        claims=tuple(f"data-{NAME}-{ordinal}" for ordinal in range(replicas.count)),
        cluster_name=settings.cluster_name,
        schedule=_BACKUP_SCHEDULE,
        keep_days=_BACKUP_DAYS,
    )


def _size(settings: Settings) -> Neo4jSize:
    data = stores().neo4j
    return data.dev_size if settings.environment is Environment.DEV else data.size


def _workload(
    settings: Settings, *, servers: int, ports: tuple[Port, ...], extra: dict[str, str]
) -> WorkloadSpec:
    size = _size(settings)
    name = NAME if settings.neo4j_edition is Neo4jEdition.COMMUNITY else f"{NAME}-enterprise"
    return WorkloadSpec(
        name=NAME,
        component="graph",
        kind="StatefulSet",
        namespace=Namespace.AXIOM,
        image=image(name, settings.images),
        user=_USER,
        ports=ports,
        # It writes its logs beside its volume.
        resources=Resources(cpu=size.cpu, memory=size.memory, memory_limit=size.memory, scratch_limit="2Gi"),
        replicas=Fixed(servers),
        probes=Probes(
            # A big store that was not shut down well takes its time to recover.
            startup=TcpProbe(port="bolt", period=5, failures=360),
            readiness=TcpProbe(port="bolt"),
            liveness=TcpProbe(port="bolt", period=20, failures=6),
        ),
        environment=_environment(size) | extra,
        secrets=(
            SecretMount(
                name=f"{NAME}-auth", path=_AUTH, files={"auth": Prefixed(f"{USERNAME}/", Generated.NEO4J)}
            ),
        ),
        scratch=("/logs", "/tmp"),  # noqa: S108 - a path inside the container
        claim=disk(Disk.NEO4J, _DATA, stores().neo4j.storage_gibibytes, settings),
        # A checkpoint on the way down saves the recovery on the way up.
        grace_seconds=600,
        headless=True,
        # The image writes its configuration and its run folder below its home when it starts.
        writable_root=True,
    )


def _environment(size: Neo4jSize) -> dict[str, str]:
    return {
        "NEO4J_AUTH_FILE": f"{_AUTH}/auth",
        "NEO4J_server_memory_heap_initial__size": size.heap,
        "NEO4J_server_memory_heap_max__size": size.heap,
        "NEO4J_server_memory_pagecache_size": size.page_cache,
        "NEO4J_server_default__listen__address": "0.0.0.0",  # noqa: S104 - inside the pod
        "NEO4J_dbms_usage__report_enabled": "false",
    }


def _enterprise(servers: int) -> dict[str, str]:
    peers = [
        f"{NAME}-{ordinal}.{NAME}-headless.{Namespace.AXIOM}.svc.cluster.local" for ordinal in range(servers)
    ]
    return {
        "NEO4J_ACCEPT_LICENSE_AGREEMENT": "yes",
        "NEO4J_server_metrics_prometheus_enabled": "true",
        # The default listens on the loopback only.
        "NEO4J_server_metrics_prometheus_endpoint": f"0.0.0.0:{_METRICS.number}",
        "NEO4J_server_metrics_filter": "*",
        "NEO4J_initial_dbms_default__primaries__count": str(servers),
        "NEO4J_dbms_cluster_minimum__initial__system__primaries__count": str(servers),
        "NEO4J_dbms_cluster_discovery_version": "V2_ONLY",
        "NEO4J_dbms_cluster_discovery_resolver__type": "LIST",
        "NEO4J_dbms_cluster_discovery_v2_endpoints": ",".join(
            f"{peer}:{_TRANSACTIONS.number}" for peer in peers
        ),
        # Commands in settings are run: each server tells its peers its own full name.
        "EXTENDED_CONF": "yes",
        "NEO4J_server_default__advertised__address": "$(hostname -f)",
    }
