"""The comment about real previews: the engine's own JSON, as it is piped in by a reader of the README."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from checkout import Checkout
from preview_samples import parsed

from review.fit import LIMIT
from review.markdown import size

REVIEW = "python -m review"
PREVIEW = f"pulumi preview --stack prod --json --non-interactive | {REVIEW}"


@pytest.fixture(scope="module")
def prod(checkout: Checkout) -> Checkout:
    """The prod stack at tier `current`, from its shipped file."""
    checkout.local("up", "--stack", "prod")
    return checkout


def told(checkout: Checkout, line: str, expect: int = 0) -> str:
    """What a line of a shell prints, after `eval "$(make -s env)"`; a comment must be a comment."""
    environment = {**os.environ, **checkout.environment()}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=checkout.path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == expect, f"{done.stdout}\n{done.stderr}"
    if line.endswith(REVIEW):
        assert size(done.stdout) <= LIMIT
        assert done.stdout.startswith("<!-- axiom-monitoring review of ")
        assert parsed(done.stdout)[-1].content.strip() == "</details>"
        # Placeholders of the target's secrets name themselves.
        assert "placeholder" not in done.stdout
    return done.stdout


@contextmanager
def edited(checkout: Checkout, file: str, change: Callable[[str], str]) -> Iterator[None]:
    """A file of the copy with another text for a while."""
    path = checkout.path / file
    whole = path.read_text()
    assert change(whole) != whole
    path.write_text(change(whole))
    try:
        yield
    finally:
        path.write_text(whole)


def headline(comment: str) -> str:
    """The line that a reader sees first."""
    return comment.splitlines()[1]


@pytest.mark.long
def test_a_tier_is_told_as_it_is_typed(prod: Checkout) -> None:
    """Without Neo4j's licence the program refuses at once: the plans say what it would come to."""
    found = told(prod, f"pulumi config set tier 1year --stack prod && {PREVIEW}")
    assert "refused as it is" in headline(found)
    for said in (
        "tier **current → 1year**",
        "Neo4j licence needed",
        "pulumi config set --path neo4j.acceptLicense true --stack prod",
        "the way from disabled to enabled is two steps",
        "pulumi config set --path redis.mode compatible --stack prod",
        "`multiAz false → true`",
        "db.m6g.xlarge, 100 GiB, one zone | db.r6g.xlarge, 100 GiB, Multi-AZ",
        "cluster mode, 3 shards of 2 × cache.m7g.large",
    ):
        assert said in found
    cost = re.search(r"about \$([\d,]+) → \$([\d,]+) a month", found)
    assert cost
    prod.pulumi("config", "set", "--path", "neo4j.acceptLicense", "true", "--stack", "prod")
    licensed = told(prod, PREVIEW)
    # What the engine says of the same change, and what the plans said of it.
    assert cost[0] in licensed
    assert "Neo4j licence needed" not in licensed
    assert "the way from disabled to enabled is two steps" in licensed
    assert "#### Changes" in licensed
    assert "`monitoring-targets.yml`: alert `TargetAbsent` added" in licensed
    prod.pulumi("config", "rm", "tier", "--stack", "prod")


@pytest.mark.long
def test_a_first_preview_is_told(prod: Checkout) -> None:
    """Of staging, which nobody made: everything is created, and nothing inside Kubernetes was checked."""
    found = told(prod, PREVIEW.replace("prod", "staging"))
    assert "tier **none → current**" in found
    assert re.search(r"\d{3} created", found)
    assert "nothing inside Kubernetes was checked" in found


@pytest.mark.long
def test_no_change_is_told(prod: Checkout) -> None:
    """In place of what stood there."""
    assert headline(told(prod, PREVIEW)) == "### ✅ `prod`: **safe**, nothing changes"


