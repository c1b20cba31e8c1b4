"""How many there are of the servers that others must find, and where."""

from config.scalars import Environment
from config.settings import Settings
from model.reach import Namespace

PROMETHEUS_PORT = 9090
ALERTMANAGER_PORT = 9093
GOSSIP_PORT = 9094
# What takes traces from the services; they know it as `tempo`.
COLLECTOR = "otel-collector"
OTLP_GRPC_PORT = 4317
OTLP_HTTP_PORT = 4318
TEMPO = "tempo"
TEMPO_PORT = 3200
GRAFANA = "grafana"
GRAFANA_PORT = 3000

_PROMETHEUS = {Environment.DEV: 1, Environment.STAGING: 2, Environment.PROD: 2}
_GRAFANAS = {Environment.DEV: 1, Environment.STAGING: 1, Environment.PROD: 2}
# Gossip needs no majority: two survive the loss of one, three the loss of a zone during a rollout.
_ALERTMANAGERS = {Environment.DEV: 1, Environment.STAGING: 2, Environment.PROD: 3}


def prometheus_replicas(settings: Settings) -> int:
    """Replicas of Prometheus; each scrapes everything."""
    return _PROMETHEUS[settings.environment]


def alertmanager_replicas(settings: Settings) -> int:
    """Replicas of Alertmanager; they agree among themselves who notifies."""
    return _ALERTMANAGERS[settings.environment]


def collector_replicas(settings: Settings) -> int:
    """Replicas of the collector: one, since all spans of a trace must meet where it is kept or not."""
    return 1


def grafana_replicas(settings: Settings) -> int:
    """Replicas of Grafana; they share a database."""
    return _GRAFANAS[settings.environment]


def service(name: str, port: int) -> str:
    """Address of a server of the monitoring stack behind its Service."""
    return f"http://{name}.{Namespace.MONITORING}.svc:{port}"


def forwarded(port: int) -> str:
    """Address of a server as the runbooks reach it: no Ingress leads to those that nobody logs in to."""
    return f"http://localhost:{port}"


def peers(name: str, count: int, port: int) -> tuple[str, ...]:
    """Stable addresses of the pods of a set, behind its headless Service."""
    return tuple(
        f"{name}-{ordinal}.{name}-headless.{Namespace.MONITORING}.svc:{port}" for ordinal in range(count)
    )
