"""What is at risk: each change judged, with why and what to do; the worst of them names the whole."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from config.holders import Effect, Holder, holder, holders
from model.transitions import Change, Finding, judge
from model.transitions.finding import HIDDEN
from model.transitions.report import acknowledging, commands
from review.kinds import LOST
from review.level import Level, Risk
from review.others import lost, restarted, weakened
from review.preview import Diagnostic, Op, Preview, State, Step, name_of
from review.secrets import UNKNOWN

REPLACING = (
    Op.REPLACE,
    Op.CREATE_REPLACEMENT,
    Op.IMPORT_REPLACEMENT,
    Op.READ_REPLACEMENT,
    Op.DELETE_REPLACED,
    Op.DISCARD_REPLACED,
)
"""Steps of a replacement: there may be several of one resource, and one alone is one all the same."""
_LEFT = (Op.DELETE_REPLACED, Op.DISCARD_REPLACED)
_GONE = (Op.DELETE, Op.DISCARD)
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


def risks(steps: Iterable[Step], preview: Preview, acknowledged: frozenset[str]) -> tuple[Risk, ...]:
    """What the steps put at risk, the worst first."""
    steps = tuple(steps)
    leaving = {step.parent for step in steps if step.op in _GONE and _holds(step.state)} - {""}
    found = [
        risk
        for step in _told_once(steps)
        for risk in _of_step(step, acknowledged, preview.stack, along=step.parent in leaving)
    ]
    named = {risk.name for risk in found}
    found += [risk for risk in _of_diagnostics(preview.diagnostics) if risk.name not in named]
    return tuple(sorted(set(found), key=lambda risk: (not risk.refused, -risk.level, risk.name, risk.what)))


def level(found: Iterable[Risk]) -> Level:
    """The worst of the risks."""
    return max((risk.level for risk in found), default=Level.SAFE)


def _holds(state: State) -> bool:
    return state.kind in LOST or state.kind in holders()


def _told_once(steps: Sequence[Step]) -> Iterator[Step]:
    """Each replacement by the step that has both sides; what is left of one, only where it stands alone."""
    whole = {step.urn for step in steps if step.op in REPLACING and step.op not in _LEFT}
    return (step for step in steps if step.op not in _LEFT or step.urn not in whole)


def _of_step(step: Step, acknowledged: frozenset[str], stack: str, *, along: bool) -> Iterator[Risk]:
    state, gone = step.state, step.op in _GONE
    if step.op is Op.SAME:
        return
    yield from weakened(step)
    if step.op in (Op.CREATE, Op.IMPORT):
        return
    row = holder(state.kind, state.name)
    if row is not None:
        yield from _of_store(step, row, acknowledged, stack)
    elif gone or step.op in REPLACING:
        yield from lost(step, gone=gone, along=along)
    else:
        yield from restarted(step)


def _of_store(step: Step, row: Holder, acknowledged: frozenset[str], stack: str) -> Iterator[Risk]:
    state, gone = step.state, step.op in _GONE or step.op in _LEFT
    old = step.old.inputs if step.old else {}
    new = None if gone else _judged(step.new.inputs if step.new else {})
    findings = judge(Change(kind=state.kind, name=state.name, old=_judged(old), new=new))
    yield from (_told(found, acknowledged, stack) for found in findings)
    replaced = any(found.effect is Effect.REPLACEMENT for found in findings)
    if step.op in REPLACING and not gone and not replaced:
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


PROTECTED = re.compile(r"unable to (replace|delete) resource")


def _of_diagnostics(told: Iterable[Diagnostic]) -> Iterator[Risk]:
    """What the engine refused before it could tell a step."""
    for found in told:
        match = PROTECTED.search(found.message)
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
