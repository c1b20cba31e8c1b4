"""Alertmanager: groups, silences and delivers alerts.

Settings and traps: prometheus.io/docs/alerting. Variables are not expanded in its file, so
every secret is a `*_file`; replicas gossip over TCP and UDP, found by name before they are ready.
"""

from config.data import image
from config.scalars import Disk
from config.secrets import SecretKey
from config.settings import Settings
from model.container import (
    ConfigFile,
    FileMount,
    Fixed,
    HttpProbe,
    Port,
    Probes,
    Resources,
    SecretMount,
)
from model.disks import disk
from model.reach import PROMETHEUS, Edge, Namespace, Peer, scraped, to_internet
from model.routing import RECEIVERS, SECRETS_PATH, alertmanager_config
from model.scrape import server_job
from model.servers.names import ALERTMANAGER_PORT, GOSSIP_PORT, alertmanager_replicas, forwarded, peers
from model.sinks import logs_time
from model.spec import ServerSpec, WorkloadSpec
from model.yamltext import dumped

NAME = "alertmanager"
_CONFIG = "/etc/alertmanager/config"
_DATA = "/alertmanager"
_USER = 65534
_HTTP = Port(name="http", number=ALERTMANAGER_PORT)
_GOSSIP = (
    Port(name="gossip-tcp", number=GOSSIP_PORT),
    Port(name="gossip-udp", number=GOSSIP_PORT, protocol="UDP"),
)


def alertmanager(settings: Settings) -> ServerSpec:
    """The server with its routes and secrets."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    gossip = tuple(
        Edge(source=me, target=me, port=port.number, protocol=port.protocol, why="gossip") for port in _GOSSIP
    )
    # None of them has fixed addresses.
    out = to_internet(me, "Slack, PagerDuty, heartbeat")
    alerted = Edge(source=PROMETHEUS, target=me, port=ALERTMANAGER_PORT, why="alerts")
    return ServerSpec(
        workload=_workload(settings),
        scrape=(server_job(NAME, _HTTP),),
        edges=(scraped(me, ALERTMANAGER_PORT), alerted, *gossip, out),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    main = ConfigFile(
        name="alertmanager.yml", text=dumped(alertmanager_config(settings, logs_time(settings)))
    )
    return WorkloadSpec(
        name=NAME,
        component="alerting",
        kind="StatefulSet",
        namespace=Namespace.MONITORING,
        image=image(NAME, settings.images),
        user=_USER,
        ports=(_HTTP, *_GOSSIP),
        in_go=True,
        resources=Resources(cpu="50m", memory="64Mi", memory_limit="256Mi"),
        replicas=Fixed(alertmanager_replicas(settings)),
        probes=Probes(
            readiness=HttpProbe(path="/-/ready", port=_HTTP.name),
            liveness=HttpProbe(path="/-/healthy", port=_HTTP.name, period=20),
        ),
        args=_arguments(settings),
        pod_fields={"POD_IP": "status.podIP"},
        config=(FileMount(name="alertmanager-config", path=_CONFIG, files=(main,)),),
        secrets=(
            # Read at every notification.
            SecretMount(
                name="alertmanager-receivers", path=SECRETS_PATH, files=_secrets(settings), reloads=True
            ),
        ),
        claim=disk(Disk.ALERTMANAGER, _DATA, 1, settings),
        headless=True,
    )


def _arguments(settings: Settings) -> tuple[str, ...]:
    names = peers(NAME, alertmanager_replicas(settings), GOSSIP_PORT)
    return (
        f"--config.file={_CONFIG}/alertmanager.yml",
        f"--storage.path={_DATA}",
        f"--web.external-url={forwarded(ALERTMANAGER_PORT)}",
        f"--cluster.listen-address=0.0.0.0:{GOSSIP_PORT}",
        f"--cluster.advertise-address=$(POD_IP):{GOSSIP_PORT}",
        # Two stacks in one cluster never merge.
        f"--cluster.label={settings.cluster_name}",
        *(f"--cluster.peer={name}" for name in names),
    )


def _secrets(settings: Settings) -> dict[str, SecretKey]:
    """File name to secret, for every receiver that the stack has."""
    return {receiver.file: receiver.key for receiver in RECEIVERS if receiver.wanted(settings)}
