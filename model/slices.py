"""The plan and its slices: what each layer of components is handed, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from config.secrets import SecretKey
from model.spec import Edge, Namespace, Permission, ServerSpec, WorkloadSpec


@dataclass(frozen=True, kw_only=True)
class LogGroupSpec:
    """A CloudWatch log group that the program owns."""

    name: str
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class NamespaceSpec:
    """A namespace and the Pod Security level it enforces."""

    name: Namespace
    pod_security: Literal["restricted", "baseline", "privileged"]
    pod_security_version: str
    """Kubernetes minor whose rules hold, such as `v1.35`: an upgrade changes nothing unasked."""


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """The VPC: made (one public and one private subnet a zone) or given (`existing_vpc_id`)."""

    cidr: str
    zones: tuple[str, ...]
    public_cidrs: tuple[str, ...]
    private_cidrs: tuple[str, ...]
    flow_log_days: int
    existing_vpc_id: str | None
    existing_private_subnet_ids: tuple[str, ...]
    nat_gateways: int = 1
    """From one, shared by all zones, to one for each zone."""


@dataclass(frozen=True, kw_only=True)
class NodesSpec:
    """The managed node group."""

    instance_type: str
    ami_type: str
    minimum: int
    desired: int
    maximum: int
    disk_gibibytes: int


@dataclass(frozen=True, kw_only=True)
class ClusterSpec:
    """The EKS cluster; `existing` is looked up by name instead of made."""

    name: str
    version: str
    existing: bool
    endpoint_cidrs: tuple[str, ...]
    nodes: NodesSpec
    audit_log_days: int


@dataclass(frozen=True, kw_only=True)
class PostgresSpec:
    """RDS PostgreSQL, or the host of an existing database."""

    identifier: str
    existing_host: str | None
    engine_version: str
    instance_class: str
    allocated_gibibytes: int
    maximum_gibibytes: int
    multi_az: bool
    backup_days: int
    protected: bool
    parameters: Mapping[str, str]
    log_groups: tuple[LogGroupSpec, ...]
    username: str
    database: str
    port: int = 5432


@dataclass(frozen=True, kw_only=True)
class PlatformPlan:
    """Network, cluster and namespaces."""

    network: NetworkSpec
    cluster: ClusterSpec
    namespaces: tuple[NamespaceSpec, ...]


@dataclass(frozen=True, kw_only=True)
class StoresPlan:
    """The databases."""

    postgres: PostgresSpec


@dataclass(frozen=True, kw_only=True)
class WorkloadsPlan:
    """The services of Axiom."""

    services: tuple[WorkloadSpec, ...]


@dataclass(frozen=True, kw_only=True)
class ObservabilityPlan:
    """The servers of the monitoring stack and what the log sinks need."""

    servers: tuple[ServerSpec, ...]
    log_groups: tuple[LogGroupSpec, ...]
    files: Mapping[str, str]
    """Every generated server file by its path in a rendered tree, such as
    `prometheus/prometheus.yml`: what the servers mount, gathered for reading and checking."""


@dataclass(frozen=True, kw_only=True)
class AccessPlan:
    """Who may reach what: the edges of NetworkPolicies and the AWS permissions by app."""

    edges: tuple[Edge, ...]
    permissions: Mapping[str, tuple[Permission, ...]]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What every resource says about itself."""

    environment: str
    tier: str
    region: str
    tags: Mapping[str, str]
    """AWS default tags."""
    sinks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Load:
    """The load that the tier promises to carry."""

    users: int
    requests_per_day: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every decision about a stack, made before the first resource exists."""

    identity: Identity
    load: Load
    platform: PlatformPlan
    stores: StoresPlan
    workloads: WorkloadsPlan
    observability: ObservabilityPlan
    access: AccessPlan
    secrets: tuple[SecretKey, ...]
    """Keys of the secrets that the stack must be given."""
