"""redis_exporter: figures of ElastiCache Redis.

ElastiCache refuses CONFIG, so the exporter is told not to ask.
"""

from config.data import image
from config.settings import Settings
from model.container import Fixed, HttpProbe, Port, Probes, Resources
from model.reach import Edge, Namespace, Peer
from model.scrape import METRICS_PORT, pod_job
from model.spec import ServerSpec, WorkloadSpec
from model.stores import REDIS_PORT, redis_host, redis_token

NAME = "redis-exporter"
_USER = 10001
_HTTP = Port(name=METRICS_PORT, number=9121)


def redis_exporter(settings: Settings) -> ServerSpec:
    """The exporter; its job has the name of what it reports."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    prometheus = Peer(namespace=Namespace.MONITORING, app="prometheus")
    return ServerSpec(
        workload=_workload(settings),
        scrape=(pod_job("redis", NAME, Namespace.MONITORING, METRICS_PORT),),
        edges=(
            Edge(source=prometheus, target=me, port=_HTTP.number),
            Edge(source=me, target=Peer(cidr=settings.network.cidr), port=REDIS_PORT),
        ),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    return WorkloadSpec(
        name=NAME,
        component="exporter",
        kind="Deployment",
        namespace=Namespace.MONITORING,
        image=image(NAME, settings.images),
        user=_USER,
        ports=(_HTTP,),
        resources=Resources(cpu="25m", memory="32Mi", memory_limit="128Mi"),
        replicas=Fixed(1),
        probes=Probes(
            readiness=HttpProbe(path="/health", port=_HTTP.name),
            liveness=HttpProbe(path="/health", port=_HTTP.name, period=20),
        ),
        args=("--config-command=-",),
        environment={"REDIS_ADDR": f"rediss://{redis_host(settings)}:{REDIS_PORT}"},
        # Its password file is JSON with the address in it; the variable is the plainer way.
        secret_environment={"REDIS_PASSWORD": redis_token(settings)},
    )
