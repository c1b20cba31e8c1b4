"""The words the plan is written in: frozen values without Pulumi, decided before any resource.

Units: CPU and memory are Kubernetes quantities ("500m", "2Gi"), times are Prometheus
durations ("30s"), ports are numbers from 1 to 65535.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from config.secrets import SecretKey


class Namespace(StrEnum):
    """The namespaces of the program."""

    MONITORING = "monitoring"
    AXIOM = "axiom"


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
    cpu_limit: str | None = None
    memory_limit: str


@dataclass(frozen=True)
class Fixed:
    """The program owns the number of pods."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Autoscaled:
    """An autoscaler owns the number of pods; the workload states none."""

    minimum: int
    maximum: int
    cpu_percent: int
    memory_percent: int


Replicas = Fixed | Autoscaled


@dataclass(frozen=True, kw_only=True)
class ConfigFile:
    """A file that a pod mounts. The text may hold members of `Late`."""

    name: str
    text: str


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


@dataclass(frozen=True, kw_only=True)
class SecretMount:
    """Secrets mounted as files: file name to the key of the secret that fills it."""

    name: str
    path: str
    files: Mapping[str, SecretKey]


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
class Probes:
    """Startup keeps the others waiting; readiness takes traffic away; liveness restarts."""

    startup: HttpProbe | None = None
    readiness: HttpProbe
    liveness: HttpProbe


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One RBAC rule."""

    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...]
    non_resource_urls: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a workload may read from the Kubernetes API: by namespace, and cluster-wide."""

    namespaced: Mapping[Namespace, tuple[Rule, ...]] = field(default_factory=dict)
    cluster: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Permission:
    """AWS actions on resources (ARNs), granted to one service account by Pod Identity."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WorkloadSpec:
    """One Deployment or StatefulSet with what belongs to it."""

    name: str
    component: str
    """Value of `app.kubernetes.io/component`, such as `metrics` or `api`."""
    kind: Literal["Deployment", "StatefulSet"]
    namespace: Namespace
    image: str
    user: int
    """UID, GID and fsGroup."""
    ports: tuple[Port, ...]
    resources: Resources
    replicas: Replicas
    probes: Probes
    args: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables; a value may hold members of `Late`."""
    pod_fields: Mapping[str, str] = field(default_factory=dict)
    """Variables from the pod itself: name to field path, such as `status.podIP`."""
    config: tuple[FileMount, ...] = ()
    secrets: tuple[SecretMount, ...] = ()
    scratch: tuple[str, ...] = ()
    """Paths of empty writable volumes; the root file system is read-only."""
    claim: Claim | None = None
    access: Access = Access()
    """Its token is mounted only where it may read something."""
    grace_seconds: int = 30
    headless: bool = False
    """A StatefulSet's peers find each other by name before they are ready."""

    @property
    def app(self) -> str:
        """Value of the label `app`, which selects its pods."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One end of an allowed connection: pods of a workload, every pod of a namespace, or CIDRs."""

    namespace: Namespace | None = None
    app: str | None = None
    cidr: str | None = None


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A connection that NetworkPolicies allow; everything else is denied."""

    source: Peer
    target: Peer
    port: int
    protocol: Literal["TCP", "UDP"] = "TCP"


@dataclass(frozen=True, kw_only=True)
class ScrapeJob:
    """A job of `prometheus.yml`: the text under `scrape_configs`, as a mapping."""

    name: str
    config: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ServerSpec:
    """All that one server of the monitoring stack is; the stack is folds over these."""

    workload: WorkloadSpec
    scrape: tuple[ScrapeJob, ...] = ()
    edges: tuple[Edge, ...] = ()
    permissions: tuple[Permission, ...] = ()
