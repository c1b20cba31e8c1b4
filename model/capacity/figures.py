"""What carries the load, as figures: pods with their sizes, stores, nodes. They only grow by tier."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from model.capacity.scene import Scene
from model.container import Autoscaled, Fixed
from model.sizes import cores, gibibytes
from model.slices import Plan


def capacity(plan: Plan) -> dict[str, Any]:
    """What carries the load, for `plan.json`."""
    database, cache = plan.stores.postgres, plan.stores.redis
    return {
        "workloads": {
            server.workload.name: {**asdict(server.workload.replicas), **asdict(server.workload.resources)}
            for server in plan.servers
        },
        "postgres": {
            "instanceClass": database.instance_class,
            "storageGibibytes": database.allocated_gibibytes,
            "multiAz": database.multi_az,
        },
        "redis": {
            "nodeType": cache.node_type,
            "clusterMode": cache.cluster_mode,
            "shards": cache.shards,
            "replicas": cache.replicas,
        },
    }


def amounts(scene: Scene) -> Mapping[str, float]:
    """Every figure that a bigger tier may not have less of."""
    return dict(_of_load(scene)) | dict(_of_stores(scene)) | dict(_of_workloads(scene))


def shrinking(scenes: Sequence[Scene]) -> list[str]:
    """The figures that get smaller from one scene to the next, by name."""
    found = []
    for below, above in pairwise(scenes):
        more = amounts(above)
        found += [
            f"{name}: {value:g} in {below.settings.tier}, {more.get(name, 0):g} in {above.settings.tier}"
            for name, value in amounts(below).items()
            if more.get(name, 0) < value
        ]
    return found


def _of_load(scene: Scene) -> Iterator[tuple[str, float]]:
    size = scene.tier.nodes
    yield "users", scene.load.users
    yield "requests a day", scene.load.requests_per_day
    yield "cores of nodes", scene.nodes.most * size.cpu
    yield "GiB of nodes", scene.nodes.most * size.memory_gibibytes
    yield "managed workspace", scene.plan.observability.workspace is not None


def _of_stores(scene: Scene) -> Iterator[tuple[str, float]]:
    database, cache = scene.plan.stores.postgres, scene.plan.stores.redis
    size = scene.given.rds_classes[database.instance_class]
    yield "vCPU of PostgreSQL", size.cpu
    yield "GiB of memory of PostgreSQL", size.memory_gibibytes
    yield "GiB of storage of PostgreSQL", database.allocated_gibibytes
    yield "standby of PostgreSQL", database.multi_az
    yield "shards of Redis", cache.shards
    yield "replicas of Redis", cache.replicas
    yield "GiB of Redis", cache.shards * scene.given.redis_nodes[cache.node_type].memory_gibibytes


def _of_workloads(scene: Scene) -> Iterator[tuple[str, float]]:
    for workload in scene.workloads:
        if not isinstance(workload.replicas, Fixed | Autoscaled):
            continue
        name, size = workload.name, workload.resources
        yield f"least pods of {name}", scene.pods(workload, most=False)
        yield f"most pods of {name}", scene.pods(workload, most=True)
        yield f"cores of {name}", cores(size.cpu)
        yield f"GiB of memory of {name}", gibibytes(size.memory)
        if workload.claim:
            yield f"GiB of disk of {name}", workload.claim.gibibytes
