"""The series that are made for the rules are those that the rules select, and move as such series do."""

import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
import yaml

from config.metrics import Metric, metrics
from config.settings import load
from model.capacity.scene import Scene
from model.plan import build_plan
from model.rules.promql import Selection, parsed, selections
from tools.rule_cost import TIERS
from tools.rule_files import Rule, hurried, needs, recorded_series, recordings, rule_texts, rules_of
from tools.rule_inline import inlined, is_recorded
from tools.rule_series import HOUR, STEP, Series, label_sets, scraped, targets
from tools.rule_store import exposition, message, snappy

NOW = 1_800_000_000
DAY = 24 * HOUR


@cache
def scene(tier: str) -> Scene:
    settings = load({"tier": tier, "neo4j": {"acceptLicense": True}}, stack="prod")
    return Scene(build_plan(settings), settings)


@cache
def rules(tier: str) -> tuple[Rule, ...]:
    return rules_of(rule_texts(scene(tier).plan.observability.files).values())


@cache
def series(tier: str) -> tuple[Series, ...]:
    raw = {name: need for name, need in needs(rules(tier)).items() if not is_recorded(name)}
    return tuple(scraped(raw, targets(scene(tier)), scene(tier)))


def of(name: str, tier: str = "current") -> list[Series]:
    return [found for found in series(tier) if found.labels["__name__"] == name]


def unmet(selected: Iterable[Selection], found: Iterable[Series]) -> Iterator[str]:
    """Selectors that none of the series answers."""
    by_name: dict[str, list[Mapping[str, str]]] = {}
    for each in found:
        by_name.setdefault(each.labels["__name__"], []).append(each.labels)
    for selector in selected:
        exact = {label: re.escape(value) for label, value in selector.equal.items()}
        patterns = {label: re.compile(text) for label, text in {**exact, **selector.like}.items()}
        patterns.pop("__name__", None)
        if not any(
            all(pattern.fullmatch(labels.get(label, "")) for label, pattern in patterns.items())
            for labels in by_name.get(selector.name, ())
        ):
            yield f"{selector.name} {patterns}"


@pytest.mark.parametrize("tier", TIERS)
def test_every_selector_finds_series(tier: str) -> None:
    """With the labels that it asks for; every one of a scraped series in every rule of prod."""
    every = [found for rule in rules(tier) for found in selections(parsed(rule.expr))]
    raw = [found for found in every if not is_recorded(found.name)]
    assert len(raw) > 100
    assert list(unmet(raw, series(tier))) == []


@pytest.mark.parametrize(
    "text", ["up{job='nobody'}", "rate(api_requests_total{status=~'6..'}[5m])", "nobody_up"]
)
def test_a_selector_without_series_is_found(text: str) -> None:
    """The search above turns red."""
    assert list(unmet(selections(parsed(text)), series("current")))


@pytest.mark.parametrize("tier", TIERS)
def test_every_job_has_targets(tier: str) -> None:
    """The jobs are those of the file that Prometheus reads."""
    document = yaml.safe_load(scene(tier).plan.observability.files["prometheus/prometheus.yml"])
    jobs = {job["job_name"] for job in document["scrape_configs"]}
    assert {found.job for found in targets(scene(tier))} == jobs


def test_targets_have_the_labels_of_their_jobs() -> None:
    """As relabelling gives them."""
    found = {target.job: target.labels for target in targets(scene("current"))}
    assert set(found["axiom-core"]) == {"job", "instance", "namespace", "pod"}
    assert set(found["node-exporter"]) == {"job", "instance", "namespace", "pod", "node"}
    assert set(found["kube-state-metrics"]) == {"job", "instance"}


@pytest.mark.parametrize("tier", TIERS)
def test_no_series_is_there_twice(tier: str) -> None:
    names = [tuple(sorted(found.labels.items())) for found in series(tier)]
    assert len(set(names)) == len(names)


def test_series_are_as_many_as_the_catalogue_and_the_pods_make() -> None:
    """Five services with eight pods each; customers make more of what grows with them."""
    listed = metrics()["api_requests_total"].combinations
    assert listed is not None
    assert len(of("api_requests_total")) == listed * 5 * 8
    cubes = "vision_pivot_query_duration_seconds_count"
    assert len(of(cubes, "2year")) > 10 * len(of(cubes))


def test_counters_grow_and_gauges_move() -> None:
    """Over an hour, with a sample every 15 s."""
    begin = NOW - HOUR
    counted = of("redis_evicted_keys_total")[0].values(begin, NOW)
    assert len(counted) == HOUR // STEP
    assert all(low <= high for low, high in pairwise(counted))
    assert counted[0] < counted[-1]
    assert len(set(of("redis_memory_used_bytes")[0].values(begin, NOW))) > 100
    assert set(of("up")[0].values(begin, NOW)) == {1.0}


