"""The log sinks: one object each. Nowhere else is a sink told from another by its name."""

from config.settings import Settings
from model.sinks.cloudwatch import CloudWatch
from model.sinks.datadog import DataDog
from model.sinks.loki import Loki
from model.sinks.sink import LogSink

_SINKS: tuple[LogSink, ...] = (Loki(), CloudWatch(), DataDog())


def sinks_of(settings: Settings) -> tuple[LogSink, ...]:
    """The sinks that a stack has switched on."""
    return tuple(sink for sink in _SINKS if sink.name in settings.log_sinks)
