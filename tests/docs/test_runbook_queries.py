"""Every query of a runbook can be asked, and every silence is of labels that its alert carries."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
import yaml
from runbook import INDEX, Page, pages

from config.metrics import carrying
from config.settings import load
from model.plan import build_plan
from model.rules.groups import recorded_labels
from model.rules.lint import Known, findings
from model.rules.promql import NotPromqlError, Selection, kept, parsed, selections
from model.rules.shapes import AlertRule
from render import runbooks

PAGES = [*pages(), Page("README", INDEX.read_text())]
RETENTION = 30 * 86400.0
# What discovery gives every series, and what the program and Prometheus write on every alert.
TARGET = frozenset({"job", "instance"})
WRITTEN = frozenset({"alertname", "cluster", "service", "severity", "sla_tier", "team"})
FLAGS = ("--duration=", "--comment=", "--alertmanager.url=http://localhost:9093")
_MATCHER = re.compile(r"(\w+)(=~|=)(.+)")


@cache
def known() -> Known:
    """The catalogue, and what rules record."""
    return Known(recorded_labels())


@cache
def target_labels() -> Mapping[str, frozenset[str]]:
    """What each job writes on its series, of the stacks that have all jobs between them."""
    hosts = {"ingress": {"host": "axiom.example.com"}, "neo4j": {"acceptLicense": True}}
    raw = ({**hosts, "logSinks": ["loki"]}, {**hosts, "tier": "1year"})
    found: dict[str, frozenset[str]] = {}
    for settings in raw:
        plan = build_plan(load(settings, stack="prod"))
        document = yaml.safe_load(plan.observability.files["prometheus/prometheus.yml"])
        for job in document["scrape_configs"]:
            written = {step.get("target_label", "__") for step in job["relabel_configs"]}
            found[job["job_name"]] = TARGET | {label for label in written if not label.startswith("__")}
    return found


def of_series(found: Selection) -> frozenset[str]:
    """The labels of the series that a selector finds."""
    if found.name in known().recorded:
        return known().recorded[found.name]
    metric = known().metric(found.name)
    wanted = found.like.get("job", re.escape(found.equal.get("job", "")) or ".*")
    jobs = [job for job in carrying(found.name) if re.fullmatch(wanted, job)]
    return frozenset(metric.labels if metric else ()).union(*(target_labels()[job] for job in jobs))


def carried(rule: AlertRule) -> frozenset[str]:
    """Every label of an alert."""
    tree = parsed(rule.expr)
    written = WRITTEN | set(rule.labels.model_dump(exclude_none=True))
    return written | kept(tree, {found.name: of_series(found) for found in selections(tree)})


def rules(alert: str) -> list[AlertRule]:
    return [rule for found in runbooks.alerts().values() for rule in found if rule.alert == alert]


def wrong_queries(page: Page) -> Iterator[str]:
    """What the catalogue says against the queries of a page."""
    for query in page.queries:
        try:
            tree = parsed(query)
        except NotPromqlError as error:
            yield f"no PromQL: {query}: {error}"
            continue
        yield from findings(tree, known(), RETENTION)
        for found in selections(tree):
            metric = known().metric(found.name)
            if metric and metric.needed_by:
                yield f"nobody exposes {found.name} yet: it would show nothing"


def wrong_silence(page: Page, labels: frozenset[str]) -> Iterator[str]:
    """What is wrong with the command that silences an alert that carries these labels."""
    words = page.silence
    if not words:
        yield "not one amtool silence add"
    matchers = [word for word in words[3:] if not word.startswith("-")]
    if matchers[:1] != [f"alertname={page.name}"]:
        yield "the first matcher is the alert's name"
    for matcher in matchers:
        found = _MATCHER.fullmatch(matcher)
        if found is None or found.group(1) not in labels:
            yield f"{matcher} is no label of it; it has {', '.join(sorted(labels))}"
    yield from (f"no {flag}" for flag in FLAGS if not any(word.startswith(flag) for word in words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_query_can_be_asked(page: Page) -> None:
    """It parses, and names metrics, labels and values that somebody exposes now."""
    assert list(wrong_queries(page)) == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_asks_one_to_three_questions(page: Page) -> None:
    """In one block, under what to look at."""
    (block,) = page.blocks("promql", "Look at")
    assert page.blocks("promql") == [block]
    assert 1 <= len(Page("", f"```promql\n{block}```").queries) <= 3


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_silence_is_of_labels_that_the_alert_carries(page: Page) -> None:
    """Whichever rule of that name fired."""
    every = [carried(rule) for rule in rules(page.name)]
    assert list(wrong_silence(page, frozenset.intersection(*every))) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sum(up", "no PromQL"),
        ("core_llm_calls", "nobody exposes core_llm_calls"),
        ("rate(core_dlq_depth[5m])", "of the gauge core_dlq_depth"),
        ("a_b / c_d", "a divisor may be zero"),
        ("up{role='x'}", "up has no label role"),
        ("rate(core_llm_fallbacks_total[5m])", "nobody exposes core_llm_fallbacks_total yet"),
    ],
)
def test_a_wrong_query_is_found(query: str, said: str) -> None:
    """In a block and in a command alike."""
    asked = (
        f"kubectl exec x -- promtool query instant http://localhost:9090 '{query.replace(chr(39), chr(34))}'"
    )
    for text in (f"```promql\n# why\n{query}\n```\n", f"```sh\n{asked}\n```\n"):
        assert said in "\n".join(wrong_queries(Page("A", text)))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("amtool silence query", "not one amtool silence add"),
        ("amtool silence add alertname=B --duration=1h", "the first matcher is the alert's name"),
        ("amtool silence add alertname=A pod=x --duration=1h", "pod=x is no label of it"),
        ("amtool silence add alertname=A job=x --duration=1h", "no --comment="),
    ],
)
def test_a_wrong_silence_is_found(command: str, said: str) -> None:
    """A planted name, label and flag."""
    page = Page("A", f"\n## Silence\n\n```sh\n{command}\n```\n")
    assert any(found.startswith(said) for found in wrong_silence(page, frozenset({"alertname", "job"})))


def test_labels_are_those_that_the_job_writes() -> None:
    """A node of Redis has no pod, kube-state-metrics' series have the pod of what they tell of."""
    (redis,), (missing, *_) = rules("RedisDown"), rules("PodsMissing")
    assert carried(redis) == WRITTEN | {"job", "instance"}
    assert carried(missing) == WRITTEN | {"job", "instance", "namespace", "deployment"}
