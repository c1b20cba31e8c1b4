"""The plan and its slices: what each layer of components is handed, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from config.secrets import SecretKey
from model.generated import Generated, SecretSource
from model.reach import Edge, Namespace
from model.spec import BucketSpec, IngressSpec, JobSpec, Permission, ReleaseSpec, ServerSpec


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
    dns_address: str
    """Where pods ask for names; in Auto Mode no pod answers there, but the node itself."""
    quota: Mapping[str, str]
    """Hard limits of its ResourceQuota by resource name: what the plan needs at its maxima, and slack."""


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
    region: str
    interface_endpoints: tuple[str, ...]
    """AWS services reached inside the network, by the last part of their endpoint's name."""
    nat_gateways: int = 1
    """From one, shared by all zones, to one for each zone."""


@dataclass(frozen=True, kw_only=True)
class AccessEntrySpec:
    """Who may use the Kubernetes API, and as what: an EKS access policy over the cluster."""

    principal_arn: str
    policy: Literal["AmazonEKSClusterAdminPolicy", "AmazonEKSAdminViewPolicy"]


@dataclass(frozen=True, kw_only=True)
class ClusterSpec:
    """The EKS cluster, in Auto Mode; `existing` is looked up by name instead of made."""

    name: str
    version: str
    existing: bool
    endpoint_cidrs: tuple[str, ...]
    service_cidr: str
    """Range of the Services' addresses."""
    node_pools: tuple[str, ...]
    """Built-in node pools of Auto Mode."""
    access_entries: tuple[AccessEntrySpec, ...]
    audit_log_days: int
    volume_provisioner: str
    """Who makes volumes: the CSI driver's name in a storage class."""
    ingress_controller: str
    """Who makes load balancers: the controller's name in an ingress class."""


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
    master: SecretSource
    """Password of the master user."""
    port: int = 5432


@dataclass(frozen=True, kw_only=True)
class RedisSpec:
    """ElastiCache Redis, or the host of an existing one."""

    identifier: str
    existing_host: str | None
    engine: Literal["redis", "valkey"]
    engine_version: str
    family: str
    """Family of the parameter group, such as `valkey8`."""
    node_type: str
    cluster_mode: Literal["disabled", "compatible", "enabled"]
    shards: int
    """Node groups; more than one only with cluster mode enabled."""
    replicas: int
    """Read replicas of each shard, in other zones; none means no failover."""
    parameters: Mapping[str, str]
    snapshot_days: int
    protected: bool
    token: SecretSource
    log_groups: tuple[LogGroupSpec, ...]
    """One, for the slow log."""
    port: int = 6379


@dataclass(frozen=True, kw_only=True)
class VolumeBackupSpec:
    """Daily snapshots by AWS Backup of the disks behind some claims."""

    namespace: Namespace
    claims: tuple[str, ...]
    cluster_name: str
    schedule: str
    """When, in UTC, as an AWS cron expression."""
    keep_days: int


@dataclass(frozen=True, kw_only=True)
class WorkspaceSpec:
    """A managed Prometheus workspace."""

    alias: str
    keep_days: int
    log_group: LogGroupSpec


@dataclass(frozen=True, kw_only=True)
class GrafanaContentSpec:
    """What a Grafana is given through its API: a folder of dashboards, and data sources."""

    url: str
    folder_uid: str
    folder_title: str
    dashboards: Mapping[str, str]
    """JSON by uid."""
    sources: tuple[Mapping[str, Any], ...]
    """In the words of Grafana's provisioning."""


@dataclass(frozen=True, kw_only=True)
class PlatformPlan:
    """Network, cluster and namespaces."""

    network: NetworkSpec
    cluster: ClusterSpec
    namespaces: tuple[NamespaceSpec, ...]
    volumes_retained: bool
    """Whether a disk outlives its claim."""


@dataclass(frozen=True, kw_only=True)
class StoresPlan:
    """The databases."""

    postgres: PostgresSpec
    roles: JobSpec
    """Makes databases and roles in PostgreSQL."""
    redis: RedisSpec
    neo4j: ServerSpec
    backup: VolumeBackupSpec | None
    """For stores whose edition has no backup of its own; none where nothing is protected."""


@dataclass(frozen=True, kw_only=True)
class WorkloadsPlan:
    """The services of Axiom and the servers behind them."""

    services: tuple[ServerSpec, ...]
    scaler: ReleaseSpec
    """What owns the autoscalers that follow more than CPU and memory."""
    ingress: IngressSpec | None
    """The way in for users; none where the settings name no host."""


@dataclass(frozen=True, kw_only=True)
class ObservabilityPlan:
    """The servers of the monitoring stack and what the log sinks need."""

    servers: tuple[ServerSpec, ...]
    log_groups: tuple[LogGroupSpec, ...]
    buckets: tuple[BucketSpec, ...]
    bucket_key_alias: str
    """Name of the key that encrypts every bucket."""
    workspace: WorkspaceSpec | None
    grafana_content: GrafanaContentSpec | None
    """None: Grafana reads files of its own."""
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
    """The load that the tier promises to carry, and what it causes.

    What follows `share` is of that share, which the environment promises. Rates are a second's.
    """

    users: int
    requests_per_day: int
    share: float
    """Part of the tier's load that this environment promises, from 0 to 1."""
    requests_per_second: float
    """On average."""
    peak_requests_per_second: float
    logs_gigabytes_per_day: float
    """Every sink gets as much."""
    peak_log_bytes_per_second: float
    peak_spans_per_second: float
    peak_events_per_second: float
    """Messages through the outbox into Redis Streams."""
    tokens_per_day: float
    """Of LLMs, input and output."""
    active_series: float
    """Time series of Prometheus as they are most of the time."""
    most_series: float
    """With every autoscaler at its maximum, and the series of pods that went."""
    samples_per_second: float
    """That one Prometheus takes in, most of the time."""


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
    generated: tuple[Generated, ...]
    """Secrets that the stack makes itself."""

    @property
    def servers(self) -> tuple[ServerSpec, ...]:
        """Every server that runs in the cluster, whoever makes its objects."""
        return (
            *self.workloads.services,
            *self.workloads.scaler.servers,
            self.stores.neo4j,
            *self.observability.servers,
        )
