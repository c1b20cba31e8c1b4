"""Grafana: dashboards and exploration, in a database on the stack's PostgreSQL.

Settings and traps: grafana.com/docs, 13. Data sources are plugins in the image that Grafana would
renew at its start: without that, a read-only file system and no way out are no harm. Secrets are
read from files by `$__file{}`.
"""

from collections.abc import Mapping

from config.data import image
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
    TcpProbe,
)
from model.generated import Generated, SecretValue
from model.platform import load_balancers
from model.postgres_roles import PASSWORDS
from model.reach import PROMETHEUS, Edge, Namespace, Peer, from_balancers, scraped, to_internet
from model.scrape import server_job
from model.servers.names import (
    ALERTMANAGER_PORT,
    GRAFANA,
    GRAFANA_PORT,
    PROMETHEUS_PORT,
    grafana_replicas,
)
from model.sinks import sinks_of
from model.sinks.sink import Exploration
from model.spec import IngressSpec, Route, ServerSpec, WorkloadSpec
from model.stores import CA_FILE, POSTGRES_PORT, ca_mount, postgres_host

_CONFIG = "/etc/grafana"
_SECRETS = "/etc/grafana-secrets"
_DATA = "/var/lib/grafana"
_USER = 472
_DATABASE = "grafana"
# Connections of a pod at the most; docs/decisions/0008-connections.md.
POOL = 10
_HTTP = Port(name="http", number=GRAFANA_PORT)


def grafana(settings: Settings) -> ServerSpec:
    """The server; what it searches follows the sinks."""
    me = Peer(namespace=Namespace.MONITORING, app=GRAFANA)
    explored = explorations(settings)
    return ServerSpec(
        workload=_workload(settings),
        scrape=(server_job(GRAFANA, _HTTP),),
        edges=(*_edges(settings, me), *(edge for found in explored for edge in found.edges)),
        permissions=tuple(permission for found in explored for permission in found.permissions),
        ingress=_ingress(settings),
    )


def explorations(settings: Settings) -> tuple[Exploration, ...]:
    """How it searches the sinks that it can search."""
    me = Peer(namespace=Namespace.MONITORING, app=GRAFANA)
    return tuple(sink.exploration(settings, me) for sink in sinks_of(settings))


def _edges(settings: Settings, me: Peer) -> tuple[Edge, ...]:
    alertmanager = Peer(namespace=Namespace.MONITORING, app="alertmanager")
    network = Peer(cidr=settings.network.cidr)
    return (
        scraped(me, GRAFANA_PORT),
        Edge(source=me, target=PROMETHEUS, port=PROMETHEUS_PORT, why="metrics"),
        Edge(source=me, target=alertmanager, port=ALERTMANAGER_PORT, why="alerts and silences"),
        Edge(source=me, target=network, port=POSTGRES_PORT, why="PostgreSQL"),
        *from_balancers(_balancers(settings), me, GRAFANA_PORT),
        *((to_internet(me, "single sign-on"),) if settings.grafana.oidc.client_id else ()),
    )


def _balancers(settings: Settings) -> tuple[Peer, ...]:
    return load_balancers(settings, internal=settings.grafana.internal) if settings.grafana.host else ()


def _workload(settings: Settings) -> WorkloadSpec:
    main = ConfigFile(name="grafana.ini", text=_ini(_sections(settings)))
    return WorkloadSpec(
        name=GRAFANA,
        component="dashboards",
        kind="Deployment",
        namespace=Namespace.MONITORING,
        image=image(GRAFANA, settings.images),
        user=_USER,
        ports=(_HTTP,),
        # Every data source is a process of its own.
        in_go=True,
        resources=Resources(cpu="250m", memory="512Mi", memory_limit="1Gi"),
        replicas=Fixed(grafana_replicas(settings)),
        probes=Probes(
            startup=HttpProbe(path="/api/health", port=_HTTP.name, failures=30),
            readiness=HttpProbe(path="/api/health", port=_HTTP.name),
            # Not its readiness: that fails with the database, and a restart would mend nothing.
            liveness=TcpProbe(port=_HTTP.name, period=30),
        ),
        environment={"GF_PATHS_CONFIG": f"{_CONFIG}/grafana.ini"},
        config=(
            FileMount(name="grafana-config", path=_CONFIG, files=(main,)),
            ca_mount(GRAFANA, settings),
        ),
        secrets=(SecretMount(name="grafana-secrets", path=_SECRETS, files=_secrets(settings)),),
        # The database holds what must last.
        scratch=(_DATA, "/tmp"),  # noqa: S108 - paths inside the container
        drain_seconds=5,
    )


