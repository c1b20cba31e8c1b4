"""Decides the monitoring stack: its servers, its log groups, and the files they are set up with."""

from collections.abc import Iterable, Mapping

from config.settings import Settings
from model.servers import servers
from model.sinks import sinks_of
from model.slices import ObservabilityPlan
from model.spec import ServerSpec

# Where a mount's files lie in a rendered tree, below the folder of their server.
_FOLDERS = {"prometheus-rules": "rules/"}


def observability_plan(settings: Settings) -> ObservabilityPlan:
    """The monitoring stack."""
    every = servers(settings)
    return ObservabilityPlan(
        servers=every,
        log_groups=tuple(group for sink in sinks_of(settings) for group in sink.log_groups(settings)),
        files=_files(every),
    )


def _files(every: Iterable[ServerSpec]) -> Mapping[str, str]:
    """What the servers mount, by path."""
    return {
        f"{server.workload.name}/{_FOLDERS.get(mount.name, '')}{file.name}": file.text
        for server in every
        for mount in server.workload.config
        for file in mount.files
    }
