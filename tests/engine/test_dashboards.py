"""Dashboards on the real engine: a changed threshold in a preview, and an API that is not there."""

import re

import pytest
from checkout import Checkout

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def standing(checkout: Checkout) -> Checkout:
    """The stack dev, up."""
    checkout.local("up")
    return checkout


def of_resource(shown: str, name: str) -> str:
    """What a preview shows of one resource."""
    blocks = re.split(r"^\s*[~+-]+ (?=\w+:)", shown, flags=re.MULTILINE)
    found = [block for block in blocks if f"::{name}]" in block]
    assert len(found) == 1, shown
    return found[0]


def test_a_changed_threshold_is_one_changed_property(standing: Checkout) -> None:
    """Of the dashboard and of the rule alike: the figure before and after, not the file."""
    file = standing.path / "config/alerts/axiom-resources.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("core_event_outbox_pending) > 1000", "core_event_outbox_pending) > 1200"))
    shown = standing.local("preview")
    file.write_text(whole)
    board = of_resource(shown, "grafana-files-axiom-data")
    changed = [line.strip() for line in board.splitlines() if "=>" in line or re.match(r"\s*[-+~] ", line)]
    print(board)
    assert any("1000" in line and "1200" in line for line in changed)
    assert len(board) < 2000


def test_a_grafana_that_does_not_answer_changes_nothing(standing: Checkout) -> None:
    """One error with what to do, in an update too."""
    given = ("--set", "grafana.delivery=api", "--set", "grafana.url=http://127.0.0.1:9")
    seen = standing.local("up", *given, expect=1)
    assert seen.count("nothing was changed: Grafana at http://127.0.0.1:9 does not answer") == 1
    assert "Traceback" not in seen
    assert "no changes" in standing.local("preview") or "unchanged" in standing.local("preview")
