"""What is at risk: each change judged, with why and what to do; the worst of them names the whole."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from config.holders import Effect, holder
from model.transitions import Change, Finding, judge
from model.transitions.finding import HIDDEN
from model.transitions.report import acknowledging, commands
from review.preview import Diagnostic, Op, Preview, State, Step, name_of
from review.secrets import UNKNOWN


class Level(IntEnum):
    """How bad it is, the harmless first."""

    SAFE = 0
    RESTARTS = 1
    REPLACES = 2
    DESTROYS = 3

    @property
    def word(self) -> str:
        """As the headline says it."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One thing to know before the update is made."""

    level: Level
    name: str
    what: str
    why: str
    refused: bool = False
    """Whether the update would not be made as it is."""
    one_way: bool = False
    """Whether there is no way back."""
    todo: tuple[str, ...] = ()
    """What to do, in order; a line that begins with `pulumi ` is a command."""


_REPLACES = (Op.REPLACE, Op.CREATE_REPLACEMENT, Op.IMPORT_REPLACEMENT)
_PODS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet", "kubernetes:apps/v1:DaemonSet")
_LEVELS: Mapping[Effect, Level] = {
    Effect.IN_PLACE: Level.SAFE,
    Effect.FAILOVER: Level.RESTARTS,
    Effect.RESTART: Level.RESTARTS,
    # Data stay where they are; what cannot be undone or done is said beside the level.
    Effect.ONE_WAY: Level.RESTARTS,
    Effect.IMPOSSIBLE: Level.RESTARTS,
    Effect.REPLACEMENT: Level.DESTROYS,
    Effect.DELETION: Level.DESTROYS,
}
_REFUSED = (Effect.ONE_WAY, Effect.IMPOSSIBLE, Effect.REPLACEMENT, Effect.DELETION)


# What else is lost with a deletion, without being a store: a log group that is not kept, a key, a namespace.
_LOST = {
    "aws:cloudwatch/logGroup:LogGroup": "the logs in it",
    "aws:kms/key:Key": "once its waiting period is over, everything that it encrypted",
    "kubernetes:core/v1:Namespace": "every object in it",
}


def risks(steps: Iterable[Step], preview: Preview, acknowledged: frozenset[str]) -> tuple[Risk, ...]:
    """What the steps put at risk, the worst first."""
    found = [risk for step in steps for risk in _of_step(step, acknowledged, preview.stack)]
    named = {risk.name for risk in found}
    found += [risk for risk in _of_diagnostics(preview.diagnostics) if risk.name not in named]
    return tuple(sorted(set(found), key=lambda risk: (not risk.refused, -risk.level, risk.name, risk.what)))


def level(found: Iterable[Risk]) -> Level:
    """The worst of the risks."""
    return max((risk.level for risk in found), default=Level.SAFE)


def _of_step(step: Step, acknowledged: frozenset[str], stack: str) -> Iterator[Risk]:
    if step.op in (Op.CREATE, Op.IMPORT, Op.SAME, Op.DELETE_REPLACED, Op.DISCARD_REPLACED):
        return
    state = step.state
    row = holder(state.kind, state.name)
    gone = step.op in (Op.DELETE, Op.DISCARD)
    if row is None:
        yield from _of_others(step, gone=gone)
        return
    old = step.old.inputs if step.old else {}
    new = None if gone else _judged(step.new.inputs if step.new else {})
    findings = judge(Change(kind=state.kind, name=state.name, old=_judged(old), new=new))
    yield from (_told(found, acknowledged, stack) for found in findings)
    replaced = any(found.effect is Effect.REPLACEMENT for found in findings)
    if step.op in _REPLACES and not replaced:
        because = ", ".join(step.replaced_for) or "the provider's own reasons"
        yield Risk(
            level=Level.DESTROYS,
            name=state.name,
            what=f"replaced: {because}",
            why=f"it would be deleted and made anew, and with it go {row.holds}",
            refused=True,
            todo=(
                "find out why, before anything else: the table of transitions does not know this property",
            ),
        )