def consistent(buckets: Iterable[Series], count: Series) -> bool:
    """Whether each edge has at least what the one below has, and the last has all."""
    columns = [found.values(NOW - HOUR, NOW) for found in [*buckets, count]]
    ascending = all(low <= high for row in zip(*columns, strict=True) for low, high in pairwise(row))
    return ascending and columns[-1] == columns[-2]


def test_histograms_are_consistent() -> None:
    """And a bucket that sees more than all does not pass."""
    count = of("core_worker_processing_duration_seconds_count")[0]
    mine = {**count.labels, "__name__": "core_worker_processing_duration_seconds_bucket"}
    every = of(mine["__name__"])
    buckets = [found for found in every if mine.items() <= found.labels.items()]
    assert [found.labels["le"] for found in buckets][-2:] == ["120", "+Inf"]
    assert consistent(buckets, count)
    assert not consistent([replace(buckets[0], share=1.1), *buckets[1:]], count)


def test_combinations_reach_every_value() -> None:
    """Sixty of 2,250, none of them twice."""
    metric = metrics()["api_requests_total"]
    found = list(label_sets(metric, 1, {}))
    assert len({tuple(labels.values()) for labels in found}) == metric.combinations
    assert {labels["status"] for labels in found} == set(metric.labels["status"])  # type: ignore[arg-type]
    alone = Metric.model_validate({"type": "gauge", "unit": "1", "help": "none"})
    assert list(label_sets(alone, 1, {})) == [{}]


def test_values_that_rules_name_are_among_those_that_there_are() -> None:
    """Of a label of which only the number is known."""
    assert {found.labels["daemonset"] for found in of("kube_daemonset_status_number_unavailable")} == {
        "fluent-bit",
        "daemonset-1",
    }


def test_what_is_read_over_days_lies_behind() -> None:
    """Recorded series by the longest range and by their group's interval, with their rule's labels."""
    found = {each.labels["__name__"]: each for each in recorded_series(rules("current"))}
    rate, tokens = found["slo:requests:rate5m"], found["cluster:core_llm_tokens:increase1d"]
    assert (rate.history, rate.step) == (30 * DAY, 60)
    assert {"slo", "service", "kind", "sla_tier"} < set(rate.labels)
    assert tokens.step == 300
    assert of("core_llm_tokens_total")[0].history == DAY
    assert of("up")[0].history == HOUR


def test_alerts_of_prod_can_be_inlined() -> None:
    """A budget's alert, by way of burn rates and shares, on nothing but what is scraped."""
    behind = recordings(rules("current"))
    alert = next(rule for rule in rules("current") if rule.name == "ErrorBudgetBurnFast")
    names = {found.name for found in selections(parsed(inlined(alert.expr, behind)))}
    assert "api_requests_total" in names
    assert not any(map(is_recorded, names))


def test_hurried_rules_are_the_same_rules() -> None:
    texts = rule_texts(scene("current").plan.observability.files).values()
    quick = rules_of(map(hurried, texts))
    assert {rule.interval for rule in quick} == {STEP}
    assert {rule.interval for rule in rules("current")} == {15, 60, 300}
    assert quick == tuple(replace(rule, interval=STEP) for rule in rules("current"))


def test_a_line_and_a_message_say_the_same() -> None:
    """Labels, values and times of a series, written for promtool and for the remote-write protocol."""
    found = Series(labels={"__name__": "up", "job": 'a "b"'}, kind="level")
    lines = exposition(found, NOW, NOW + 2 * STEP)
    assert lines[0].startswith('up{job="a \\"b\\""} 0.')
    written = [(float(line.split()[-2]), int(line.split()[-1])) for line in lines]
    labels, samples = decoded(message(found, NOW, NOW + 2 * STEP))
    assert labels == found.labels
    assert samples == [(value, time * 1000) for value, time in written]
    assert [time for _, time in written] == [NOW, NOW + STEP]


def decoded(data: bytes) -> tuple[dict[str, str], list[tuple[float, int]]]:
    """Labels and samples of a message, read as protobuf is."""
    labels, samples = {}, []
    ((_, whole),) = fields(data)
    for number, body in fields(whole):
        if number == 1:
            (_, name), (_, value) = fields(body)
            labels[name.decode()] = value.decode()
        else:
            time, _ = number_at(body, 10)
            samples.append((struct.unpack("<d", body[1:9])[0], time))
    return labels, samples


def fields(data: bytes) -> list[tuple[int, bytes]]:
    found, place = [], 0
    while place < len(data):
        key, place = number_at(data, place)
        length, place = number_at(data, place)
        found.append((key >> 3, data[place : place + length]))
        place += length
    return found


def number_at(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (data[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if data[place - 1] < 0x80:
            return number, place


def test_a_snappy_block_holds_the_data() -> None:
    """The length, the tag of a literal with four bytes of length, the data."""
    data = json.dumps(list(range(1000))).encode()
    length, place = number_at(snappy(data), 0)
    assert length == len(data)
    assert snappy(data)[place : place + 5] == b"\xfc" + (len(data) - 1).to_bytes(4, "little")
    assert snappy(data)[place + 5 :] == data
