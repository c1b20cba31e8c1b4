"""What a preview says, typed: `pulumi preview --json` without secrets; refused where it is unknown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from review.names import clean_types, clean_urn
from review.secrets import clean, clean_text


class InputError(Exception):
    """The input is no preview that this program knows; one line says why."""


class Op(StrEnum):
    """What the engine would do with a resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"


@dataclass(frozen=True, kw_only=True)
class State:
    """A resource as it is declared: type token, logical name, inputs without secrets."""

    kind: str
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    protect: bool = False
    custom: bool = True
    """Whether a provider makes it: a component only holds some, and the engine's own are none."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What would become of one resource; `old` and `new` are None where there is none."""

    op: Op
    urn: str
    old: State | None
    new: State | None
    paths: Mapping[str, str] = field(default_factory=dict)
    """Kind of change by property path, such as `update` by `spec.replicas`."""
    replaced_for: tuple[str, ...] = ()
    """Properties that force a replacement."""
    parent: str = ""
    """URN of the component that declares it."""

    @property
    def state(self) -> State:
        """The resource as it will be, or as it was."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def component(self) -> str:
        """Type and name of the outermost component that it belongs to; empty where it stands alone.

        Names of components within components begin with the outer one's and end in a part of one word.
        """
        if self.parent.count("::") < 3:
            return ""
        types = self.parent.split("::")[2].split("$")
        name, kind = name_of(self.parent), types[0].rsplit(":", 1)[-1]
        return f"{kind} {name.rsplit('-', len(types) - 1)[0]}" if not types[0].startswith("pulumi:") else ""


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """What the engine or the program said; `name` is the resource's, empty where it is of none."""

    severity: str
    message: str
    urn: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One preview of one stack."""

    stack: str
    project: str
    config: Mapping[str, Any]
    steps: tuple[Step, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the program or the engine refused or broke."""
        return any(found.severity == "error" for found in self.diagnostics)

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that change something: components and the stack itself are no resources."""
        return tuple(step for step in self.steps if step.op not in _QUIET and step.state.custom)

    @property
    def has_sames(self) -> bool:
        """Whether it also names what stays: with `--show-sames`, and a refresh."""
        return any(step.op in (Op.SAME, Op.REFRESH) and step.state.custom for step in self.steps)


_QUIET = (Op.SAME, Op.READ, Op.REFRESH, Op.REMOVE_PENDING_REPLACE)
_KNOWN = frozenset(Op)


_STACK = "pulumi:pulumi:Stack"


def name_of(urn: str) -> str:
    """The logical name."""
    return urn.split("::", 3)[3] if urn.count("::") >= 3 else urn


def previews(text: str, *, stack: str = "") -> list[Preview]:
    """Every preview in `text`, one after another; `stack` is the name where a preview tells none.

    Raises:
        InputError: there is none, one is cut off, or one is of another version.
    """
    try:
        found = [_preview(document, stack) for document in _documents(text)]
    except RecursionError:
        raise InputError("no JSON of a preview: nested too deeply") from None
    if not found:
        raise InputError("the input is empty: pipe `pulumi preview --json` into it")
    return found


def without_digest(stack: str, said: str) -> Preview:
    """A preview that came to no digest: all that is known is what was said."""
    told = Diagnostic(severity="error", message=clean_text(said.strip()))
    return Preview(stack=clean_text(stack or "unknown"), project="", config={}, steps=(), diagnostics=(told,))


def ended(preview: Preview, status: int) -> Preview:
    """The preview with how the engine ended: whatever it told, one that ended badly is no whole one."""
    if not status or preview.failed:
        return preview
    told = f"the engine ended with status {status} and told no error: what stands here may not be all"
    return replace(preview, diagnostics=(*preview.diagnostics, Diagnostic(severity="error", message=told)))


def _documents(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    place, end = 0, len(text)
    while True:
        while place < end and text[place].isspace():
            place += 1
        if place == end:
            return
        try:
            document, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            raise InputError(f"no JSON of a preview: {error.msg} at line {error.lineno}; {_HINT}") from None
        except ValueError:
            raise InputError("no JSON of a preview: a number of more digits than anything counts") from None
        yield document


_HINT = "was it cut off, or is other output mixed in?"


def _preview(document: Any, stack: str) -> Preview:
    if not isinstance(document, dict) or not ("steps" in document or "diagnostics" in document):
        raise InputError(
            "JSON, but no digest of `pulumi preview --json`: it has neither steps nor diagnostics"
        )
    raw_steps, raw_told = document.get("steps") or [], document.get("diagnostics") or []
    if not _listed(raw_steps) or not _listed(raw_told) or not isinstance(document.get("config") or {}, dict):
        raise InputError(
            "a preview of another version: steps and diagnostics are lists of objects, config is one"
        )
    steps = tuple(sorted((_step(raw) for raw in raw_steps), key=lambda step: (step.urn, step.op)))
    names = sorted({tuple(step.urn.split("::")[:2]) for step in steps})
    if len(names) > 1:
        raise InputError(f"a preview of {len(names)} stacks at once: {names[0]} and {names[1]}")
    found = names[0][0].rpartition(":")[2] if names else ""
    if stack and found and found != stack:
        raise InputError(f"this is a preview of stack {found}, not of {stack}")
    told = tuple(_diagnostics(raw_told))
    if not any(step.state.kind == _STACK for step in steps) and all(
        each.severity != "error" for each in told
    ):
        raise InputError("a preview that says nothing: neither the stack's own step nor an error")
    return Preview(
        stack=clean_text(found or stack or "unknown"),
        project=clean_text(names[0][1]) if names else "",
        config=clean(document.get("config") or {}),
        steps=steps,
        diagnostics=told,
    )


def _listed(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(item, dict) for item in found)


def _step(raw: Mapping[str, Any]) -> Step:
    op, urn = raw.get("op"), raw.get("urn")
    if not isinstance(op, str) or op not in _KNOWN:
        raise InputError(f"a preview of another version: unknown operation {str(op)[:40]!r}")
    if not isinstance(urn, str) or urn.count("::") < 3:
        raise InputError(f"a preview of another version: {str(urn)[:80]!r} is no URN")
    urn = clean_urn(urn)
    old, new = _state(raw.get("oldState"), urn), _state(raw.get("newState"), urn)
    if old is None and new is None:
        raise InputError(f"a preview of another version: step {op} of {name_of(urn)[:80]} has no state")
    return Step(
        op=Op(op),
        urn=urn,
        old=old,
        new=new,
        paths=_paths(raw.get("detailedDiff")),
        replaced_for=_texts(raw.get("replaceReasons")),
        parent=_parent(raw),
    )


def _paths(raw: Any) -> dict[str, str]:
    if not isinstance(raw, dict):
        return {}
    return {
        clean_text(path): str(found.get("kind", "update")) if isinstance(found, dict) else "update"
        for path, found in sorted(raw.items())
    }


def _parent(raw: Mapping[str, Any]) -> str:
    states = (raw.get(side) for side in ("newState", "oldState"))
    found = (str(state["parent"]) for state in states if isinstance(state, dict) and state.get("parent"))
    return clean_urn(next(found, ""))


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(clean_text(str(item)) for item in raw) if isinstance(raw, list) else ()


def _state(raw: Any, urn: str) -> State | None:
    if not isinstance(raw, dict):
        return None
    kind = str(raw.get("type") or urn.split("::")[2].rsplit("$", 1)[-1])
    return State(
        kind=clean_types(kind),
        name=name_of(urn),
        inputs=clean(_mapping(raw.get("inputs"))),
        outputs=clean(_mapping(raw.get("outputs"))) if kind == _STACK else {},
        protect=raw.get("protect") is True,
        # What does not say so is taken for a resource: none is left out of what is judged.
        custom=raw.get("custom") is not False and not kind.startswith("pulumi:"),
    )


def _mapping(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _diagnostics(raw: Sequence[Mapping[str, Any]]) -> Iterator[Diagnostic]:
    """Each once: a message may be repeated at the end."""
    seen = set()
    for found in raw:
        told = Diagnostic(
            severity=str(found.get("severity") or "info"),
            message=clean_text(str(found.get("prefix") or "") + str(found.get("message") or "")),
            urn=clean_urn(str(found.get("urn") or "")),
        )
        if told not in seen:
            seen.add(told)
            yield told
