"""redis_exporter: figures of each node of ElastiCache Redis.

It asks the node that a scrape names, so that every node is a target: behind the address of a
group or a cluster another one would answer each time, and counters would jump. ElastiCache
refuses CONFIG, so the exporter is told not to ask.
"""

from typing import Any

from config.settings import Settings
from model.container import Port, Resources
from model.reach import Edge, Namespace, Peer, scraped
from model.relabel import Step, copied, keep, written
from model.scrape import METRICS_PORT, pod_job
from model.servers.exporter import exporter
from model.spec import Permission, ScrapeJob, ServerSpec, WorkloadSpec
from model.stores import REDIS_PORT, redis_host, redis_identifier, redis_nodes, redis_token

NAME = "redis-exporter"
_JOB = "redis"
_FOUND = "__meta_elasticache_cache_cluster"
_USER = 10001
_HTTP = Port(name=METRICS_PORT, number=9121)


def redis_exporter(settings: Settings) -> ServerSpec:
    """The exporter, a job for the nodes that it asks, and one for itself."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    return ServerSpec(
        workload=_workload(settings),
        scrape=(_nodes(settings), pod_job(NAME, NAME, Namespace.MONITORING, METRICS_PORT)),
        edges=(
            scraped(me, _HTTP.number),
            Edge(source=me, target=Peer(cidr=settings.network.cidr), port=REDIS_PORT, why="Redis"),
        ),
    )


def _nodes(settings: Settings) -> ScrapeJob:
    """One node is known by its address; several come and go, so AWS is asked which there are."""
    if redis_nodes(settings) == 1:
        one = {"static_configs": [{"targets": [f"{redis_host(settings)}:{REDIS_PORT}"]}]}
        return ScrapeJob(name=_JOB, config=_job(one), targets=1)
    asked = {"role": "elasticache", "region": settings.region, "refresh_interval": "1m"}
    group = redis_identifier(settings)
    return ScrapeJob(
        name=_JOB,
        config=_job(
            {"aws_sd_configs": [asked]},
            # It finds every cache of the account, and nodes that have no address yet.
            keep(f"{_FOUND}_replication_group_id", group),
            keep(f"{_FOUND}_node_endpoint_address", ".+"),
        ),
        permissions=(_listing(settings),),
        targets=redis_nodes(settings),
    )


def _job(found: dict[str, Any], *steps: Step) -> dict[str, Any]:
    target = {
        "source_labels": ["__address__"],
        "target_label": "__param_target",
        "replacement": "rediss://$1",
    }
    exporter = f"{NAME}.{Namespace.MONITORING}.svc:{_HTTP.number}"
    relabelling = [*steps, target, copied("__address__", "instance"), written("__address__", exporter)]
    return {"job_name": _JOB, "metrics_path": "/scrape", **found, "relabel_configs": relabelling}


def _listing(settings: Settings) -> Permission:
    caches = f"arn:aws:elasticache:{settings.region}:*"
    return Permission(
        actions=(
            "elasticache:DescribeCacheClusters",
            "elasticache:DescribeServerlessCaches",
            "elasticache:ListTagsForResource",
        ),
        resources=(f"{caches}:cluster:*", f"{caches}:serverlesscache:*"),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    return exporter(
        NAME,
        settings,
        port=_HTTP,
        in_go=True,
        resources=Resources(cpu="25m", memory="32Mi", memory_limit="128Mi"),
        health="/health",
        user=_USER,
        args=("--config-command=-",),
        # None of its own: it asks whom a scrape names.
        environment={"REDIS_ADDR": ""},
        # Its password file goes by address, and those of a cluster's nodes are not known beforehand.
        secret_environment={"REDIS_PASSWORD": redis_token(settings)},
    )
