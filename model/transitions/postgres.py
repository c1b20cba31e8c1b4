"""RDS: what a change of its class or its version does while it stands."""

from config.holders import Effect
from model.transitions.finding import Change, Finding, Step
from model.transitions.quantities import version


def judge(change: Change, path: str) -> Finding:
    """A class and a version are an outage in one zone, a failover with a standby in another."""
    before, after = change.old.get(path), (change.new or {}).get(path)
    standby = change.old.get("multiAz") is True
    if path == "engineVersion" and version(after) < version(before):
        reason = "RDS takes no version down: the way back is a restored snapshot"
        raised = Step(note="raise `engines.postgres` in config/versions.yaml to what runs")
        return change.finding(path, Effect.IMPOSSIBLE, reason, steps=(raised,))
    if path == "engineVersion" and version(after)[:1] > version(before)[:1]:
        reason = "RDS takes a new major only where it is allowed by hand, and never back"
        page = Step(note="docs/upgrading.md, PostgreSQL: by hand, after a snapshot")
        return change.finding(path, Effect.IMPOSSIBLE, reason, steps=(page,))
    away = (
        "connections break once, for about a minute, while the standby takes over"
        if standby
        else "it is away for some minutes: turn on `postgres.multiAz` first to make that a failover"
    )
    effect = Effect.FAILOVER if standby else Effect.RESTART
    return change.finding(path, effect, f"{away}; a protected database changes in its maintenance window")
