"""postgres_exporter: figures of PostgreSQL, read by a role that reads statistics only."""

from config.data import image, stores
from config.settings import Settings
from model.container import Fixed, HttpProbe, Port, Probes, Resources, SecretMount
from model.postgres_roles import EXPORTER, PASSWORDS
from model.reach import Edge, Namespace, Peer
from model.scrape import METRICS_PORT, pod_job
from model.spec import ServerSpec, WorkloadSpec
from model.stores import CA_FILE, POSTGRES_PORT, ca_mount, postgres_host

NAME = "postgres-exporter"
_USER = 65534
_HTTP = Port(name=METRICS_PORT, number=9187)
_SECRETS = "/etc/postgres-exporter"


def postgres_exporter(settings: Settings) -> ServerSpec:
    """The exporter; its job has the name of what it reports."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    prometheus = Peer(namespace=Namespace.MONITORING, app="prometheus")
    return ServerSpec(
        workload=_workload(settings),
        scrape=(pod_job("postgresql", NAME, Namespace.MONITORING, METRICS_PORT),),
        edges=(
            Edge(source=prometheus, target=me, port=_HTTP.number),
            Edge(source=me, target=Peer(cidr=settings.network.cidr), port=POSTGRES_PORT),
        ),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    database = stores().postgres.database
    address = f"{postgres_host(settings)}:{POSTGRES_PORT}/{database}"
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
            readiness=HttpProbe(path="/", port=_HTTP.name),
            liveness=HttpProbe(path="/", port=_HTTP.name, period=20),
        ),
        args=("--collector.stat_statements", "--collector.long_running_transactions"),
        environment={
            "DATA_SOURCE_URI": f"{address}?sslmode=verify-full&sslrootcert={CA_FILE}",
            "DATA_SOURCE_USER": EXPORTER,
            "DATA_SOURCE_PASS_FILE": f"{_SECRETS}/password",
        },
        config=(ca_mount(NAME, settings),),
        secrets=(
            SecretMount(
                name="postgres-exporter-role", path=_SECRETS, files={"password": PASSWORDS[EXPORTER]}
            ),
        ),
    )
