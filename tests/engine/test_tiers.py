"""Growing prod from tier to tier on the engine, by nothing but what the messages say."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from checkout import Checkout

from config.decode import decode
from config.holders import holder
from config.settings import load
from model.plan import build_plan
from render.recorder import record

STACK = ("--stack", "prod", "--non-interactive")
# A step of a way, and a command below it.
NUMBERED = re.compile(r"^ {2,}(\d)\.(?: |$)")
COMMAND = re.compile(r"^ {5,}(pulumi config .*)$")


@pytest.fixture(scope="module")
def prod(checkout: Checkout) -> Checkout:
    """The prod stack at tier `current`, made from nothing: a first run is never refused."""
    checkout.local("up", "--stack", "prod")
    return checkout


def test_one_tier_on_needs_no_acknowledgement(prod: Checkout) -> None:
    """To 6month: a class, a replica; each in place."""
    before = born(prod)
    set_tier(prod, "6month")
    applied(prod)
    assert born(prod) == before


@pytest.mark.long
def test_a_changed_secret_is_no_loss(prod: Checkout) -> None:
    """Inputs that are secret are handed over; nothing is refused, and nothing shows."""
    seen = prod.pulumi("preview", "--replace", "**::passwords-redis-token", *STACK)
    assert "redis-group" in seen
    assert "refused" not in seen


def test_a_replacement_is_refused_with_or_without_a_preview(prod: Checkout) -> None:
    """A master user of another name would be another database."""
    prod.pulumi("config", "set", "--path", "postgres.username", "another", "--stack", "prod")
    for command in (("preview",), ("up", "--yes")):
        assert "the databases of every service and of Grafana" in prod.pulumi(*command, *STACK, expect=1)
    seen = prod.pulumi("up", "--yes", "--skip-preview", *STACK, expect=1)
    # In an update the engine's own protection may speak first.
    assert "postgres-instance" in seen
    assert "marked for protection" in seen or "the databases of every service" in seen
    prod.pulumi("config", "rm", "--path", "postgres.username", "--stack", "prod")


def test_a_tier_that_needs_a_licence_says_so(prod: Checkout) -> None:
    """1year without the licence is refused by the settings, before anything is looked at."""
    set_tier(prod, "1year")
    seen = prod.pulumi("preview", *STACK, expect=1)
    assert "pulumi config set --path neo4j.acceptLicense true --stack prod" in seen
    prod.pulumi("config", "set", "--path", "neo4j.acceptLicense", "true", "--stack", "prod")


def test_a_refused_preview_shows_the_rest_and_nothing_secret(prod: Checkout) -> None:
    """Reasons, the way, and every other change beside them; the digest for a reviewer is whole."""
    seen = prod.pulumi("preview", *STACK, expect=1)
    assert "the way from disabled to enabled is two steps" in seen
    assert "the edition changes on one server first" in seen
    assert re.search(r"postgres-instance.*~multiAz", seen)
    assert "metrics-workspace create" in seen
    text = prod.pulumi("preview", "--json", "--show-sames", *STACK, expect=1)
    digest = json.JSONDecoder().raw_decode(text[text.index("{") :])[0]
    assert any("two steps" in found["message"] for found in digest["diagnostics"])
    assert "Traceback" not in seen
    assert untold(prod, digest) == []


def test_an_update_that_is_refused_leaves_what_is_applied(prod: Checkout) -> None:
    """Without a preview the provider is not asked; the next look compares with what is applied still."""
    seen = prod.pulumi("up", "--yes", "--skip-preview", *STACK, expect=1)
    assert "two steps" in seen
    assert "cannot go from" not in seen, "the provider was asked"
    assert mode(prod) == "disabled"
    assert "two steps" in prod.pulumi("preview", *STACK, expect=1)


@pytest.mark.long
def test_the_way_of_the_messages_leads_there(prod: Checkout) -> None:
    """Each step's commands and an update: at the end the tier itself, and nothing was replaced."""
    before = born(prod)
    for commands in ways(prod.pulumi("preview", *STACK, expect=1)):
        for command in commands:
            prod.shell(command)
        applied(prod)
    assert mode(prod) == "enabled"
    kept = born(prod)
    assert {urn: kept[urn] for urn in before} == before
    overrides = json.loads(prod.pulumi("config", "--json", "--stack", "prod"))
    assert "mode" not in overrides.get("axiom-monitoring:redis", {}).get("value", "")


