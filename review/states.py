"""The whole stack before and after a preview: what it tells, and the plan for what it leaves out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from config.decode import decode
from config.errors import SettingsError
from config.files import DataError
from config.settings import Settings, load
from model.plan import build_plan
from model.slices import Load, Plan
from model.transitions.finding import HIDDEN
from review.planned import planned
from review.preview import Op, Preview, State, Step

_LICENCE = "neo4j.acceptLicense"
_PROJECT = "axiom-monitoring"
_STACK = "pulumi:pulumi:Stack"
_STAYS = (Op.UPDATE, Op.SAME, Op.REPLACE, Op.CREATE_REPLACEMENT, Op.REFRESH, Op.READ)
_COMES = (*_STAYS, Op.CREATE, Op.IMPORT, Op.IMPORT_REPLACEMENT, Op.READ_REPLACEMENT)
_GOES = (*_STAYS, Op.DELETE, Op.DELETE_REPLACED, Op.DISCARD, Op.DISCARD_REPLACED)


@dataclass(frozen=True, kw_only=True)
class Side:
    """A stack at one moment: tier and sinks (empty where not known), what is declared, its load."""

    tier: str = ""
    sinks: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    load: Load | None = None


@dataclass(frozen=True, kw_only=True)
class Sides:
    """A stack before and after, and the steps between."""

    before: Side
    after: Side
    steps: tuple[Step, ...]
    partial: bool = False
    """Whether neither the preview nor a plan says what stays: figures are of what changes only."""
    from_plan: bool = False
    """Whether what the preview does not tell of is of plans: it failed, or there is none."""
    needs_licence: bool = False
    """Whether the settings lack the acknowledgement of Neo4j's licence."""


def sides(preview: Preview) -> Sides:
    """Both sides of a preview.

    What it does not tell of stays as it is, and is taken from the plan; where it failed, nothing says so,
    and what it does not tell of is taken from the plans of before and after.
    """
    wanted = settings_of(preview)
    plan = wanted.plan
    made_or_gone = any(
        step.state.kind == _STACK and step.op in (Op.CREATE, Op.DELETE) for step in preview.steps
    )
    whole = not preview.failed and (preview.has_sames or made_or_gone)
    later = planned(plan) if plan and not whole else ()
    applied = _plan_of(_applied(preview), preview.stack)
    earlier = later
    if preview.failed:
        earlier = planned(applied) if applied else ()
    before, after = _overlaid(preview.steps, earlier, later)
    untold = (
        _differing(_without(earlier, preview), _without(later, preview), preview) if preview.failed else ()
    )
    return Sides(
        before=_before(preview, before, applied),
        after=_after(preview, after, wanted, plan),
        steps=(*preview.changes, *untold),
        partial=not whole and plan is None,
        from_plan=preview.failed,
        needs_licence=wanted.needs_licence,
    )


def growth(preview: Preview, tier: str) -> Sides:
    """What would come after this preview if the tier were another: plans alone."""
    here = settings_of(preview)
    there = _loaded({**here.values, "tier": tier}, preview.stack)
    plans = here.plan, there.plan
    if plans[0] is None or plans[1] is None:
        return Sides(before=Side(), after=Side(), steps=(), partial=True)
    before, after = (
        Side(tier=plan.identity.tier, sinks=plan.identity.sinks, states=planned(plan), load=plan.load)
        for plan in (plans[0], plans[1])
    )
    steps = tuple(_differing(before.states, after.states, preview))
    return Sides(before=before, after=after, steps=steps, from_plan=True, needs_licence=there.needs_licence)


@dataclass(frozen=True)
class Wanted:
    """Settings of a preview as they are written; None where they are refused."""

    values: Mapping[str, Any]
    settings: Settings | None
    needs_licence: bool = False

    @cached_property
    def plan(self) -> Plan | None:
        """The plan, where there is one."""
        try:
            return build_plan(self.settings) if self.settings else None
        except DataError:
            return None


def settings_of(preview: Preview) -> Wanted:
    """The settings that the preview was made with. Lacking only Neo4j's licence, they count as with it."""
    prefix = f"{preview.project or _PROJECT}:"
    raw = {
        key.removeprefix(prefix): value
        for key, value in preview.config.items()
        if key.startswith(prefix) and value != HIDDEN
    }
    if not raw:
        # It told no settings: nobody knows what was wanted.
        return Wanted({}, None)
    try:
        return _loaded(decode(raw, stack=preview.stack), preview.stack)
    except (SettingsError, RecursionError):
        return Wanted({}, None)


