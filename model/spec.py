"""The words the plan is written in: frozen values without Pulumi, decided before any resource."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from model.container import (
    Claim,
    FileMount,
    HostAccess,
    Port,
    Probes,
    Replicas,
    Resources,
    SecretMount,
    Sidecar,
)
from model.generated import SecretValue
from model.reach import Edge, Namespace


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
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """IAM condition: operator to key and value."""


@dataclass(frozen=True, kw_only=True)
class WorkloadSpec:
    """One Deployment, StatefulSet or DaemonSet with what belongs to it."""

    name: str
    component: str
    """Value of `app.kubernetes.io/component`, such as `metrics` or `api`."""
    kind: Literal["Deployment", "StatefulSet", "DaemonSet"]
    namespace: Namespace
    image: str
    user: int
    """UID, GID and fsGroup."""
    ports: tuple[Port, ...]
    resources: Resources
    replicas: Replicas
    probes: Probes
    command: tuple[str, ...] = ()
    """In place of the image's own; empty leaves that."""
    args: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain variables; a value may hold members of `Late`."""
    secret_environment: Mapping[str, SecretValue] = field(default_factory=dict)
    """Variables from a Secret, for servers that read none of these from a file."""
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
    sticky: bool = False
    """A client of the Service stays with one pod."""
    drain_seconds: int = 0
    """Time before the stop signal in which load balancers take the pod out."""
    writable_root: bool = False
    """For images that write beside their volumes; each has its reason where it is set."""
    sidecars: tuple[Sidecar, ...] = ()
    host: HostAccess | None = None
    in_go: bool = False
    """Whether it is told how much memory it has: Go frees what it can before its limit, not behind it."""

    @property
    def app(self) -> str:
        """Value of the label `app`, which selects its pods."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """Work that runs to its end once, and again under another name when it changes."""

    name: str
    component: str
    namespace: Namespace
    image: str
    user: int
    command: tuple[str, ...]
    resources: Resources
    environment: Mapping[str, str]
    """Plain variables; a value may hold members of `Late`."""
    secret_environment: Mapping[str, SecretValue]
    config: tuple[FileMount, ...]
    scratch: tuple[str, ...] = ()

    @property
    def app(self) -> str:
        """Value of the label `app`, which selects its pods."""
        return self.name

    @property
    def object_name(self) -> str:
        """Name of the Job: its pods' template never changes, so changed work is another Job."""
        work = (self.image, self.command, self.config, self.environment, sorted(self.secret_environment))
        return f"{self.name}-{hashlib.sha256(repr(work).encode()).hexdigest()[:8]}"


@dataclass(frozen=True, kw_only=True)
class Route:
    """Paths of a host that lead to one workload's port, longest first at the load balancer."""

    path: str
    workload: str
    port: str


@dataclass(frozen=True, kw_only=True)
class IngressSpec:
    """A host with TLS in front of workloads of one namespace."""

    name: str
    namespace: Namespace
    host: str
    routes: tuple[Route, ...]
    health_path: str
    internal: bool
    """Reached from the network only, not from the internet."""
    certificate_arn: str | None
    """Certificate of the host; none lets the load balancer find one by the host's name."""


@dataclass(frozen=True, kw_only=True)
class AliasSpec:
    """A name in one namespace for a Service of another: an ExternalName Service."""

    name: str
    namespace: Namespace
    target: str


@dataclass(frozen=True, kw_only=True)
class BucketSpec:
    """An S3 bucket: private, encrypted, versioned, reached over TLS only."""

    name: str
    """Physical name; unique in the world."""
    expire_days: int
    """Objects go after so many days: a few more than their server keeps them."""


@dataclass(frozen=True, kw_only=True)
class PodPort:
    """A named container port of the pods with a label `app`."""

    namespace: Namespace
    app: str
    port: str


@dataclass(frozen=True, kw_only=True)
class ScrapeJob:
    """A job of `prometheus.yml`: the text under `scrape_configs`, as a mapping."""

    name: str
    config: Mapping[str, Any]
    pods: PodPort | None = None
    """What it discovers, where that is pods."""
    permissions: tuple[Permission, ...] = ()
    """What Prometheus may ask AWS to find the targets."""
    targets: int | None = None
    """How many it has, where these are not the pods of the server that declares it."""


@dataclass(frozen=True, kw_only=True)
class ServerSpec:
    """All that one server is; scrape jobs, policies and rights are folds over these."""

    workload: WorkloadSpec
    scrape: tuple[ScrapeJob, ...] = ()
    edges: tuple[Edge, ...] = ()
    permissions: tuple[Permission, ...] = ()
    ingress: IngressSpec | None = None
    aliases: tuple[AliasSpec, ...] = ()
    buckets: tuple[BucketSpec, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReleaseSpec:
    """A Helm release of an operator: its chart makes what is said here, and the kinds that it brings.

    Its servers are planned like any other, so that policies, quotas, jobs and capacity hold for them;
    only their objects are the chart's.
    """

    name: str
    namespace: Namespace
    chart: str
    version: str
    repository: str
    values: Mapping[str, Any]
    servers: tuple[ServerSpec, ...]
