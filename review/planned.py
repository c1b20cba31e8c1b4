"""The resources of a plan that carry load, cost money or hold data, as a preview would tell them.

A preview leaves out what stays as it is, and one that the settings refuse tells nothing: what is
not told is taken from the plan. Only the inputs that are counted or judged stand here; a test holds
each against what the program declares.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from model.container import Autoscaled, EveryNode, Fixed, Resources
from model.slices import Plan, PostgresSpec, RedisSpec
from model.spec import ServerSpec, WorkloadSpec
from review.preview import State

RDS = "aws:rds/instance:Instance"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
RELEASE = "kubernetes:helm.sh/v3:Release"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
EKS = "aws:eks/cluster:Cluster"
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
WORKSPACE = "aws:amp/workspace:Workspace"
BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type, not a secret
# What a preview need not tell: each is planned with every name that the program declares.
KINDS = (
    RDS,
    REDIS,
    CLAIM,
    AUTOSCALER,
    SCALED_OBJECT,
    RELEASE,
    INGRESS,
    EKS,
    NAT,
    ENDPOINT,
    WORKSPACE,
    BUCKET,
    KEY,
    SECRET,
)


def planned(plan: Plan) -> tuple[State, ...]:
    """The states of a plan, sorted by type and name."""
    found = (*_platform(plan), *_stores(plan), *_servers(plan), *_telemetry(plan))
    return tuple(sorted(found, key=lambda state: (state.kind, state.name)))


def _state(kind: str, name: str, /, **inputs: Any) -> State:
    return State(kind=kind, name=name, inputs=inputs)


def _platform(plan: Plan) -> Iterator[State]:
    network, cluster = plan.platform.network, plan.platform.cluster
    yield _state(KEY, "logs-key")
    if not cluster.existing:
        yield _state(KEY, "cluster-secrets-key")
        yield _state(EKS, "cluster-control-plane", name=cluster.name)
    if network.existing_vpc_id is None:
        for zone in network.zones[: network.nat_gateways]:
            yield _state(NAT, f"network-nat-{zone[-1]}")
        for service in network.interface_endpoints:
            yield _state(
                ENDPOINT,
                f"network-endpoints-{service}",
                vpcEndpointType="Interface",
                subnetIds=list(network.zones),
            )
    for way_in in (plan.workloads.ingress, *(server.ingress for server in plan.servers)):
        if way_in is not None:
            yield _state(INGRESS, f"{way_in.name}-ingress-host")


def _stores(plan: Plan) -> Iterator[State]:
    if plan.stores.postgres.existing_host is None:
        yield _state(KEY, "postgres-storage-key")
        yield _state(SECRET, "postgres-master")
        yield _state(RDS, "postgres-instance", **_postgres(plan.stores.postgres))
    if plan.stores.redis.existing_host is None:
        yield _state(KEY, "redis-storage-key")
        yield _state(REDIS, "redis-group", **_redis(plan.stores.redis))
    if plan.stores.backup is not None:
        yield _state(KEY, "volume-backup-storage-key")


def _postgres(spec: PostgresSpec) -> Mapping[str, Any]:
    return {
        "engineVersion": spec.engine_version,
        "instanceClass": spec.instance_class,
        "multiAz": spec.multi_az,
        "storageType": "gp3",
        "allocatedStorage": spec.allocated_gibibytes,
        "maxAllocatedStorage": spec.maximum_gibibytes,
        "backupRetentionPeriod": spec.backup_days,
        "username": spec.username,
        "dbName": spec.database,
        "port": spec.port,
    }


def _redis(spec: RedisSpec) -> Mapping[str, Any]:
    sharded = {"numNodeGroups": spec.shards, "replicasPerNodeGroup": spec.replicas}
    return {
        "engine": spec.engine,
        "engineVersion": spec.engine_version,
        "nodeType": spec.node_type,
        "clusterMode": spec.cluster_mode,
        "automaticFailoverEnabled": spec.replicas > 0,
        "multiAzEnabled": spec.replicas > 0,
        "port": spec.port,
        **(sharded if spec.cluster_mode == "enabled" else {"numCacheClusters": 1 + spec.replicas}),
    }


def _servers(plan: Plan) -> Iterator[State]:
    release = plan.workloads.scaler
    yield _state(RELEASE, f"{release.name}-release", values=dict(release.values))
    charted = {server.workload.name for server in release.servers}
    for server in plan.servers:
        if server.workload.name not in charted:
            yield from _server(server)


def _server(server: ServerSpec) -> Iterator[State]:
    workload, replicas = server.workload, server.workload.replicas
    containers = [
        _container(workload.name, workload.image, workload.resources),
        *(_container(found.name, found.image, found.resources) for found in workload.sidecars),
    ]
    spec: dict[str, Any] = {"template": {"spec": {"containers": containers}}}
    if isinstance(replicas, Fixed):
        spec["replicas"] = replicas.count
    kind = f"kubernetes:apps/v1:{workload.kind}"
    yield _state(kind, f"{workload.name}-pods", metadata={"name": workload.name}, spec=spec)
    if isinstance(replicas, Autoscaled):
        yield _autoscaler(workload, replicas)
    if workload.claim is not None:
        assert not isinstance(replicas, EveryNode)
        count = replicas.count if isinstance(replicas, Fixed) else replicas.maximum
        storage = {"resources": {"requests": {"storage": f"{workload.claim.gibibytes}Gi"}}}
        for ordinal in range(count):
            yield _state(CLAIM, f"{workload.name}-volumes-{ordinal}", spec=storage)


def _container(name: str, image: str, size: Resources) -> Mapping[str, Any]:
    requests = {"cpu": size.cpu, "memory": size.memory}
    return {"name": name, "image": image, "resources": {"requests": requests}}


def _autoscaler(workload: WorkloadSpec, replicas: Autoscaled) -> State:
    metadata = {"name": workload.name}
    if replicas.trigger is None:
        spec = {"minReplicas": replicas.minimum, "maxReplicas": replicas.maximum}
        return _state(AUTOSCALER, f"{workload.name}-autoscaling-autoscaler", metadata=metadata, spec=spec)
    bounds = {"minReplicaCount": replicas.minimum, "maxReplicaCount": replicas.maximum}
    return _state(SCALED_OBJECT, f"{workload.name}-autoscaling-scaled-object", metadata=metadata, spec=bounds)


def _telemetry(plan: Plan) -> Iterator[State]:
    workspace = plan.observability.workspace
    if workspace is not None:
        yield _state(KEY, "metrics-storage-key")
        yield _state(WORKSPACE, "metrics-workspace", alias=workspace.alias)
    if plan.observability.buckets:
        yield _state(KEY, "buckets-storage-key")
    for bucket in plan.observability.buckets:
        yield _state(BUCKET, f"buckets-{bucket.name.rsplit('-', 1)[-1]}")
