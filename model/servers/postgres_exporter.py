"""postgres_exporter: figures of PostgreSQL, read by a role that reads statistics only."""

from config.data import stores
from config.settings import Settings
from model.container import Port, Resources, SecretMount
from model.postgres_roles import EXPORTER, PASSWORDS
from model.reach import Edge, Namespace, Peer, scraped
from model.scrape import METRICS_PORT, pod_job
from model.servers.exporter import exporter
from model.spec import ServerSpec, WorkloadSpec
from model.stores import CA_FILE, POSTGRES_PORT, ca_mount, postgres_host

NAME = "postgres-exporter"
_HTTP = Port(name=METRICS_PORT, number=9187)
_SECRETS = "/etc/postgres-exporter"


def postgres_exporter(settings: Settings) -> ServerSpec:
    """The exporter; its job has the name of what it reports."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    return ServerSpec(
        workload=_workload(settings),
        scrape=(pod_job("postgresql", NAME, Namespace.MONITORING, METRICS_PORT),),
        edges=(
            scraped(me, _HTTP.number),
            Edge(source=me, target=Peer(cidr=settings.network.cidr), port=POSTGRES_PORT, why="PostgreSQL"),
        ),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    database = stores().postgres.database
    address = f"{postgres_host(settings)}:{POSTGRES_PORT}/{database}"
    return exporter(
        NAME,
        settings,
        port=_HTTP,
        in_go=True,
        resources=Resources(cpu="25m", memory="32Mi", memory_limit="128Mi"),
        health="/",
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
