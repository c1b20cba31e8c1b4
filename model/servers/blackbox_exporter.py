"""blackbox_exporter: looks from outside at what exports no figures of its own.

Neo4j below Enterprise has no metrics: whether it answers is asked here. So are the public
addresses, by name and with TLS, as users reach them.
"""

from collections.abc import Mapping
from typing import Any

from config.scalars import Neo4jEdition
from config.settings import Settings
from model import neo4j
from model.container import ConfigFile, FileMount, Port, Resources
from model.reach import Edge, Namespace, Peer, scraped, to_internet
from model.scrape import probe_job, server_job
from model.servers.exporter import exporter
from model.spec import ScrapeJob, ServerSpec, WorkloadSpec
from model.yamltext import dumped

NAME = "blackbox-exporter"
_CONFIG = "/etc/blackbox"
_HTTP = Port(name="http", number=9115)


def blackbox_exporter(settings: Settings) -> ServerSpec:
    """The exporter and what it looks at."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    graph = Peer(namespace=Namespace.AXIOM, app=neo4j.NAME)
    asked = Edge(source=me, target=graph, port=neo4j.HTTP_PORT, why="whether it answers")
    community = settings.neo4j_edition is Neo4jEdition.COMMUNITY
    return ServerSpec(
        workload=_workload(settings),
        scrape=(server_job(NAME, _HTTP), *_probes(settings, community=community)),
        edges=(
            scraped(me, _HTTP.number),
            *((asked,) if community else ()),
            *((to_internet(me, "whether public addresses answer"),) if _public(settings) else ()),
        ),
    )


def _probes(settings: Settings, *, community: bool) -> tuple[ScrapeJob, ...]:
    exporter = f"{NAME}.{Namespace.MONITORING}.svc:{_HTTP.number}"
    graph = (f"http://{neo4j.NAME}.{Namespace.AXIOM}.svc:{neo4j.HTTP_PORT}",) if community else ()
    wanted = {("neo4j-probe", "http"): graph, ("public-probe", "https"): _public(settings)}
    return tuple(
        probe_job(name, module, targets, exporter) for (name, module), targets in wanted.items() if targets
    )


def _public(settings: Settings) -> tuple[str, ...]:
    """Addresses of the hosts that the internet reaches."""
    hosts = {
        settings.ingress.host: ("/health", settings.ingress.internal),
        settings.grafana.host: ("/api/health", settings.grafana.internal),
    }
    return tuple(f"https://{host}{path}" for host, (path, internal) in hosts.items() if host and not internal)


def _workload(settings: Settings) -> WorkloadSpec:
    main = ConfigFile(name="blackbox.yml", text=dumped({"modules": _modules()}))
    return exporter(
        NAME,
        settings,
        port=_HTTP,
        in_go=True,
        resources=Resources(cpu="10m", memory="32Mi", memory_limit="64Mi"),
        health="/-/healthy",
        args=(f"--config.file={_CONFIG}/blackbox.yml",),
        config=(FileMount(name="blackbox-exporter-config", path=_CONFIG, files=(main,)),),
    )


def _modules() -> Mapping[str, Any]:
    plain = {"preferred_ip_protocol": "ip4", "valid_status_codes": [200]}
    return {
        "http": {"prober": "http", "timeout": "5s", "http": plain},
        "https": {"prober": "http", "timeout": "5s", "http": {**plain, "fail_if_not_ssl": True}},
    }
