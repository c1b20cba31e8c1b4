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
    """What a preview shows of one resource: from its URN to the next resource."""
    return shown.split(f"::{name}]")[1].split("[urn=", maxsplit=1)[0]


def test_a_changed_threshold_is_one_changed_property(standing: Checkout) -> None:
    """Of the dashboard and of the rule alike: the figure before and after, not the file."""
    file = standing.path / "config/alerts/axiom-resources.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("limit: 1000", "limit: 1200"))
    shown = standing.local("preview")
    file.write_text(whole)
    lines = of_resource(shown, "grafana-files-axiom-data").splitlines()
    path = "panels[적체량 · Events that wait] / fieldConfig / defaults / thresholds / steps[1] / value"
    changed = [line.strip() for line in lines if re.match(r"\s*[-+] ", line)]
    assert changed[:2] == [f"- {path} = 1000", f"+ {path} = 1200"]
    assert not any("panels" in line for line in changed[2:])
    assert "~ data (hidden)" in map(str.strip, lines)


def test_a_grafana_that_does_not_answer_changes_nothing(standing: Checkout) -> None:
    """One error with what to do, in an update too."""
    given = ("--set", "grafana.delivery=api", "--set", "grafana.url=http://127.0.0.1:9")
    seen = standing.local("up", *given, expect=1)
    assert "nothing was changed: Grafana at http://127.0.0.1:9 does not answer" in seen
    assert "Traceback" not in seen
    assert not re.search(r"^\s*[-+~] \w+:", standing.local("preview"), re.MULTILINE)
