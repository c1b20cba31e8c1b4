"""One changed resource: a block of Markdown with what becomes of each of its properties."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from model.container import OUTLINE
from model.transitions.finding import HIDDEN
from review.markdown import code, inset
from review.meaning import access, files, hpa, workloads
from review.meaning.reading import Reader
from review.meaning.tree import ABSENT, differences, line
from review.planned import AUTOSCALER, SCALED_OBJECT
from review.preview import Op, State, Step
from review.secrets import UNKNOWN

_MOST_LINES = 30
_LONGEST = 4_000
_CONFIG = "kubernetes:core/v1:ConfigMap"
_PODS = "kubernetes:apps/v1:"
_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
_DASHBOARD = ":Dashboard"
_WORDS = {
    Op.CREATE: "created",
    Op.UPDATE: "changed",
    Op.DELETE: "**deleted**",
    Op.REPLACE: "**replaced**",
    Op.CREATE_REPLACEMENT: "**replaced**",
    Op.DELETE_REPLACED: "**deleted for its replacement**",
    Op.IMPORT: "imported",
    Op.IMPORT_REPLACEMENT: "**replaced by what is imported**",
    Op.READ_REPLACEMENT: "**replaced by what is read**",
    Op.DISCARD: "forgotten",
    Op.DISCARD_REPLACED: "forgotten for its replacement",
}


def block(step: Step, reader: Reader) -> str:
    """The list item of a step."""
    state = step.state
    kind = state.kind.rsplit(":", 1)[-1]
    head = f"- {code(state.name)} ({code(kind, 60)}) {_WORDS.get(step.op, step.op.value)}"
    if step.replaced_for:
        head += f": {', '.join(code(reason) for reason in step.replaced_for[:8])} cannot change in place"
    if step.old is None or step.new is None or step.op in (Op.DELETE, Op.DELETE_REPLACED):
        return head
    return "\n".join(_listed(head, _changes(step, step.old, step.new, reader)))


def _listed(head: str, lines: Iterator[str]) -> Iterator[str]:
    """The head and the lines below it, as many as a block may have."""
    yield head
    length = len(head)
    for place, text in enumerate(lines):
        item = inset(f"- {inset(text).lstrip()}")
        length += len(item)
        if place == _MOST_LINES or length > _LONGEST:
            rest = 1 + sum(1 for _ in islice(lines, 1000))
            yield f"  - … {'1,000 or' if rest > 1000 else rest} more"
            return
        yield item


def _changes(step: Step, old: State, new: State, reader: Reader) -> Iterator[str]:
    if old.kind == _CONFIG:
        yield from _files(old, new, reader)
    elif old.kind.startswith(_PODS):
        yield from workloads.changes(old.inputs, new.inputs)
    elif old.kind in (AUTOSCALER, SCALED_OBJECT):
        yield from hpa.changes(old.inputs, new.inputs)
    elif old.kind == _POLICY:
        yield from access.changes(old.inputs, new.inputs)
    elif old.kind.endswith(_DASHBOARD):
        yield from _file("configJson", old.inputs, new.inputs, reader)
        yield from _plain(old, new, reader, "configJson")
    else:
        yield from _plain(old, new, reader)
    yield from _unseen(step, old, new)


def _files(old: State, new: State, reader: Reader) -> Iterator[str]:
    one, other = (side.inputs.get("data") for side in (old, new))
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        yield from _plain(old, new, reader)
        return
    for name in sorted(one.keys() | other.keys()):
        yield from _file(name, one, other, reader)
    # What a long file says, once more: shown by the engine in the file's place.
    yield from _plain(old, new, reader, "data", f"metadata.annotations.{OUTLINE}")


def _file(name: str, old: Mapping[str, Any], new: Mapping[str, Any], reader: Reader) -> Iterator[str]:
    was, becomes = old.get(name, ABSENT), new.get(name, ABSENT)
    if was == becomes:
        return
    if UNKNOWN in (was, becomes):
        yield f"{code(name)} changes, and is {UNKNOWN}"
    elif isinstance(was, str) and isinstance(becomes, str) and max(len(was), len(becomes)) > 60:
        yield from (f"{code(name)}: {said}" for said in files.changes(was, becomes, reader))
    elif "\n" in f"{was}{becomes}":
        word = "added" if was is ABSENT else "removed" if becomes is ABSENT else "changed"
        yield f"file {code(name)} {word}"
    else:
        yield line((name, was, becomes))


def _plain(old: State, new: State, reader: Reader, *told: str) -> Iterator[str]:
    one, other = ({key: side.inputs[key] for key in side.inputs if key not in told} for side in (old, new))
    for path, was, becomes in differences(one, other):
        if path in told:
            continue
        if isinstance(was, str) and isinstance(becomes, str) and "\n" in was + becomes:
            yield from (f"{code(path)} {said}" for said in files.changes(was, becomes, reader))
        else:
            yield line((path, was, becomes))


def _unseen(step: Step, old: State, new: State) -> Iterator[str]:
    """Changes that the inputs do not show: of secrets, which look the same on both sides."""
    for path in step.paths:
        key = path.split(".")[0].split("[")[0]
        if old.inputs.get(key) == new.inputs.get(key) and (key in old.inputs or key in new.inputs):
            hidden = HIDDEN in str(old.inputs.get(key))[:1000]
            yield f"{code(path)}: {'another secret' if hidden else 'changed'}"
