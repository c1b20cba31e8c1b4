"""The servers of the monitoring stack, one file each: a server owns all of itself."""

from config.settings import Settings
from model.servers.alertmanager import alertmanager
from model.servers.prometheus import prometheus
from model.spec import ServerSpec


def servers(settings: Settings) -> tuple[ServerSpec, ...]:
    """Every server that a stack has.

    Prometheus comes last: it scrapes what the others declare.
    """
    others = (alertmanager(settings),)
    return (*others, prometheus(settings, others))
