"""The line under the title of each runbook: what its alert says, and when."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from config.files import DataError
from model.rules.shapes import AlertRule
from render.runbooks import alerts, by_name, told

FOLDER = Path("docs/runbooks")
_WAITS: Mapping[str, str] = {
    "1m": "one minute",
    "2m": "two minutes",
    "3m": "three minutes",
    "5m": "five minutes",
    "10m": "ten minutes",
    "15m": "15 minutes",
    "30m": "30 minutes",
    "1h": "an hour",
    "3h": "three hours",
}
_HEAD = re.compile(r"(# \w+\n)\n(?:> .*\n\n)?")


@cache
def heads() -> Mapping[str, str]:
    """By alert, the line in Markdown: each of its descriptions, its severities and waits."""
    rules = chain.from_iterable(alerts().values())
    return {name: _head(found) for name, found in by_name(rules).items()}


def pages() -> Iterator[tuple[Path, str]]:
    """Every runbook with its line.

    Raises:
        DataError: an alert has no runbook.
    """
    for name, head in heads().items():
        file = FOLDER / f"{name}.md"
        if not file.exists():
            raise DataError(f"{name} has no runbook: write {file}, in the shape of OutboxBacklog.md")
        yield file, with_head(file.read_text(), head)


def with_head(text: str, head: str) -> str:
    """A page whose title is followed by this line, in place of the one before."""
    return _HEAD.sub(lambda match: f"{match[1]}\n{head}\n\n", text, count=1)


def _head(rules: list[AlertRule]) -> str:
    said = dict.fromkeys(told(rule, rule.annotations.description) for rule in rules)
    severities = dict.fromkeys(rule.labels.severity for rule in rules)
    waits = dict.fromkeys(rule.for_ for rule in rules)
    words = (f"after {_WAITS.get(wait, wait)}" if wait else "at once" for wait in waits)
    return f"> {' '.join(said)} *{' or '.join(severities).capitalize()}, {' or '.join(words)}.*"
