"""Sets of pods on disks; Neo4j's edition and servers, whose data a change of pods does not move.

Source: "Deploy a basic cluster", "Move from a standalone deployment to a cluster" and "Managing
databases in a cluster" in the Neo4j Operations Manual 5, and docs/upgrading.md.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.holders import Effect
from model.transitions.finding import Change, Finding, Step, acknowledgement, at
from model.transitions.quantities import version, whole

_NAME = "neo4j-pods"
_PAGE = "docs/upgrading.md, Neo4j"


def judge(change: Change, path: str) -> Finding:
    """Pods follow their template one after another; Neo4j's edition and servers are more than pods."""
    if path == "spec.replicas":
        return _of_servers(change) if change.name == _NAME else change.finding(path, Effect.IN_PLACE, "pods")
    if change.name == _NAME and _image(change.old) != _image(change.new):
        return _of_edition(change)
    return _of_image(change, Effect.RESTART, "its pods restart one after another, on the same disks")


def _of_edition(change: Change) -> Finding:
    before, after = _edition(change.old), _edition(change.new)
    if before == after:
        return _of_version(change)
    if after == "community":
        reason = "Community opens no database that used what only Enterprise has, and has one server"
        kept = (("neo4j.edition", "enterprise"), ("neo4j.servers", str(_servers(change.old))))
        return _of_image(change, Effect.ONE_WAY, reason, "community", (Step(settings=kept),))
    if _servers(change.new) > 1:
        reason = "the edition changes on one server first: those that start empty beside it are no peers"
        return _of_image(change, Effect.IMPOSSIBLE, reason)
    return _of_image(change, Effect.RESTART, "Enterprise opens the same disk; snapshot it first")


def _of_version(change: Change) -> Finding:
    old, new = version(_image(change.old)), version(_image(change.new))
    if new < old:
        reason = "an older version may not open what a newer one has written: the way back is a snapshot"
        return _of_image(change, Effect.ONE_WAY, reason, "downgrade")
    if new[:1] > old[:1]:
        reason = f"a new major migrates the store, and the way back is a snapshot: take it first ({_PAGE})"
        return _of_image(change, Effect.ONE_WAY, reason, "upgrade")
    return _of_image(change, Effect.RESTART, "its servers restart one after another, on the same disks")


def _of_servers(change: Change) -> Finding:
    path, old, new = "spec.replicas", _servers(change.old), _servers(change.new)
    if new < old:
        reason = f"servers that go take their copies along: deallocate them first ({_PAGE})"
        kept = Step(settings=(("neo4j.servers", str(old)),), note="keeps the servers")
        return change.finding(path, Effect.ONE_WAY, reason, acknowledge="scale-in", steps=(kept,))
    if old > 1:
        reason = f"new servers join; then give the database its topology ({_PAGE})"
        return change.finding(path, Effect.IN_PLACE, reason)
    if _edition(change.old) == "community":
        reason = "Community has no clusters: two of its servers are two databases"
        return change.finding(path, Effect.IMPOSSIBLE, reason, steps=_way())
    reason = f"the data move by hand, from a dump of the one server ({_PAGE})"
    return change.finding(path, Effect.ONE_WAY, reason, acknowledge="cluster", steps=_way()[1:])


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


def _of_image(
    change: Change, effect: Effect, reason: str, acknowledge: str = "", steps: tuple[Step, ...] = ()
) -> Finding:
    """A whole pod says less than its image."""
    found = change.finding("spec.template", effect, reason, acknowledge=acknowledge, steps=steps)
    return replace(found, before=_image(change.old), after=_image(change.new))


def _image(inputs: Mapping[str, Any] | None) -> str:
    """Repository and tag of the first container; a digest says nothing to a reader."""
    containers = at(inputs, "spec.template.spec.containers")
    first = containers[0] if isinstance(containers, list) and containers else {}
    return str(first.get("image") if isinstance(first, Mapping) else None).partition("@")[0]


def _edition(inputs: Mapping[str, Any] | None) -> str:
    return "enterprise" if _image(inputs).endswith("-enterprise") else "community"


def _servers(inputs: Mapping[str, Any] | None) -> int:
    return whole(at(inputs, "spec.replicas"), 1) or 1
