"""RDS: what a change of its class or its version does while it stands."""

import re

from config.holders import Effect
from model.transitions.finding import Change, Finding, Step


def judge(change: Change, path: str) -> Finding:
    """A class and a version are an outage in one zone, a failover with a standby in another."""
    before, after = change.old.get(path), (change.new or {}).get(path)
    standby = change.old.get("multiAz") is True
    if path == "engineVersion" and _version(after) < _version(before):
        return Finding(
            name=change.name,
            path=path,
            before=before,
            after=after,
            effect=Effect.IMPOSSIBLE,
            reason="RDS takes no version down: the way back is a restored snapshot",
            steps=(Step(note="raise `engines.postgres` in config/versions.yaml to what runs"),),
        )
    away = (
        "connections break once, for about a minute, while the standby takes over"
        if standby
        else "it is away for some minutes: turn on `postgres.multiAz` first to make that a failover"
    )
    return Finding(
        name=change.name,
        path=path,
        before=before,
        after=after,
        effect=Effect.FAILOVER if standby else Effect.RESTART,
        reason=f"{away}; a protected database changes in its maintenance window",
    )


def _version(text: object) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(text or "")))