@pytest.mark.long
def test_the_last_tier_grows_in_place(prod: Checkout) -> None:
    """To 2year: more servers, larger disks."""
    before = born(prod)
    set_tier(prod, "2year")
    applied(prod)
    kept = born(prod)
    assert {urn: kept[urn] for urn in before} == before


@pytest.mark.long
@pytest.mark.parametrize("tier", ["current", "1year"])
def test_a_step_back_is_refused_with_its_reason(prod: Checkout, tier: str) -> None:
    """Disks do not shrink, clusters stay, and what would go is named."""
    set_tier(prod, tier)
    seen = prod.pulumi("preview", *STACK, expect=1)
    assert "a disk never shrinks" in seen
    assert "pulumi config set --path volumes.prometheus" in seen
    assert "servers that go take their copies along" in seen
    if tier != "1year":
        assert "ElastiCache never leads back from enabled to disabled" in seen


@pytest.mark.long
def test_a_step_back_that_keeps_what_it_has_is_harmless(prod: Checkout) -> None:
    """The commands of the refusal keep disks and servers: then the smaller tier applies."""
    set_tier(prod, "1year")
    seen = prod.pulumi("preview", *STACK, expect=1)
    for commands in ways(seen):
        for command in commands:
            prod.shell(command)
    before = born(prod)
    applied(prod)
    assert born(prod) == before


def test_an_unknown_acknowledgement_is_refused(prod: Checkout) -> None:
    """A word that can never match would be a false promise."""
    key = 'acknowledge["redis-group/everything"]'
    prod.pulumi("config", "set", "--path", key, "true", "--stack", "prod")
    seen = prod.pulumi("preview", *STACK, expect=1)
    assert "what can be acknowledged of redis-group is" in seen
    prod.pulumi("config", "rm", "--path", key, "--stack", "prod")


def untold(prod: Checkout, digest: Mapping[str, Any]) -> list[str]:
    """What is applied and still declared, and stands in no step of a digest.

    What is declared no more is not in it: a program that fails deletes nothing.
    """
    prefix = "axiom-monitoring:"
    config = json.loads(prod.pulumi("config", "--json", "--stack", "prod"))
    raw = {
        key.removeprefix(prefix): found["value"]
        for key, found in config.items()
        if key.startswith(prefix) and not found.get("secret")
    }
    plan = build_plan(load(decode(raw, stack="prod"), stack="prod"))
    declared = {(found.type, found.name) for found in record(plan).resources}
    told = {step["urn"] for step in digest["steps"]}
    applied = [found["urn"] for found in prod.state("prod")["resources"] if named(found) in declared]
    assert len(applied) > 100, "the comparison is of nothing"
    return [urn for urn in applied if urn not in told]


def named(found: Mapping[str, Any]) -> tuple[str, str]:
    """Type and logical name of a resource of the state."""
    return found["type"], found["urn"].rsplit("::", 1)[1]


def set_tier(prod: Checkout, tier: str) -> None:
    """`pulumi config set tier …`, as it is typed."""
    prod.pulumi("config", "set", "tier", tier, "--stack", "prod")


def applied(prod: Checkout) -> None:
    """`pulumi up`, and then state and servers agree, and nothing is left to do."""
    seen = prod.pulumi("up", "--yes", "--skip-preview", *STACK)
    assert "warning: " not in seen.replace("warning: acknowledge", ""), seen
    drift = prod.pulumi("refresh", "--preview-only", *STACK)
    assert "to update" not in drift, drift
    assert "to delete" not in drift, drift


def born(prod: Checkout) -> dict[str, tuple[str, str]]:
    """Id and time of creation of what holds data, by URN: a replacement changes one of them."""
    return {
        found["urn"]: (found.get("id", ""), found.get("created", ""))
        for found in prod.state("prod")["resources"]
        if holder(found["type"], found["urn"].rsplit("::", 1)[1])
    }


def mode(prod: Checkout) -> str:
    """Cluster mode of Redis, as it is applied."""
    (group,) = (r for r in prod.state("prod")["resources"] if r["type"].endswith(":ReplicationGroup"))
    return str(group["outputs"]["clusterMode"])


def ways(message: str) -> Iterator[list[str]]:
    """The commands of each step, of all ways in the message side by side."""
    steps: dict[int, list[str]] = {}
    place = 0
    for line in message.partition("Diagnostics:")[2].splitlines():
        if numbered := NUMBERED.match(line):
            place = int(numbered[1])
        elif "to have it all the same" in line:
            place = 0
        elif place and (found := COMMAND.match(line)):
            steps.setdefault(place, []).append(found[1])
    assert steps, message
    yield from (steps[place] for place in sorted(steps))
