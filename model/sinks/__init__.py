"""The log sinks: one object each. Nowhere else is a sink told from another by its name."""

from config.settings import Settings
from model.sinks.cloudwatch import CloudWatch
from model.sinks.datadog import DataDog
from model.sinks.loki import Loki
from model.sinks.sink import LogSink

_SINKS: tuple[LogSink, ...] = (Loki(), CloudWatch(), DataDog())


def logs_page(settings: Settings, app: str) -> str | None:
    """Where people read the lines of an app: in the first sink that can show them (`LogSink.page`)."""
    sink = _shown_in(settings)
    return sink.page(settings, app) if sink else None


def logs_time(settings: Settings) -> str:
    """What tells that page the time of an alert, as a template of Alertmanager (`LogSink.page_time`)."""
    sink = _shown_in(settings)
    return sink.page_time if sink else ""


def _shown_in(settings: Settings) -> LogSink | None:
    return next((sink for sink in sinks_of(settings) if sink.page(settings, "")), None)


def sinks_of(settings: Settings) -> tuple[LogSink, ...]:
    """The sinks that a stack has switched on."""
    return tuple(sink for sink in _SINKS if sink.name in settings.log_sinks)
