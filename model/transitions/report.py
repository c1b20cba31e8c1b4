"""A finding in words: what, why, and the commands that lead on."""

import shlex
from collections.abc import Iterator

from model.transitions.finding import Finding, Step, acknowledgement

_LONGEST = 80


def told(finding: Finding, stack: str) -> str:
    """Lines for an operator of `stack`: the change, its reason, the steps, how to acknowledge it."""
    return "\n".join(_lines(finding, stack))


def _lines(finding: Finding, stack: str) -> Iterator[str]:
    what = f"{finding.path} {_shown(finding.before)} → {_shown(finding.after)}" if finding.path else "deleted"
    yield f"{finding.name}: {what}: {finding.effect}: {finding.reason}"
    if finding.steps:
        number = len(finding.steps)
        yield f"  {'instead' if number == 1 else f'the way, {number} updates'}:"
    for place, step in enumerate(finding.steps, start=1):
        yield f"  {place}. {step.note}" if step.note else f"  {place}."
        yield from (f"     {command}" for command in commands(step, stack))
    if finding.acknowledge:
        yield "  to have it all the same:"
        yield f"     {acknowledging(finding, stack)}"


def acknowledging(finding: Finding, stack: str) -> str:
    """The command that acknowledges a finding."""
    return command(acknowledgement(finding.key), "true", stack)


def commands(step: Step, stack: str) -> Iterator[str]:
    """The commands of one step: its settings, then the update."""
    for key, value in step.settings:
        yield command(key, value, stack)
    if step.settings:
        yield f"pulumi up --stack {shlex.quote(stack)}"


def command(key: str, value: str | None, stack: str) -> str:
    """The command that sets a key, or removes it."""
    nested = "--path " if "." in key or "[" in key else ""
    verb = f"rm {nested}{shlex.quote(key)}" if value is None else f"set {nested}{shlex.quote(key)} {value}"
    return f"pulumi config {verb} --stack {shlex.quote(stack)}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