@pytest.mark.long
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["tier 6month"], ["**restarts**", "tier **current → 6month**", "`multiAzEnabled false → true`"]),
        (["tier 2year"], ["refused as it is", "pods `1` → `5`", "`allocatedStorage 100 → 250`"]),
        (["logSinks loki,datadog"], ["**destroys**", "log sinks **cloudwatch, datadog → loki, datadog**",
                                     "dropped: logs go there no more", "with it go the logs in it"]),
        (["--path postgres.username another"], ["refused as it is", "it is protected", "every service"]),
    ],
)  # fmt: skip
def test_a_setting_is_told_by_what_it_does(prod: Checkout, settings: list[str], said: list[str]) -> None:
    """Each tier, the sinks, and what would replace a database."""
    for setting in settings:
        told(prod, f"pulumi config set {setting} --stack prod")
    found = told(prod, PREVIEW)
    for setting in settings:
        told(prod, f"pulumi config rm {setting.rpartition(' ')[0]} --stack prod")
    assert [text for text in said if text not in found] == [], found


def sub(old: str, new: str) -> Callable[[str], str]:
    """Another text in place of the first of its kind."""
    return lambda text: text.replace(old, new, 1)


EDITS: list[tuple[str, Callable[[str], str], list[str]]] = [
    ("config/alerts/axiom-latency.yaml", sub("limit: 15 s", "limit: 10 s"),
     ["**safe**", "alert `LLMHighLatency`: threshold `> 15` → `10` s"]),
    ("config/versions.yaml", sub("tag: v3.16.0", "tag: v3.16.1"),
     ["**restarts**", ":v3.16.0` → `quay.io/prometheus/prometheus:v3.16.1`"]),
    ("__main__.py", lambda text: f"{text}\nraise RuntimeError('boom')\n", ["the preview failed", "boom"]),
    ("components/labels.py", sub('"axiom"', '"not a label!"'), ["the preview failed", "not a label!"]),
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("file", "change", "said"), EDITS, ids=[file for file, _, _ in EDITS])
def test_an_edit_is_told_by_its_meaning(
    prod: Checkout, file: str, change: Callable[[str], str], said: list[str]
) -> None:
    """A threshold, an image, a program that fails, an object that the API server refuses."""
    with edited(prod, file, change):
        found = told(prod, PREVIEW)
    assert [text for text in said if text not in found] == [], found


@pytest.mark.long
def test_a_dashboard_is_told_by_its_panels(prod: Checkout) -> None:
    """Under another title a panel is another one."""
    with edited(prod, "model/dashboards/llm.py", sub('"Tokens a day by service"', '"Tokens of a day"')):
        found = told(prod, PREVIEW)
    assert "`axiom-llm.json`: panel `일별 토큰 사용량 (서비스별) · Tokens of a day` added" in found
    assert "panel `일별 토큰 사용량 (서비스별) · Tokens a day by service` removed" in found


@pytest.mark.long
def test_drift_is_told_from_failure(prod: Checkout) -> None:
    """A Service that somebody deleted; then an engine that has no state to look at."""
    look = "pulumi refresh --stack {} --preview-only --json --non-interactive > r; python -m review drift r"
    assert told(prod, look.format("prod")) == "none\n"
    prod.kubectl("-n", "axiom", "delete", "service", "vision")
    assert told(prod, look.format("prod")) == "drift\n"
    told(prod, look.format("nowhere"), expect=2)
    prod.local("up", "--stack", "prod")


@pytest.mark.long
def test_an_update_that_departs_from_its_plan_says_no_secret(prod: Checkout) -> None:
    """The engine prints the planned one in clear; `clean` is what stands between it and a log."""
    for value, command in (
        ("PLANTED-OLD", "pulumi preview --stack prod --non-interactive --save-plan plan.json"),
        ("PLANTED-NEW", "pulumi up --stack prod --plan plan.json --yes --skip-preview --non-interactive"),
    ):
        told(prod, f"pulumi config set --secret slackWebhookWarning {value} --stack prod")
        seen = told(prod, f"{command} > up.log 2>&1; python -m review clean < up.log")
    assert "violates plan" in seen
    assert "PLANTED" in (prod.path / "up.log").read_text()
    assert "PLANTED" not in seen


@pytest.mark.long
def test_a_destroy_is_told(checkout: Checkout) -> None:
    """Of dev, which protects nothing: every disk and database by name."""
    checkout.local("up", "--stack", "dev")
    found = told(checkout, f"pulumi destroy --stack dev --preview-only --json --non-interactive | {REVIEW}")
    assert "`dev`: **destroys**, and is refused as it is" in headline(found)
    assert "tier **current → none**" in found
    assert "`postgres-instance` deleted" in found
