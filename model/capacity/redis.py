"""Redis: clients of a node, memory of a shard. An existing Redis is somebody else's to size."""

from collections.abc import Iterator

from model.capacity.check import Check
from model.capacity.scene import Scene
from model.load import DAY
from model.sizes import processes

_GIBI = 1024**3


def checks(scene: Scene) -> Iterator[Check]:
    """The checks."""
    if scene.plan.stores.redis.existing_host:
        return
    yield _clients(scene)
    yield _memory(scene)


def _clients(scene: Scene) -> Check:
    given, node = scene.given.redis, scene.plan.stores.redis.node_type
    each = {
        workload.name: processes(workload.environment) * scene.surged(workload)
        for workload in scene.with_database()
    }
    need = sum(each.values()) * given.clients_per_process
    return Check(
        name="redis-clients",
        formula="processes at the most, in a rollout x clients a process <= maxclients of a node",
        inputs={"processes": sum(each.values()), "clients a process": given.clients_per_process},
        need=need,
        limit=scene.given.redis_nodes[node].clients,
        unit="clients of each node",
        remedy=f"{node} takes fewer: a node type of config/stores.yaml, or fewer pods",
    )


def _memory(scene: Scene) -> Check:
    given, spec = scene.given.redis, scene.plan.stores.redis
    kept = {name: _bytes(name, scene) for name in given.keys}
    skew = given.skew_factor if spec.shards > 1 else 1.0
    need = sum(kept.values()) * given.overhead_factor * skew / spec.shards / _GIBI
    reserved = int(spec.parameters["reserved-memory-percent"]) / 100
    limit = scene.given.redis_nodes[spec.node_type].memory_gibibytes * (1 - reserved) * given.usable_share
    return Check(
        name="redis-memory",
        formula=(
            "sum of keys alive x bytes x overhead x skew / shards <= memory x (1 - reserved) x usable share"
        ),
        inputs={
            **{f"{name} MB": size / 1e6 for name, size in kept.items()},
            "overhead": given.overhead_factor,
            "skew": skew,
            "shards": spec.shards,
            "reserved": reserved,
            "usable share": given.usable_share,
        },
        need=need,
        limit=limit,
        unit="GiB of a shard",
        remedy=(
            f"{spec.node_type} is too small: more shards (`redis.shards`, in mode `cluster`),"
            " or a bigger node in config/stores.yaml"
        ),
    )


def _bytes(name: str, scene: Scene) -> float:
    """Bytes of a kind of keys that are alive at the peak: no more than whole days bring."""
    keys, load = scene.given.redis.keys[name], scene.load
    whole_days = load.requests_per_second * DAY * max(1.0, keys.seconds / DAY)
    return min(load.peak_requests_per_second * keys.seconds, whole_days) * keys.per_request * keys.bytes
