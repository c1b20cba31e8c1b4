"""What a preview did not check, said where it matters."""

from collections.abc import Iterator

from review.markdown import code
from review.planned import EKS
from review.preview import Op, Preview
from review.secrets import UNKNOWN
from review.states import Sides

_SAID = "not checked:"


def unchecked(preview: Preview, sides: Sides) -> tuple[str, ...]:
    """Each in a line of Markdown."""
    return tuple(_lines(preview, sides))


def _lines(preview: Preview, sides: Sides) -> Iterator[str]:
    if preview.failed:
        yield "The preview failed: what it did not come to is told here as it is planned."
    if any(step.op is Op.CREATE and step.state.kind == EKS for step in preview.changes):
        yield (
            "The cluster does not exist yet, so nothing inside Kubernetes was checked: run the preview again"
            " once it stands."
        )
    for found in preview.diagnostics:
        if _SAID in found.message:
            yield code(found.message.partition(_SAID)[2].strip(), 200)
    waiting = sum(1 for step in preview.changes if step.new and UNKNOWN in str(step.new.inputs)[:20_000])
    if waiting:
        yield f"Values of {waiting} resources are known after the update only."
    if sides.partial:
        yield "The settings of this stack could not be read, so what stays is not counted."
    yield (
        "What AWS has become since the last update (`--refresh` looks), its quotas, names that are taken,"
        " policies of the organisation, and whether pods start."
    )
