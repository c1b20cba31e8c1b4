"""The log sinks: one object each. Nowhere else is a sink told from another by its name."""

from dataclasses import dataclass
from typing import Protocol

from config.scalars import SinkName
from config.settings import Settings
from model.slices import LogGroupSpec


class LogSink(Protocol):
    """What a sink brings along to a stack that has it."""

    @property
    def name(self) -> SinkName:
        """Which sink it is."""

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        """CloudWatch log groups that it writes to."""


@dataclass(frozen=True)
class _Elsewhere:
    """A sink that keeps its logs outside CloudWatch."""

    name: SinkName

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        return ()


@dataclass(frozen=True)
class _CloudWatch:
    """CloudWatch Logs, in groups that the program owns: only those expire."""

    name: SinkName = SinkName.CLOUDWATCH

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        name = f"/axiom/{settings.environment}/application"
        return (LogGroupSpec(name=name, retention_days=settings.retention.logs_days),)


_SINKS: tuple[LogSink, ...] = (
    _Elsewhere(SinkName.LOKI),
    _CloudWatch(),
    _Elsewhere(SinkName.DATADOG),
)


def sinks_of(settings: Settings) -> tuple[LogSink, ...]:
    """The sinks that a stack has switched on."""
    return tuple(sink for sink in _SINKS if sink.name in settings.log_sinks)
