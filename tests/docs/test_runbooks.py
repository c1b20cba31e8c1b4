"""A runbook for each alert and no other; each of one shape; what it names in the checkout is there."""

import re
from pathlib import Path

import pytest
import yaml

from config.data import alert_files

PAGES = sorted(Path("docs/runbooks").glob("*.md"))
HEADINGS = ["## First action", "## Then look for", "## The lasting step"]
GENERATED = {"SLOWithoutData", "ServiceAbsent", "TargetAbsent", "Watchdog"}
# Waits for its metric, and has no page as long as it can't fire.
WAITING = {"MVRefreshFailed"}
_FILE = re.compile(r"`((?:components|config|docs|model|tests)/[\w./-]+\.\w+)`")


def wrong(text: str) -> list[str]:
    """What a page lacks, and what it names that is not there."""
    looked = "## Likely causes" if "\n## Likely causes\n" in text else HEADINGS[1]
    missing = [heading for heading in (HEADINGS[0], looked, HEADINGS[2]) if f"\n{heading}\n" not in text]
    return missing + [path for path in _FILE.findall(text) if not Path(path).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_parts(page: Path) -> None:
    """In their order, under the name of the alert."""
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert wrong(text) == []
    assert text.index(f"\n{HEADINGS[0]}\n") < text.index(f"\n{HEADINGS[2]}\n")


def test_every_page_has_its_alert_and_every_alert_its_page() -> None:
    """Whatever the stack."""
    rules = [rule for text in alert_files().values() for rule in yaml.safe_load(text)["rules"]]
    names = {rule["alert"] for rule in rules if "alert" in rule} | GENERATED
    assert {page.stem for page in PAGES} == names - WAITING


def test_a_wrong_page_would_be_seen() -> None:
    """A heading left out, a file that is gone."""
    assert wrong("# A\n\n## First action\n\n## Then look for\n\n`config/gone.yaml`\n") == [
        "## The lasting step",
        "config/gone.yaml",
    ]