def _judged(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Inputs with what is not known yet as the judge knows it."""
    return {key: _plain(value) for key, value in inputs.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _judged(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return HIDDEN if value == UNKNOWN else value


def _told(found: Finding, acknowledged: frozenset[str], stack: str) -> Risk:
    what = f"{found.path} {shown(found.before)} → {shown(found.after)}" if found.path else "deleted"
    allowed = found.effect in _REFUSED and bool(found.acknowledge) and found.key in acknowledged
    refused = found.effect in _REFUSED and not allowed
    return Risk(
        level=_LEVELS[found.effect],
        name=found.name,
        what=what,
        why=f"{found.effect}: {found.reason}" + (" (acknowledged)" if allowed else ""),
        refused=refused,
        one_way=found.effect is Effect.ONE_WAY,
        todo=tuple(_todo(found, stack)) if refused else (),
    )


def _todo(found: Finding, stack: str) -> Iterator[str]:
    number = len(found.steps)
    if number > 1:
        yield f"the way, {number} updates:"
    for place, step in enumerate(found.steps, start=1):
        if step.note:
            yield f"{place}. {step.note}" if number > 1 else step.note
        elif number > 1:
            yield f"{place}."
        yield from commands(step, stack)
    if found.acknowledge:
        yield "to have it all the same:"
        yield acknowledging(found, stack)


def shown(value: object) -> str:
    """A value in a few words."""
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _rolls(state: State) -> bool:
    return state.kind in _PODS


def _of_others(step: Step, *, gone: bool) -> Iterator[Risk]:
    """What is lost with what is no store, pods that restart, and plain resources that are replaced."""
    state = step.state
    kept = state.inputs.get("skipDestroy") is True
    if (gone or step.op in _REPLACES) and state.kind in _LOST and not kept:
        what = "deleted" if gone else f"replaced: {', '.join(step.replaced_for)}"
        yield Risk(level=Level.DESTROYS, name=state.name, what=what, why=f"with it go {_LOST[state.kind]}")
    elif step.op in _REPLACES:
        because = ", ".join(step.replaced_for) or "the provider's own reasons"
        runs = _rolls(state) or state.kind.endswith(":Job")
        yield Risk(
            level=Level.RESTARTS if runs else Level.REPLACES,
            name=state.name,
            what=f"replaced: {because}",
            why="it is deleted and made anew; it holds no data",
        )
    elif _rolls(state) and gone:
        yield Risk(level=Level.RESTARTS, name=state.name, what="deleted", why="its pods end")
    elif _rolls(state) and step.op is Op.UPDATE and _template(step.old) != _template(step.new):
        kind = state.kind.rsplit(":", 1)[-1]
        how = "on every node, one after another" if kind == "DaemonSet" else "one after another"
        yield Risk(level=Level.RESTARTS, name=state.name, what="new pods", why=f"its pods restart {how}")


def _template(state: State | None) -> Any:
    spec = state.inputs.get("spec") if state else None
    return spec.get("template") if isinstance(spec, Mapping) else None


_PROTECTED = re.compile(r"unable to (replace|delete) resource")


def _of_diagnostics(told: Iterable[Diagnostic]) -> Iterator[Risk]:
    """What the engine refused before it could tell a step."""
    for found in told:
        match = _PROTECTED.search(found.message)
        if match is None or not found.urn:
            continue
        name, kind = name_of(found.urn), found.urn.split("::")[2].rsplit("$", 1)[-1]
        row = holder(kind, name)
        yield Risk(
            level=Level.DESTROYS,
            name=name,
            what="replaced" if match[1] == "replace" else "deleted",
            why=f"it is protected; with it would go {row.holds if row else 'what it holds'}",
            refused=True,
            todo=("take the change back, or read docs/restore.md and docs/teardown.md first",),
        )
