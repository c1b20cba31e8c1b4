"""redis_exporter: figures of ElastiCache Redis.

ElastiCache refuses CONFIG, so the exporter is told not to ask.
"""

from config.settings import Settings
from model.container import Port, Resources
from model.reach import PROMETHEUS, Edge, Namespace, Peer
from model.scrape import METRICS_PORT, pod_job
from model.servers.exporter import exporter
from model.spec import ServerSpec, WorkloadSpec
from model.stores import REDIS_PORT, redis_host, redis_token

NAME = "redis-exporter"
_USER = 10001
_HTTP = Port(name=METRICS_PORT, number=9121)


def redis_exporter(settings: Settings) -> ServerSpec:
    """The exporter; its job has the name of what it reports."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    return ServerSpec(
        workload=_workload(settings),
        scrape=(pod_job("redis", NAME, Namespace.MONITORING, METRICS_PORT),),
        edges=(
            Edge(source=PROMETHEUS, target=me, port=_HTTP.number),
            Edge(source=me, target=Peer(cidr=settings.network.cidr), port=REDIS_PORT),
        ),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    return exporter(
        NAME,
        settings,
        port=_HTTP,
        resources=Resources(cpu="25m", memory="32Mi", memory_limit="128Mi"),
        health="/health",
        user=_USER,
        args=("--config-command=-",),
        environment={"REDIS_ADDR": f"rediss://{redis_host(settings)}:{REDIS_PORT}"},
        # Its password file is JSON with the address in it; the variable is the plainer way.
        secret_environment={"REDIS_PASSWORD": redis_token(settings)},
    )