def _loaded(values: Mapping[str, Any], stack: str) -> Wanted:
    return _looked_at(json.dumps(values, sort_keys=True, default=str), stack)


@lru_cache(maxsize=16)
def _looked_at(text: str, stack: str) -> Wanted:
    """Settings by their JSON: a comment asks for the same several times, and a plan takes a while."""
    values = json.loads(text)
    try:
        return Wanted(values, load(values, stack=stack))
    except SettingsError as error:
        if [problem.key for problem in error.problems] != [_LICENCE]:
            return Wanted(values, None)
    except RecursionError:
        return Wanted(values, None)
    graph = values.get("neo4j")
    licensed = {**values, "neo4j": {**(graph if isinstance(graph, dict) else {}), "acceptLicense": True}}
    return replace(_loaded(licensed, stack), needs_licence=True)


def _applied(preview: Preview) -> Mapping[str, Any]:
    """The settings with tier and sinks as the stack tells that they are now; empty where it tells nothing."""
    outputs = _outputs(preview)
    if not outputs.get("tier"):
        return {}
    wanted = dict(settings_of(preview).values)
    return {**wanted, "tier": outputs["tier"], "logSinks": list(_sinks(outputs))}


def _sinks(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    found = outputs.get("sinks")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _outputs(preview: Preview) -> Mapping[str, Any]:
    stacks = (step.old for step in preview.steps if step.state.kind == _STACK and step.old)
    return next((state.outputs for state in stacks), {})


def _plan_of(values: Mapping[str, Any], stack: str) -> Plan | None:
    return _loaded(values, stack).plan if values else None


def _without(states: Iterable[State], preview: Preview) -> tuple[State, ...]:
    """The states that the preview does not tell of."""
    told = {(step.state.kind, step.state.name) for step in preview.steps}
    return tuple(state for state in states if (state.kind, state.name) not in told)


def _differing(before: Iterable[State], after: Iterable[State], preview: Preview) -> Iterator[Step]:
    """The steps between two plans."""
    old, new = _by_key(before), _by_key(after)
    for kind, name in sorted(old.keys() | new.keys()):
        was, becomes = old.get((kind, name)), new.get((kind, name))
        if was != becomes:
            op = Op.CREATE if was is None else Op.DELETE if becomes is None else Op.UPDATE
            urn = f"urn:pulumi:{preview.stack}::{preview.project or _PROJECT}::{kind}::{name}"
            yield Step(op=op, urn=urn, old=was, new=becomes)


def _by_key(states: Iterable[State]) -> dict[tuple[str, str], State]:
    return {(state.kind, state.name): state for state in states}


def _overlaid(
    steps: Iterable[Step], earlier: Iterable[State], later: Iterable[State]
) -> tuple[tuple[State, ...], tuple[State, ...]]:
    """What is declared before and after: what no step tells of is as it is planned."""
    before, after = _by_key(earlier), _by_key(later)
    told = [step for step in steps if step.state.custom]
    for step in told:
        for side in (before, after):
            side.pop((step.state.kind, step.state.name), None)
    for step in told:
        if step.old is not None and step.op in _GOES:
            before[step.old.kind, step.old.name] = step.old
        if step.new is not None and step.op in _COMES:
            after[step.new.kind, step.new.name] = step.new
    return tuple(before[key] for key in sorted(before)), tuple(after[key] for key in sorted(after))


def _before(preview: Preview, states: tuple[State, ...], plan: Plan | None) -> Side:
    outputs = _outputs(preview)
    return Side(
        tier=str(outputs.get("tier") or ""),
        sinks=_sinks(outputs),
        states=states,
        load=plan.load if plan else None,
    )


def _after(preview: Preview, states: tuple[State, ...], wanted: Wanted, plan: Plan | None) -> Side:
    if any(step.state.kind == _STACK and step.op is Op.DELETE for step in preview.steps):
        return Side(states=states)
    settings = wanted.settings
    return Side(
        tier=settings.tier if settings else str(wanted.values.get("tier") or ""),
        sinks=tuple(settings.log_sinks) if settings else (),
        states=states,
        load=plan.load if plan else None,
    )
