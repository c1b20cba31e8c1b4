"""What carries a stack, counted from what is declared: pods, processors, memory, disks, stores."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.capacity import assumptions
from config.data import tier
from config.scalars import Tier
from config.tables import NodesTier
from review.planned import AUTOSCALER, CLAIM, RDS, REDIS, RELEASE, SCALED_OBJECT
from review.preview import State
from review.quantities import at, items, memory, processors, whole
from review.states import Side

_PODS = "kubernetes:apps/v1:"
_DAEMONS = "kubernetes:apps/v1:DaemonSet"
# The parts of the chart that has pods: where their number and their sizes stand in its values.
_CHARTED = {"operator": "operator", "metricsServer": "metricServer", "webhooks": "webhooks"}


@dataclass(frozen=True, kw_only=True)
class Pods:
    """The pods of one workload: from, to, and what one asks for."""

    least: int
    most: int
    cores: float
    gibibytes: float
    every_node: bool = False


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """An RDS instance: class, GiB, and whether a standby stands by."""

    instance_class: str
    gibibytes: int
    standby: bool


@dataclass(frozen=True, kw_only=True)
class Redis:
    """A replication group: node type, mode, shards, and replicas of each."""

    node_type: str
    mode: str
    shards: int
    replicas: int

    @property
    def nodes(self) -> int:
        """All of them."""
        return self.shards * (1 + self.replicas)


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What is declared, in figures; `nodes` is how many the pods need with autoscalers at their minimum."""

    pods_least: int = 0
    pods_most: int = 0
    cores_least: float = 0.0
    cores_most: float = 0.0
    gibibytes_least: float = 0.0
    gibibytes_most: float = 0.0
    disks: int = 0
    disk_gibibytes: float = 0.0
    nodes: int = 0
    postgres: tuple[Postgres, ...] = ()
    redis: tuple[Redis, ...] = ()
    uncounted: tuple[str, ...] = field(default=())
    """Names of what asks for nothing that could be read."""


def capacity(side: Side) -> Capacity:
    """The capacity of a stack at one moment."""
    found, uncounted = _workloads(side.states)
    size = _size(side.tier)
    least, most = _nodes(found, size), size.per_zone * assumptions().nodes.zones
    # A stack that declares no pods declares no nodes for them.
    most = most if least else 0
    counts = [(pods, least, most) if pods.every_node else (pods, pods.least, pods.most) for pods in found]
    claims = [
        memory(at(state.inputs, "spec", "resources", "requests", "storage")) for state in _of(side, CLAIM)
    ]
    return Capacity(
        pods_least=sum(count for _, count, _ in counts),
        pods_most=sum(count for _, _, count in counts),
        cores_least=sum(pods.cores * count for pods, count, _ in counts),
        cores_most=sum(pods.cores * count for pods, _, count in counts),
        gibibytes_least=sum(pods.gibibytes * count for pods, count, _ in counts),
        gibibytes_most=sum(pods.gibibytes * count for pods, _, count in counts),
        disks=len(claims),
        disk_gibibytes=sum(size for size in claims if size is not None),
        nodes=least,
        postgres=tuple(_postgres(state.inputs) for state in _of(side, RDS)),
        redis=tuple(_redis(state.inputs) for state in _of(side, REDIS)),
        uncounted=tuple(sorted(uncounted)),
    )


def _of(side: Side, kind: str) -> Iterator[State]:
    return (state for state in side.states if state.kind == kind)


def _size(name: str) -> NodesTier:
    return tier(Tier(name) if name in list(Tier) else Tier.CURRENT).nodes


def _workloads(states: tuple[State, ...]) -> tuple[list[Pods], set[str]]:
    bounds = {_target(state): _bounds(state) for state in states if state.kind in (AUTOSCALER, SCALED_OBJECT)}
    found: list[Pods] = []
    uncounted = set()
    for state in states:
        if state.kind == RELEASE:
            found += _charted(state)
        if not state.kind.startswith(_PODS):
            continue
        asked = _asked(at(state.inputs, "spec", "template", "spec", "containers"))
        if asked is None:
            uncounted.add(state.name)
            continue
        replicas = whole(at(state.inputs, "spec", "replicas"))
        name = str(at(state.inputs, "metadata", "name"))
        one = 1 if replicas is None else replicas
        least, most = bounds.get(name) or (one, one)
        every = state.kind == _DAEMONS
        found.append(Pods(least=least, most=most, cores=asked[0], gibibytes=asked[1], every_node=every))
    return found, uncounted


def _target(state: State) -> str:
    """An autoscaler has the name of the workload that it is of."""
    return str(at(state.inputs, "metadata", "name"))


def _bounds(state: State) -> tuple[int, int] | None:
    spec = at(state.inputs, "spec")
    least = whole(at(spec, "minReplicas")) or whole(at(spec, "minReplicaCount"))
    most = whole(at(spec, "maxReplicas")) or whole(at(spec, "maxReplicaCount"))
    return None if least is None or most is None else (least, most)


def _asked(containers: Any) -> tuple[float, float] | None:
    """Cores and GiB that a pod asks for; None where one of its containers does not say."""
    sizes = [
        (
            processors(at(found, "resources", "requests", "cpu")),
            memory(at(found, "resources", "requests", "memory")),
        )
        for found in items(containers)
    ]
    if not sizes or any(cpu is None or size is None for cpu, size in sizes):
        return None
    return sum(cpu or 0 for cpu, _ in sizes), sum(size or 0 for _, size in sizes)


def _charted(state: State) -> Iterator[Pods]:
    values = at(state.inputs, "values")
    for part, sizes in _CHARTED.items():
        count = whole(at(values, part, "replicaCount"))
        requests = at(values, "resources", sizes, "requests")
        cpu, size = processors(at(requests, "cpu")), memory(at(requests, "memory"))
        if count is not None and cpu is not None and size is not None:
            yield Pods(least=count, most=count, cores=cpu, gibibytes=size)


def _nodes(found: list[Pods], size: NodesTier) -> int:
    """Nodes that the pods need, counted as in `model.nodes`; daemons need none of their own."""
    given = assumptions().nodes
    usual = [pods for pods in found if not pods.every_node]
    cpu = sum(pods.cores * pods.least for pods in usual)
    gibibytes = sum(pods.gibibytes * pods.least for pods in usual)
    needed = max(cpu / size.cpu, gibibytes / size.memory_gibibytes) / given.usable_share
    return min(size.per_zone * given.zones, math.ceil(needed / given.zones) * given.zones)


def _postgres(inputs: Mapping[str, Any]) -> Postgres:
    return Postgres(
        instance_class=str(inputs.get("instanceClass", "")),
        gibibytes=whole(inputs.get("allocatedStorage")) or 0,
        standby=inputs.get("multiAz") is True,
    )


def _redis(inputs: Mapping[str, Any]) -> Redis:
    by_shard = whole(inputs.get("replicasPerNodeGroup"))
    nodes = whole(inputs.get("numCacheClusters")) or 1
    return Redis(
        node_type=str(inputs.get("nodeType", "")),
        mode=str(inputs.get("clusterMode") or "disabled"),
        shards=whole(inputs.get("numNodeGroups")) or 1,
        replicas=nodes - 1 if by_shard is None else by_shard,
    )