def _secrets(settings: Settings) -> dict[str, SecretValue]:
    found: dict[str, SecretValue] = {
        "admin-password": Generated.GRAFANA_ADMIN,
        "secret-key": Generated.GRAFANA_SIGNING,
        "database-password": PASSWORDS[_DATABASE],
    }
    if settings.grafana.oidc.client_id:
        found["oidc-client-secret"] = SecretKey.GRAFANA_OIDC_CLIENT_SECRET
    return found


def _sections(settings: Settings) -> dict[str, dict[str, str]]:
    host = settings.grafana.host
    return {
        "server": {"root_url": f"https://{host}" if host else f"http://localhost:{GRAFANA_PORT}"},
        "paths": {"data": _DATA, "plugins": f"{_DATA}/plugins"},
        "database": {
            "type": "postgres",
            "host": f"{postgres_host(settings)}:{POSTGRES_PORT}",
            "name": _DATABASE,
            "user": _DATABASE,
            "password": _file("database-password"),
            "ssl_mode": "verify-full",
            "ca_cert_path": CA_FILE,
            # Without it a pod opens as many as it likes.
            "max_open_conn": str(POOL),
            "max_idle_conn": "2",
        },
        "security": {
            "admin_user": "admin",
            "admin_password": _file("admin-password"),
            "secret_key": _file("secret-key"),
            "cookie_secure": str(bool(host)).lower(),
            # Strict would lose the session on the way back from single sign-on.
            "cookie_samesite": "lax",
            "content_security_policy": "true",
            "strict_transport_security": str(bool(host)).lower(),
            "disable_gravatar": "true",
            "allow_embedding": "false",
        },
        "users": {"allow_sign_up": "false", "auto_assign_org_role": "Viewer"},
        "auth.anonymous": {"enabled": "false"},
        **_single_sign_on(settings),
        # Prometheus and Alertmanager own the alerts.
        "unified_alerting": {"enabled": "false"},
        "plugins": {"preinstall_auto_update": "false"},
        "unified_storage": {"index_path": f"{_DATA}/search"},
        "snapshots": {"external_enabled": "false"},
        "analytics": {
            "reporting_enabled": "false",
            "check_for_updates": "false",
            "check_for_plugin_updates": "false",
        },
        "metrics": {"enabled": "true"},
        "log": {"mode": "console"},
        "log.console": {"format": "json"},
    }


def _single_sign_on(settings: Settings) -> dict[str, dict[str, str]]:
    oidc = settings.grafana.oidc
    if not (oidc.client_id and oidc.auth_url and oidc.token_url and oidc.api_url):
        return {}
    return {
        "auth.generic_oauth": {
            "enabled": "true",
            "name": "Single sign-on",
            "client_id": oidc.client_id,
            "client_secret": _file("oidc-client-secret"),
            "auth_url": oidc.auth_url,
            "token_url": oidc.token_url,
            "api_url": oidc.api_url,
            "scopes": "openid email profile",
            "use_pkce": "true",
            # In quotes: an expression may hold what begins a comment.
            "role_attribute_path": f'"""{oidc.role_path}"""',
            "allow_sign_up": "true",
        }
    }


def _file(name: str) -> str:
    return f"$__file{{{_SECRETS}/{name}}}"


def _ini(sections: Mapping[str, Mapping[str, str]]) -> str:
    parts = (
        "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in keys.items())])
        for name, keys in sections.items()
    )
    return "\n\n".join(parts) + "\n"


def _ingress(settings: Settings) -> IngressSpec | None:
    if settings.grafana.host is None:
        return None
    return IngressSpec(
        name=GRAFANA,
        namespace=Namespace.MONITORING,
        host=settings.grafana.host,
        routes=(Route(path="/", workload=GRAFANA, port=_HTTP.name),),
        health_path="/api/health",
        internal=settings.grafana.internal,
        certificate_arn=settings.grafana.certificate_arn,
    )
