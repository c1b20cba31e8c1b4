"""The comment: a headline, what is at risk, what changes, what it carries and costs, what is not known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from review.changes import block
from review.failure import LICENCE, failure
from review.figures import bills, cost_line, figures
from review.fit import LIMIT, POSTED, Part, fitted
from review.level import Level, Risk
from review.markdown import code, cut, details, fence, inset, plain
from review.meaning.reading import Reader
from review.preview import Op, Preview, Step
from review.risk import REPLACING, level, risks
from review.states import Sides, growth, settings_of, sides
from review.unchecked import unchecked

_MARKS = {
    Level.SAFE: "✅",
    Level.RESTARTS: "🔄",
    Level.REPLACES: "⚠️",
    Level.WEAKENS: "⚠️",
    Level.DESTROYS: "⛔",
}
_REFUSED = "🛑"
_COUNTED = {
    Op.CREATE: "created",
    Op.UPDATE: "changed in place",
    Op.DELETE: "deleted",
    Op.IMPORT: "imported",
    Op.DISCARD: "forgotten",
}
_SHORT = 12
# What a stack needs at the least: its head, what is not checked, and some of the rest.
_LEAST = 6_000


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the comment is to hold beside the preview, and how much of it."""

    marker: str = ""
    """Hidden in the comment, so that it is found again."""
    tier: str = ""
    """A tier for "and if the tier were"."""
    limit: int | None = LIMIT - POSTED
    where: str = ""
    """Where the whole text can be read, as Markdown."""
    commit: str = ""
    """What was previewed: a comment that is left standing says of what it is."""


