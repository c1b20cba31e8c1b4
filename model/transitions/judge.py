"""Judges one resource: each changed property by its row, and by the rules over several of them."""

from collections.abc import Callable, Iterator, Mapping

from config.holders import Effect, Holder, Property, holder
from model.transitions import neo4j, postgres, redis
from model.transitions.differ import changed
from model.transitions.finding import Change, Finding, Step, at
from model.transitions.quantities import gibibytes

_Judge = Callable[[Change, str], Finding]
# What depends on more than one property.
_RULES: Mapping[str, _Judge] = {
    "aws:rds/instance:Instance": postgres.judge,
    "aws:elasticache/replicationGroup:ReplicationGroup": redis.judge,
    "kubernetes:apps/v1:StatefulSet": neo4j.judge,
}
# How a size of the tier is kept, by the path of the size.
_KEEPS = {
    "allocatedStorage": "postgres.storageGibibytes",
    "spec.resources.requests.storage": "volumes.{server}",
}


def judge(change: Change) -> tuple[Finding, ...]:
    """What the change means for data; empty for what holds none, and for what touches none."""
    row = holder(change.kind, change.name)
    if row is None:
        return ()
    if change.new is None:
        return (_gone(change, row),)
    return tuple(_findings(change, row))


def _findings(change: Change, row: Holder) -> Iterator[Finding]:
    assert change.new is not None
    told = set()
    for path in changed(change.old, change.new):
        rule = _rule(row, path)
        if rule is None or rule[0] in told:
            continue
        told.add(rule[0])
        yield _finding(change, row, *rule)


def _rule(row: Holder, path: str) -> tuple[str, Property] | None:
    for known, rule in row.properties.items():
        if path == known or path.startswith(f"{known}.") or known.startswith(f"{path}."):
            return known, rule
    return None


def _finding(change: Change, row: Holder, path: str, rule: Property) -> Finding:
    if rule.grows:
        try:
            shrinks = gibibytes(at(change.new, path)) < gibibytes(at(change.old, path))
        except ValueError as error:
            return change.finding(path, Effect.IMPOSSIBLE, f"whether it shrinks is not known: {error}")
        if shrinks:
            return _shrinks(change, path, rule)
    if rule.effect is Effect.JUDGED:
        return _RULES[change.kind](change, path)
    if rule.effect is Effect.REPLACEMENT:
        reason = f"it would be deleted and made anew, and with it go {row.holds} ({rule.source})"
        return change.finding(path, rule.effect, reason, acknowledge="delete")
    return change.finding(path, rule.effect, rule.source)


def _shrinks(change: Change, path: str, rule: Property) -> Finding:
    key = _KEEPS[path].format(server=change.name.rsplit("-volumes-", 1)[0])
    size = str(gibibytes(at(change.old, path)))
    kept = Step(settings=((key, size),), note="keeps the size that it has")
    return change.finding(path, Effect.IMPOSSIBLE, f"a disk never shrinks ({rule.source})", steps=(kept,))


def _gone(change: Change, row: Holder) -> Finding:
    return Finding(
        name=change.name,
        path="",
        before=None,
        after=None,
        effect=Effect.DELETION,
        reason=f"it would be deleted, and with it go {row.holds}",
        acknowledge="delete",
        steps=(
            Step(note="`pulumi state unprotect URN` (`pulumi stack --show-urns`), once it may really go"),
        ),
    )
