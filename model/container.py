"""What pods are made of: ports, sizes, probes, files, volumes, and what they take of their node.

Units: CPU and memory are Kubernetes quantities ("500m", "2Gi"), periods are seconds, ports are
numbers from 1 to 65535.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from model.generated import SecretValue


@dataclass(frozen=True, kw_only=True)
class Port:
    """A named port of a container, and of the Service in front of it."""

    name: str
    number: int
    protocol: Literal["TCP", "UDP"] = "TCP"


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Requests and limits of a container."""

    cpu: str
    memory: str
    memory_limit: str
    scratch_limit: str = "256Mi"
    """What it may write to the node's disk: scratch volumes and logs."""


@dataclass(frozen=True)
class Fixed:
    """The program owns the number of pods."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A figure of Prometheus that an autoscaler follows."""

    server: str
    """Address of Prometheus."""
    query: str
    threshold: float
    target: Literal["Value", "AverageValue"]
    """Whether the threshold is held against the figure, or against its part for each pod."""
    fallback: int
    """Pods at the least while the query has no answer."""


@dataclass(frozen=True, kw_only=True)
class Autoscaled:
    """An autoscaler owns the number of pods; the workload states none."""

    minimum: int
    maximum: int
    cpu_percent: int
    memory_percent: int
    trigger: Trigger | None = None
    """What it follows beside CPU and memory."""


@dataclass(frozen=True)
class EveryNode:
    """One pod on each node: what a DaemonSet has."""


Replicas = Fixed | Autoscaled | EveryNode


@dataclass(frozen=True, kw_only=True)
class ConfigFile:
    """A file that a pod mounts. The text may hold members of `Late`."""

    name: str
    text: str


# The annotation of a ConfigMap with the outline of its files.
OUTLINE = "axiom/outline"


@dataclass(frozen=True, kw_only=True)
class FileMount:
    """Files of one ConfigMap, mounted as a folder.

    A server that reloads by itself (`reloads`) keeps its pods when a file changes; any other
    gets the content's digest on its pod template.
    """

    name: str
    path: str
    files: tuple[ConfigFile, ...]
    reloads: bool = False
    outline: str | None = None
    """The same in lines: what a preview compares in place of texts that it would show whole."""
    folder: str | None = ""
    """Where a rendered tree shows the files, below their server's folder; none shows them nowhere."""
    account: str | None = None
    """A folder beside the files, for `token` and `ca.crt`: of the workload's account, and of the cluster."""


@dataclass(frozen=True, kw_only=True)
class SecretMount:
    """Secrets mounted as files: file name to the secret that fills it."""

    name: str
    path: str
    files: Mapping[str, SecretValue]
    reloads: bool = False
    """Whether the server reads them anew each time; any other's pods are replaced when one changes."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A volume of a StatefulSet, claimed apart from it: it grows in place and outlives the set."""

    path: str
    gibibytes: int


@dataclass(frozen=True, kw_only=True)
class HttpProbe:
    """An HTTP GET; periods in seconds."""

    path: str
    port: str
    period: int = 10
    failures: int = 3


@dataclass(frozen=True, kw_only=True)
class TcpProbe:
    """A connection that is opened and closed; periods in seconds."""

    port: str
    period: int = 10
    failures: int = 3


Probe = HttpProbe | TcpProbe


@dataclass(frozen=True, kw_only=True)
class Probes:
    """Startup keeps the others waiting; readiness takes traffic away; liveness restarts."""

    startup: Probe | None = None
    readiness: Probe
    liveness: Probe


@dataclass(frozen=True, kw_only=True)
class HostMount:
    """A folder of the node; `writable` ones are made where they are missing."""

    name: str
    path: str
    mount_path: str
    writable: bool = False
    propagated: bool = False
    """Sees what the node mounts below it later."""


@dataclass(frozen=True, kw_only=True)
class HostAccess:
    """What a pod takes of its node; only workloads in `monitoring-agents` may have any."""

    mounts: tuple[HostMount, ...]
    network: bool = False
    process_ids: bool = False
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """A second container of the pods, without files of its own."""

    name: str
    image: str
    user: int
    args: tuple[str, ...]
    ports: tuple[Port, ...]
    resources: Resources
    probes: Probes
