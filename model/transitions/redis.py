"""ElastiCache: cluster mode goes one way, one step at a time, and each step alone.

Source: "Modifying cluster mode" and "Scaling" in the ElastiCache User Guide, and the CustomizeDiff of
the replication group in the AWS provider.
"""

from typing import Any

from config.holders import Effect
from model.transitions.finding import Change, Finding, Step, acknowledgement
from model.transitions.quantities import version, whole

_ACKNOWLEDGED = acknowledgement("redis-group/cluster-mode")
_MODES = ("disabled", "compatible", "enabled")
_WAIT = "wait until the group is `available` again before the next step"
# What ElastiCache changes in no request that changes the mode, and not while it is `compatible`.
_ALONE = ("nodeType", "engine", "engineVersion")


def judge(change: Change, path: str) -> Finding:
    """The mode, the number of nodes, the engine."""
    match path:
        case "clusterMode":
            return _mode(change)
        case "engine" | "engineVersion":
            return _engine(change, path)
        case _:
            return _nodes(change, path)


def _mode(change: Change) -> Finding:
    old, new = change.old, change.new or {}
    before, after = _mode_of(old), _mode_of(new)
    if unknown := [mode for mode in (before, after) if mode not in _MODES]:
        reason = f"ElastiCache knows no mode {unknown[0][:40]}: {', '.join(_MODES)}"
        return change.finding("clusterMode", Effect.IMPOSSIBLE, reason)
    if _MODES.index(after) < _MODES.index(before):
        return change.finding(
            "clusterMode",
            Effect.IMPOSSIBLE,
            f"ElastiCache never leads back from {before} to {after}",
            steps=(Step(settings=_kept(old), note="keeps the mode and the shards that it has"),),
        )
    wrong = _out_of_order(old, new)
    if wrong:
        reason = f"{wrong}: ElastiCache goes {' → '.join(_MODES)}, each step alone and none back"
        return change.finding("clusterMode", Effect.IMPOSSIBLE, reason, steps=_way(old))
    return change.finding(
        "clusterMode",
        Effect.ONE_WAY,
        "there is no way back from here; clients must speak the cluster protocol, and keys lie in"
        " database 0 only",
        acknowledge="cluster-mode",
    )


def _out_of_order(old: Any, new: Any) -> str:
    """What stands in the way of this step, in words; empty where nothing does."""
    before, after = _mode_of(old), _mode_of(new)
    if _MODES.index(after) - _MODES.index(before) > 1:
        return f"the way from {before} to {after} is two steps"
    if old.get("automaticFailoverEnabled") is not True or _replicas(old) < 1:
        return f"the step to {after} needs a replica with failover first"
    if _replicas(new) != _replicas(old) or _shards(new) != _shards(old):
        return f"the step to {after} changes the number of nodes as well"
    also = [key for key in _ALONE if old.get(key) != new.get(key)]
    return f"the step to {after} changes {' and '.join(also)} as well" if also else ""


def _way(old: Any) -> tuple[Step, ...]:
    """The steps that are left from `old` to the tier's cluster."""
    left = []
    if _mode_of(old) == "disabled":
        if old.get("automaticFailoverEnabled") is not True or _replicas(old) < 1:
            one = (("redis.mode", "single"), ("redis.replicas", "1"))
            left.append(Step(settings=one, note=f"a replica with failover, nothing else; {_WAIT}"))
        left.append(
            Step(
                settings=(
                    ("redis.mode", "compatible"),
                    (_ACKNOWLEDGED, "true"),
                ),
                note=f"no way back from here; {_WAIT}",
            )
        )
    replicas = max(_replicas(old), 1)
    cluster = (("redis.mode", "cluster"), ("redis.shards", "1"), ("redis.replicas", str(replicas)))
    left.append(Step(settings=cluster, note=f"one shard, so that nothing else changes; {_WAIT}"))
    ours = (
        ("redis.shards", None),
        ("redis.replicas", None),
        ("redis.mode", None),
        (_ACKNOWLEDGED, None),
    )
    left.append(Step(settings=ours, note="the tier's shards, by resharding while it runs"))
    return tuple(left)


def _kept(old: Any) -> tuple[tuple[str, str], ...]:
    mode = {"disabled": "single", "compatible": "compatible", "enabled": "cluster"}[_mode_of(old)]
    nodes = (("redis.shards", str(_shards(old))), ("redis.replicas", str(_replicas(old))))
    return (("redis.mode", mode), *nodes)


def _nodes(change: Change, path: str) -> Finding:
    old, new = change.old, change.new or {}
    if _mode_of(old) != _mode_of(new):
        # The same nodes, in the words of the other mode; the mode itself is judged above.
        return change.finding(path, Effect.IN_PLACE, "named anew by the mode")
    if _mode_of(old) == "compatible":
        reason = "ElastiCache changes nothing else while the mode is compatible: finish the way first"
        return change.finding(path, Effect.IMPOSSIBLE, reason, steps=_way(old))
    fewer = whole(new.get(path), 0) < whole(old.get(path), 0)
    moved = "slots move between shards while it runs" if path == "numNodeGroups" else "replicas come or go"
    if fewer and path == "numNodeGroups":
        moved = "slots move to fewer shards while it runs; AWS refuses it where they do not fit"
    return change.finding(path, Effect.IN_PLACE, moved)


def _engine(change: Change, path: str) -> Finding:
    before, after = change.old.get(path), (change.new or {}).get(path)
    down = before == "valkey" if path == "engine" else version(after) < version(before)
    if down:
        reason = "a version that goes down is a replacement: every key is lost"
        return change.finding(path, Effect.REPLACEMENT, reason, acknowledge="delete")
    return change.finding(path, Effect.FAILOVER, "nodes are upgraded one after another; none goes down again")


def _mode_of(inputs: Any) -> str:
    return str(inputs.get("clusterMode") or "disabled")


def _shards(inputs: Any) -> int:
    return whole(inputs.get("numNodeGroups"), 1) or 1


def _replicas(inputs: Any) -> int:
    """Replicas of each shard, in the words of either mode."""
    nodes = whole(inputs.get("numCacheClusters"), 1) or 1
    return whole(inputs.get("replicasPerNodeGroup"), nodes - 1)
