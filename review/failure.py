"""Why a preview failed: what the program and the engine said, but for refusals that are told as risks."""

import re
from collections.abc import Iterable, Iterator, Sequence

from config.holders import Effect
from review.fit import Part
from review.level import Risk
from review.markdown import code, fence
from review.preview import Diagnostic, Preview, name_of
from review.risk import PROTECTED

LICENCE = "neo4j.acceptLicense"
# As `model.transitions.report` words a finding, maybe behind words of the engine's.
_REFUSAL = re.compile(rf"(?:^|: )([^\s:]+): (?:deleted|\S+ [^\n]* → [^\n]*): (?:{'|'.join(Effect)}): ")


def failure(preview: Preview, found: Sequence[Risk]) -> Iterator[Part]:
    """What the program or the engine said, unless it is told as a risk."""
    told = tuple(risk.name for risk in found if risk.refused)
    names: dict[str, list[str]] = {}
    for each in preview.diagnostics:
        if each.severity == "error" and not _is_told(each, told):
            names.setdefault(_cleaned(each), []).append(name_of(each.urn))
    blocks = [_said(message, [name for name in of if name]) for message, of in names.items()]
    yield Part(heading="#### Why it failed", blocks=blocks, count=len(blocks), noun="messages")


def _said(message: str, names: Sequence[str]) -> str:
    """A message, and of which resources it was said."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    of = f"{', '.join(code(name) for name in names[:5])}{more}:\n\n" if names else ""
    return f"{of}{fence(message, 'text')}"


def _is_told(found: Diagnostic, names: Iterable[str]) -> bool:
    """Whether it is a refusal of the program's, or of the engine's protection, that is told as a risk.

    Whatever else names a refused resource is another error.
    """
    text = found.message.removeprefix("error: ").strip()
    if text.startswith("refused, see above: ") or text == "preview failed":
        return True
    first, _, rest = text.partition("\n")
    if first.startswith("one problem in the settings"):
        return LICENCE in names and rest.lstrip().startswith(f"{LICENCE}: ")
    if PROTECTED.match(text):
        return name_of(found.urn) in names
    refusal = _REFUSAL.search(first)
    return refusal is not None and refusal[1] in names


def _cleaned(found: Diagnostic) -> str:
    """The message; of a traceback its end, which says what happened."""
    lines = found.message.strip().splitlines()
    if len(lines) > 20 and "Traceback" in found.message:
        return "\n".join([lines[0], "  …", *lines[-8:]])
    return "\n".join(lines)
