"""The log sinks: one object each. Nowhere else is a sink told from another by its name."""

from config.settings import Settings
from model.sinks.cloudwatch import CloudWatch
from model.sinks.datadog import DataDog
from model.sinks.loki import Loki
from model.sinks.sink import LogSink

_SINKS: tuple[LogSink, ...] = (Loki(), CloudWatch(), DataDog())


def logs_page(settings: Settings, app: str) -> str | None:
    """Where people read the lines of an app: in the first sink that can show them (`LogSink.page`)."""
    pages = (sink.page(settings, app) for sink in sinks_of(settings))
    return next((page for page in pages if page), None)


def sinks_of(settings: Settings) -> tuple[LogSink, ...]:
    """The sinks that a stack has switched on."""
    return tuple(sink for sink in _SINKS if sink.name in settings.log_sinks)
