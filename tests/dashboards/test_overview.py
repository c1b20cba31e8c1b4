"""The first page to look at, and the colours that say how something is."""

import pytest
from dashboards.rendered import STACKS, documents, jobs, panels, properties, settings, titled

from model.dashboards.colours import MOODS
from model.dashboards.limits import latencies
from model.dashboards.overview import SUBJECT
from model.rules import rule_groups
from model.rules.groups import recorded_labels
from model.rules.lint import Known
from model.rules.promql import parsed
from model.rules.shapes import AlertRule

# Grafana's cells are 30 px high, 8 px apart; 1080 lines less its header and the variables.
SCREEN = 24


def test_the_overview_fits_one_screen() -> None:
    """Nothing of it must be scrolled to."""
    for environment, tier in STACKS:
        overview = documents(environment, tier)["axiom-overview"]
        bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in overview["panels"])
        assert bottom <= SCREEN


def test_the_overview_is_laid_out_as_asked() -> None:
    """Health beside budget, requests beside latency, alerts over the whole width below (section 5.2)."""
    overview = documents("prod")["axiom-overview"]
    places = {panel["title"].split("· ")[1]: panel["gridPos"] for panel in panels(overview)}
    health, budget = places["Service health"], places["Error budget remaining"]
    requests, latency = places["Requests a second"], places["p95 latency"]
    assert (health["y"], health["x"], budget["x"]) == (budget["y"], 0, 12)
    assert (requests["y"], requests["x"], latency["x"]) == (latency["y"], 0, 12)
    assert places["Active alerts"]["w"] == 24
    assert places["Active alerts"]["y"] > requests["y"] > health["y"]


def test_the_bars_of_p95_meet_their_objectives_in_the_middle() -> None:
    """A graph would show the line of one series: each service has a bar, which turns at its own objective."""
    bars = titled(documents("prod")["axiom-overview"], "p95 latency")
    assert bars["type"] == "bargauge"
    turns = {job: found["steps"][1]["value"] for job, found in properties(bars, "thresholds").items()}
    assert turns == latencies("p95")
    assert properties(bars, "max") == {job: 2 * seconds for job, seconds in turns.items()}
    assert properties(bars, "max")["axiom-oracle"] == 16


@pytest.mark.parametrize("english", ["Requests a second", "Error ratio"])
def test_totals_stand_beside_the_services(english: str) -> None:
    """In a colour that is no service's."""
    panel = titled(documents("prod")["axiom-overview"], english)
    assert [target["legendFormat"] for target in panel["targets"]] == ["{{job}}", "합계 total"]
    colours = {name: each["fixedColor"] for name, each in properties(panel, "color").items()}
    assert colours["합계 total"] == MOODS["neutral"]
    assert list(colours.values()).count(MOODS["neutral"]) == 1


def test_statuses_have_the_colours_of_what_they_mean() -> None:
    """Each class of answers is shown, and errors of ours are not drawn as good."""
    colours = properties(titled(documents("prod")["axiom-api"], "Answers by status"), "color")
    moods = {"2xx": "good", "3xx": "neutral", "4xx": "warning", "5xx": "bad"}
    assert {name: each["fixedColor"] for name, each in colours.items()} == {
        name: MOODS[mood] for name, mood in moods.items()
    }


def test_the_newest_alert_stands_on_top() -> None:
    """By when it began; the heading is a column's."""
    table = titled(documents("prod")["axiom-overview"], "Active alerts")
    (by,) = table["options"]["sortBy"]
    assert by == {"desc": True, "displayName": "시작 · Since"}
    organised = table["transformations"][0]["options"]
    assert organised["renameByName"]["Value"] == by["displayName"]
    columns = sorted(organised["indexByName"], key=organised["indexByName"].get)
    assert columns == ["severity", "alertname", "service", "subject", "Value"]


@pytest.mark.parametrize(("environment", "tier"), STACKS)
def test_what_an_alert_is_about_is_told(environment: str, tier: str) -> None:
    """Every label by which a rule tells its alerts apart is part of the subject."""
    # Told by the name, the service or another label, or by no one's eye.
    beside = {"job", "service", "namespace", "kind", "sla_tier", "account_id", "region", "uid", "url"}
    beside |= {"condition", "status"}
    known, wanted = Known(recorded_labels()), settings(environment, tier)
    rules = [
        rule
        for group in rule_groups(wanted, jobs(environment, tier)).values()
        for rule in group.rules
        if isinstance(rule, AlertRule)
    ]
    kept = {label for rule in rules for label in known.kept(parsed(rule.expr))}
    assert {"slo", "stream", "target_service", "provider", "mv_name", "instance"} <= kept
    assert kept - beside <= set(SUBJECT)
    joined = titled(documents(environment, tier)["axiom-overview"], "Active alerts")["targets"][0]["expr"]
    assert all(f'"{label}"' in joined for label in SUBJECT)
