"""The servers of the monitoring stack, one file each: a server owns all of itself."""

from collections.abc import Callable

from config.settings import Settings
from model.servers.alertmanager import alertmanager
from model.servers.blackbox_exporter import blackbox_exporter
from model.servers.cloudwatch_exporter import cloudwatch_exporter
from model.servers.collector import collector
from model.servers.fluent_bit import fluent_bit
from model.servers.grafana import grafana
from model.servers.kube_state_metrics import kube_state_metrics
from model.servers.node_exporter import node_exporter
from model.servers.postgres_exporter import postgres_exporter
from model.servers.redis_exporter import redis_exporter
from model.servers.tempo import tempo
from model.sinks import sinks_of
from model.spec import ServerSpec

_SERVERS: tuple[Callable[[Settings], ServerSpec], ...] = (
    alertmanager,
    grafana,
    tempo,
    collector,
    fluent_bit,
    node_exporter,
    kube_state_metrics,
    redis_exporter,
    postgres_exporter,
    blackbox_exporter,
    cloudwatch_exporter,
)


def servers(settings: Settings) -> tuple[ServerSpec, ...]:
    """Every server that a stack has but Prometheus, which scrapes what they declare."""
    of_sinks = (server for sink in sinks_of(settings) for server in sink.servers(settings))
    return (*(make(settings) for make in _SERVERS), *of_sinks)
