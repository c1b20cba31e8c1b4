"""What a log sink brings along: the one protocol by which the rest of the plan knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from config.scalars import SinkName
from config.settings import Settings
from model.generated import SecretValue
from model.reach import Edge, Peer
from model.slices import LogGroupSpec
from model.spec import Permission, ServerSpec

# Of one exporter of the collector, while its receiver is away.
QUEUE_BYTES = 64 * 1024**2
PATIENCE_SECONDS = 300
# The Fluent Bit tag of every container's lines.
TAG = "kube.*"
# The Lua of the agent, in its pod.
SCRIPT = "/fluent-bit/config/records.lua"


def buffer_size(settings: Settings) -> str:
    """How much of a node's disk holds what one sink has not taken, as Fluent Bit writes it."""
    return f"{settings.logs.buffer_gibibytes}G"


def sending() -> Mapping[str, Any]:
    """How the collector's exporters wait for a receiver that is down: in memory, and bounded."""
    return {
        "timeout": "10s",
        # Bytes: batches differ, and the pod's memory does not.
        "sending_queue": {"enabled": True, "sizer": "bytes", "queue_size": QUEUE_BYTES, "num_consumers": 4},
        "retry_on_failure": {
            "enabled": True,
            "max_interval": "30s",
            "max_elapsed_time": f"{PATIENCE_SECONDS}s",
        },
    }


@dataclass(frozen=True, kw_only=True)
class AgentNeeds:
    """What Fluent Bit needs to write to a sink."""

    output: Mapping[str, Any]
    """The entry under `pipeline.outputs`."""
    edges: tuple[Edge, ...] = ()
    permissions: tuple[Permission, ...] = ()
    secret_environment: Mapping[str, SecretValue] = field(default_factory=dict)
    script: str = ""
    """Lua that the output's processors call, in the file `SCRIPT`; the contract is there as `CONTRACT`."""


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """How people get to a sink from Grafana."""

    source: Mapping[str, Any] | None
    """The entry under `datasources`, where Grafana searches it."""
    edges: tuple[Edge, ...] = ()
    permissions: tuple[Permission, ...] = ()
    from_trace: Mapping[str, Any] = field(default_factory=dict)
    """What the data source of traces gains: its way to the logs of a trace.

    Grafana ends at its start where a correlation has no description (13.2, its provisioning).
    """


@dataclass(frozen=True, kw_only=True)
class TraceExport:
    """What the collector gains where a sink takes traces too."""

    components: Mapping[str, Mapping[str, Any]]
    """Exporters and connectors to add, by section and name."""
    exporters: tuple[str, ...]
    """Names for the pipeline of the traces that are kept."""
    figures: tuple[str, ...] = ()
    """Connectors that make figures of all traces."""
    pipelines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secret_environment: Mapping[str, SecretValue] = field(default_factory=dict)


class LogSink(Protocol):
    """One sink."""

    @property
    def name(self) -> SinkName:
        """Which sink it is."""

    def servers(self, settings: Settings) -> tuple[ServerSpec, ...]:
        """Servers that run only for it."""

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        """CloudWatch log groups that it writes to."""

    def agent(self, settings: Settings, agent: Peer) -> AgentNeeds:
        """How Fluent Bit writes to it."""

    def exploration(self, settings: Settings, grafana: Peer) -> Exploration:
        """How Grafana searches it."""

    def traces(self, settings: Settings) -> TraceExport | None:
        """What it wants of the traces."""

    def page(self, settings: Settings, app: str) -> str | None:
        """Address that shows the lines of all apps whose name begins so, if people can open one.

        Of the last hour, where an address can say so by itself.
        `app` may be a template: what a link in an alert says of it is known only when it fires. It stands
        in the address as it is.
        """

    @property
    def page_time(self) -> str:
        """What follows that address in a message about an alert, where only its time can say which hour.

        A template of Alertmanager, in which `$` is the whole message; empty where the address says it.
        """
