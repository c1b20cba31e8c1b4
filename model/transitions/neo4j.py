"""Sets of pods on disks; Neo4j's edition and servers, whose data a change of pods does not move.

Source: "Deploy a basic cluster", "Move from a standalone deployment to a cluster" and "Managing
databases in a cluster" in the Neo4j Operations Manual 5, and docs/upgrading.md.
"""

from collections.abc import Mapping
from typing import Any

from config.holders import Effect
from model.transitions.differ import at
from model.transitions.finding import Change, Finding, Step, acknowledgement

_PAGE = "docs/upgrading.md, Neo4j"


def judge(change: Change, path: str) -> Finding:
    """Pods follow their template one after another; Neo4j's edition and servers are more than pods."""
    if change.name == "neo4j-pods":
        return _neo4j(change, path)
    count = f"{at(change.old, 'spec.replicas')} → {at(change.new, 'spec.replicas')} pods"
    reason = "its pods restart one after another, on the same disks" if path == "spec.template" else count
    return _found(change, path, Effect.RESTART if path == "spec.template" else Effect.IN_PLACE, reason)


def _neo4j(change: Change, path: str) -> Finding:
    before, after = _edition(change.old), _edition(change.new or {})
    old, new = _servers(change.old), _servers(change.new or {})
    if path == "spec.replicas":
        return _of_servers(change, old, new, enterprise=before == "enterprise")
    if before == after:
        return _found(
            change, path, Effect.RESTART, "its servers restart one after another, on the same disks"
        )
    if after == "community":
        reason = "Community opens no database that used what only Enterprise has, and has one server"
        kept = (("neo4j.edition", "enterprise"), ("neo4j.servers", str(old)))
        return _found(change, path, Effect.ONE_WAY, reason, "community", (Step(settings=kept),))
    if new > 1:
        reason = "the edition changes on one server first: those that start empty beside it are no peers"
        return _found(change, path, Effect.IMPOSSIBLE, reason)
    reason = "the same disk, opened by Enterprise; the server restarts. Snapshot it first"
    return _found(change, path, Effect.RESTART, reason)


def _of_servers(change: Change, old: int, new: int, *, enterprise: bool) -> Finding:
    path = "spec.replicas"
    if new < old:
        reason = f"servers that go take their copies along: deallocate them first ({_PAGE})"
        steps = (Step(settings=(("neo4j.servers", str(old)),), note="keeps the servers"),)
        return _found(change, path, Effect.ONE_WAY, reason, "scale-in", steps)
    if old > 1:
        reason = f"new servers join; then give the database its topology ({_PAGE})"
        return _found(change, path, Effect.IN_PLACE, reason)
    if not enterprise:
        reason = "Community has no clusters: two of its servers are two databases"
        return _found(change, path, Effect.IMPOSSIBLE, reason, steps=_way())
    reason = f"the data move by hand, from a dump of the one server ({_PAGE})"
    return _found(change, path, Effect.ONE_WAY, reason, "cluster", _way()[1:])


def _way() -> tuple[Step, ...]:
    return (
        Step(
            settings=(("neo4j.servers", "1"),), note="Enterprise with one server, on the disk that is there"
        ),
        Step(
            settings=(("neo4j.servers", None), (acknowledgement("neo4j-pods/cluster"), "true")),
            note=f"when its steps are done: {_PAGE}, 'One server to a cluster'",
        ),
    )


def _found(
    change: Change,
    path: str,
    effect: Effect,
    reason: str,
    acknowledge: str = "",
    steps: tuple[Step, ...] = (),
) -> Finding:
    before, after = (at(inputs, path) for inputs in (change.old, change.new))
    if path == "spec.template":
        # A whole pod says less than its image.
        before, after = _image(change.old), _image(change.new or {})
    return Finding(
        name=change.name,
        path=path,
        before=before,
        after=after,
        effect=effect,
        reason=reason,
        acknowledge=acknowledge,
        steps=steps,
    )


def _image(inputs: Mapping[str, Any]) -> str:
    containers = at(inputs, "spec.template.spec.containers") or [{}]
    return str(containers[0].get("image"))


def _edition(inputs: Mapping[str, Any]) -> str:
    return "enterprise" if "-enterprise" in _image(inputs).partition("@")[0] else "community"


def _servers(inputs: Mapping[str, Any]) -> int:
    return int(at(inputs, "spec.replicas") or 1)
