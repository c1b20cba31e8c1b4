"""Judges one resource: each changed property by its row, and by the rules over several of them."""

from collections.abc import Callable, Iterator, Mapping

from config.holders import Effect, Holder, Property, holder
from model.transitions import neo4j, postgres, redis
from model.transitions.differ import at, changed
from model.transitions.finding import Change, Finding, Step
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
    before, after = at(change.old, path), at(change.new, path)
    if rule.grows and gibibytes(after) < gibibytes(before):
        return _shrinks(change, path, rule)
    if rule.effect is Effect.JUDGED:
        return _RULES[change.kind](change, path)
    replaced = rule.effect is Effect.REPLACEMENT
    return Finding(
        name=change.name,
        path=path,
        before=before,
        after=after,
        effect=rule.effect,
        reason=f"it would be deleted and made anew, and with it go {row.holds} ({rule.source})"
        if replaced
        else rule.source,
        acknowledge="delete" if replaced else "",
    )


def _shrinks(change: Change, path: str, rule: Property) -> Finding:
    before, after = at(change.old, path), at(change.new, path)
    key = _KEEPS[path].format(server=change.name.rsplit("-volumes-", 1)[0])
    return Finding(
        name=change.name,
        path=path,
        before=before,
        after=after,
        effect=Effect.IMPOSSIBLE,
        reason=f"a disk never shrinks ({rule.source})",
        steps=(Step(settings=((key, str(gibibytes(before))),), note="keeps the size that it has"),),
    )


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