def comment(previews: Sequence[Preview], options: Options) -> str:
    """The Markdown of one comment about one or several stacks."""
    marker = f"<!-- {options.marker} -->\n" if options.marker else ""
    reader = Reader()
    if options.limit is None:
        return marker + "\n".join(_of_stack(preview, options, None, reader) for preview in previews)
    shown = previews[: max(1, options.limit // _LEAST)]
    each = (options.limit - len(marker) - _LEAST // 10) // len(shown) - 2
    texts = [_of_stack(preview, options, each, reader) for preview in shown]
    if len(shown) < len(previews):
        texts.append(f"*Left out here: {len(previews) - len(shown):,} more stacks*\n")
    return marker + "\n".join(texts)


def _of_stack(preview: Preview, options: Options, limit: int | None, reader: Reader) -> str:
    both = sides(preview)
    wanted = settings_of(preview).settings
    found = risks(both.steps, preview, wanted.acknowledged if wanted else frozenset())
    if both.needs_licence:
        found = (_needs_licence(preview), *found)
    head = _headline(preview, both, found, options.commit)
    parts = [
        *failure(preview, found),
        *_at_risk(found),
        *_growth(preview, options.tier),
        _figures(both),
        *_changed(preview, reader),
    ]
    foot = _foot(preview, both)
    return fitted(head, [part for part in parts if part.count], foot, limit=limit, where=options.where)


def _needs_licence(preview: Preview) -> Risk:
    tier = settings_of(preview).settings
    return Risk(
        level=Level.SAFE,
        name=LICENCE,
        what="Neo4j licence needed",
        why=f"tier {tier.tier if tier else ''} runs Neo4j Enterprise, whose licence must be acknowledged",
        refused=True,
        todo=(f"pulumi config set --path neo4j.acceptLicense true --stack {preview.stack}",),
    )


def missing(stack: str, commit: str, where: str) -> str:
    """The comment where a preview came to nothing at all: what stood there was of an older commit."""
    told = f"### {_REFUSED} {code(stack, 60)}: **no preview** of {code(commit[:_SHORT])}\n\n"
    more = f" {where}" if where else ""
    return f"{told}Nothing is known of what it would change: the job ended before it was told.{more}\n"


def _headline(preview: Preview, both: Sides, found: Sequence[Risk], commit: str) -> str:
    names = f"### {_mark(preview, found)} {code(preview.stack, 60)}: {_verdict(preview, both, found)}"
    facts = [
        *([f"of {code(commit[:_SHORT])}"] if commit else []),
        f"tier {_moved(both.before.tier, both.after.tier)}",
        f"log sinks {_moved(', '.join(both.before.sinks), ', '.join(both.after.sinks))}",
    ]
    cost = "" if both.partial else cost_line(*bills(both))
    return f"{names}\n\n{' · '.join([*facts, *([cost] if cost else []), _counts(preview)])}"


def _mark(preview: Preview, found: Sequence[Risk]) -> str:
    refused = preview.failed or any(risk.refused for risk in found)
    return _REFUSED if refused else _MARKS[level(found)]


def _verdict(preview: Preview, both: Sides, found: Sequence[Risk]) -> str:
    """The worst that it does, and whether it would be made at all."""
    if not both.steps and not found:
        return "**the preview failed**" if preview.failed else "**safe**, nothing changes"
    worst = level(found)
    judged = worst is not Level.DESTROYS or any(risk.judged for risk in found if risk.level is worst)
    words = [f"**{worst.word}**" if judged else f"**{worst.word}, not judged**"]
    if any(risk.one_way for risk in found):
        words.append("with no way back")
    if any(risk.refused for risk in found):
        words.append("and is refused as it is")
    elif preview.failed:
        words.append("as planned; **the preview failed**")
    return ", ".join(words)


def _moved(before: str, after: str) -> str:
    one, other = plain(before, 80) or "none", plain(after, 80) or "none"
    return f"**{one} → {other}**" if one != other else one


def _counts(preview: Preview) -> str:
    """How many of each; a replacement is several steps of one resource."""
    counted: dict[str, set[str]] = {}
    for step in preview.changes:
        word = "replaced" if step.op in REPLACING else _COUNTED.get(step.op)
        if word:
            counted.setdefault(word, set()).add(step.urn)
    return ", ".join(f"{len(urns):,} {word}" for word, urns in counted.items()) or (
        "no change told" if preview.failed else "no changes"
    )


def _at_risk(found: Sequence[Risk]) -> Iterator[Part]:
    grave = [risk for risk in found if risk.refused or risk.level > Level.SAFE]
    yield Part(
        heading="#### At risk",
        blocks=(_risk(risk) for risk in _gathered(grave)),
        count=len(_gathered(grave)),
        noun="risks",
    )
    safe = _in_place([risk for risk in found if not risk.refused and risk.level is Level.SAFE])
    yield Part(heading="Touches data, in place:", blocks=safe, count=len(safe), noun="stores")


def _in_place(found: Sequence[Risk]) -> list[str]:
    """Harmless changes of each store in one line, each reason once."""
    names = sorted({risk.name for risk in found})
    return [
        f"- **safe**: {code(name)} {'; '.join(_with_reasons([risk for risk in found if risk.name == name]))}"
        for name in names
    ]


def _with_reasons(found: Sequence[Risk]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for risk in found:
        by_reason.setdefault(risk.why, []).append(code(risk.what, 160))
    for why, changes in by_reason.items():
        yield f"{', '.join(changes)} ({_sentence(why, 300)})"


def _gathered(found: Sequence[Risk]) -> list[Risk]:
    """Restarts of pods in one line: there may be many, and each says the same."""
    rolling = [risk for risk in found if risk.what == "new pods"]
    if len(rolling) < 3:
        return list(found)
    names = ", ".join(risk.name for risk in rolling)
    one = Risk(
        level=Level.RESTARTS,
        name=f"pods of {len(rolling)} workloads",
        what="new pods",
        why=f"they restart one after another: {names}",
    )
    return [*(risk for risk in found if risk.what != "new pods"), one]


def _risk(risk: Risk) -> str:
    word = risk.level.word if risk.judged else f"{risk.level.word}, not judged"
    if risk.refused:
        word = f"refused, for it {word}" if risk.level > Level.RESTARTS else "refused"
    what = code(risk.what, 200) if "→" in risk.what else plain(risk.what, 200)
    head = f"- **{word}**: {code(risk.name)} {what}: {_sentence(risk.why, 400)}"
    return f"{head}\n{inset(_todo(risk.todo))}" if risk.todo else head


def _sentence(text: str, most: int) -> str:
    """Words with code spans of ours, such as a setting's name; whatever else they hold is neutral."""
    parts = cut(text, most).split("`")
    if len(parts) % 2 == 0:
        return plain(text, most)
    return "".join(code(part) if place % 2 else _spaced(part) for place, part in enumerate(parts))


def _spaced(text: str) -> str:
    """Plain text with the spaces at its ends."""
    start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{start}{plain(text, len(text))}{end}" if text.strip() else text


def _todo(lines: Sequence[str]) -> str:
    shown = [line if line.startswith("pulumi ") else f"# {line}" for line in lines]
    if len(lines) <= 2:
        return fence("\n".join(shown), "sh")
    return details(f"What to do: {lines[0].rstrip(':')}", fence("\n".join(shown), "sh"))


def _figures(both: Sides) -> Part:
    text = figures(both)
    heading = "#### What carries it"
    if text and both.before.states == both.after.states:
        return Part(heading="", blocks=[details("What carries it, unchanged", text)], count=1, noun="tables")
    return Part(heading=heading, blocks=[text], count=1 if text else 0, noun="tables")


def _growth(preview: Preview, tier: str) -> Iterator[Part]:
    if not tier:
        return
    there = growth(preview, tier)
    found = risks(there.steps, preview, frozenset())
    summary = f"And if the tier were {tier}: {cost_line(*bills(there)) or 'nothing is known'}"
    heading = f"<details><summary>{summary}</summary>"
    grave = _gathered([risk for risk in found if risk.refused or risk.level > Level.SAFE])
    blocks = [*(_risk(risk) for risk in grave), *([figures(there)] if there.after.states else [])]
    if there.needs_licence:
        blocks.insert(0, "- Neo4j Enterprise's licence is needed.")
    yield Part(heading=heading, blocks=blocks, count=max(1, len(blocks)), noun="lines", tail="</details>")


def _changed(preview: Preview, reader: Reader) -> Iterator[Part]:
    """The resources by component, those with the gravest changes first."""
    groups: dict[str, list[Step]] = {}
    for step in preview.changes:
        groups.setdefault(step.component, []).append(step)
    order = sorted(groups, key=lambda name: (min(_gravity(step) for step in groups[name]), name))
    for place, name in enumerate(order):
        steps = sorted(groups[name], key=lambda step: (_gravity(step), step.state.name, step.op))
        first = "" if place else "#### Changes\n\n"
        heading = f"{first}**{plain(name, 100) or 'On their own'}**"
        yield Part(heading=heading, blocks=(block(step, reader) for step in steps), count=len(steps))


def _gravity(step: Step) -> int:
    if step.op in (Op.DELETE, Op.DISCARD, Op.DELETE_REPLACED):
        return 0
    return {Op.UPDATE: 2, Op.CREATE: 3}.get(step.op, 1)


def _foot(preview: Preview, both: Sides) -> str:
    lines = "\n".join(f"- {line}" for line in unchecked(preview, both)[:12])
    return details("What this preview did not check", lines)
