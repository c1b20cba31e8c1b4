"""What rules cost: the sum is right, and the rules of prod keep within it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email.message import Message
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from local.processes import Problem
from tools import rule_cost, rule_server
from tools.rule_cost import BAR, Cost, measured, processor_cost, round_costs, rows, slowest, slowest_rows
from tools.rule_files import Rule
from tools.rule_series import STEP
from tools.rule_server import Round, Rounds, Server

QUICK = Rule(group="quick", interval=15, name="Down", expr="up == 0", labels={}, records=False)
SLOW = Rule(group="slow", interval=300, name="slo:x:y", expr="up", labels={"slo": "core"}, records=True)
ROUNDS = {
    "quick": [Round(0.5, [0.4]), Round(0.7, [0.6]), Round(0.6, [0.5])],
    "slow": [Round(2.0, [2.0]), Round(4.0, [4.0]), Round(2.0, [2.0])],
}
COST = Cost(
    tier="current",
    series=10,
    samples=2400,
    rounds=[0.2, 0.4, 0.3],
    processor=0.6,
    slowest=[],
    alone=5.0,
    given_up=[],
)


def test_a_group_counts_by_its_interval() -> None:
    """Of a round of five minutes an interval of 15 s has a twentieth."""
    assert round_costs(ROUNDS, [QUICK, SLOW]) == pytest.approx([0.6, 0.9, 0.7])


def test_processor_time_counts_by_the_interval_too() -> None:
    """Of 9.8 s of evaluation 2.2 s count."""
    found = Rounds(ROUNDS, processor=4.9)
    assert processor_cost(found, [QUICK, SLOW]) == pytest.approx(1.1)
    assert processor_cost(found, [QUICK, replace(SLOW, interval=15)]) == pytest.approx(4.9)


def test_the_costliest_rules_come_first() -> None:
    """By what they cost in an interval, not by how long they take."""
    found = slowest(ROUNDS, [QUICK, SLOW])
    assert [name for name, _ in found] == ["quick: Down", "slow: slo:x:y core"]
    assert [seconds for _, seconds in found] == pytest.approx([0.4, 0.1])


def test_the_table_says_what_was_measured() -> None:
    text = str([*rows(COST), *slowest_rows(replace(COST, slowest=[("quick: Down", 0.1)]))])
    for said in (
        "10, 0.0 million samples",
        "0.300 s (0.200 to 0.400), 2.0%",
        "at least 5.0 s, 33%",
        "100.0 ms",
    ):
        assert said in text
    ended = str(
        [*rows(replace(COST, given_up=["slo: A"])), *slowest_rows(replace(COST, given_up=["slo: A"]))]
    )
    assert "1 given up after 30 s" in ended
    assert "slo: A, without recorded series" in ended


MOST = BAR * STEP


@pytest.mark.parametrize(
    ("seconds", "processor", "status"),
    [(MOST - 0.01, 9, 0), (MOST + 0.01, 9, 1), (9, MOST - 0.01, 0), (9, MOST + 0.01, 1)],
)
def test_rules_that_cost_more_than_they_may_are_an_error(
    seconds: float, processor: float, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that has other things to do makes them slow; it does not make them use more."""
    cost = replace(COST, rounds=[seconds] * 3, processor=processor)
    monkeypatch.setattr(rule_cost, "measured", lambda *_: cost)
    assert rule_cost.main(["--tier", "current"]) == status


@dataclass(frozen=True)
class Answering(Server):
    """A server that answers this, whatever it is asked."""

    answer: Mapping[str, Any]

    def get(self, path: str, form: Mapping[str, str] | None = None) -> Any:
        return self.answer


def test_a_rule_that_fails_is_no_cheap_rule(tmp_path: Path) -> None:
    rule = {"name": "Down", "health": "err", "lastError": "many-to-many", "evaluationTime": 0}
    group = {"name": "quick", "lastEvaluation": "2026-01-01", "evaluationTime": 0, "rules": [rule]}
    with pytest.raises(Problem, match="Down can't be evaluated: many-to-many"):
        Answering("", tmp_path, {"groups": [group]}).rounds(1, time.time() + 60)


def test_rounds_that_come_too_late_are_none(tmp_path: Path) -> None:
    """Behind the last sample rules find nothing, and cost nothing."""
    with pytest.raises(Problem, match="not evaluated in time"):
        Answering("", tmp_path, {"groups": []}).rounds(1, time.time() - 1)


def test_evaluations_are_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the server is asked; without each group's first, and with the time used meanwhile."""
    monkeypatch.setattr(rule_server, "_POLL_SECONDS", 0)
    group = {"name": "quick", "rules": [{"health": "ok", "evaluationTime": 0.2}]}
    times = ["0001-01-01", "a", "a", "b", "b", "c"]
    served = [{**group, "lastEvaluation": time, "evaluationTime": ord(time[0])} for time in times]
    server = Telling("", tmp_path, iter([{"groups": [each]} for each in served]), iter([1.0, 4.0]))
    found = server.rounds(2, time.time() + 60)
    assert [each.whole for each in found.groups["quick"]] == [ord("b"), ord("c")]
    assert found.processor == 1.5


@dataclass(frozen=True)
class Telling(Server):
    """A server that answers one after another."""

    answers: Iterator[Mapping[str, Any]]
    used: Iterator[float]

    def get(self, path: str, form: Mapping[str, str] | None = None) -> Any:
        return next(self.answers)

    def processor(self) -> float:
        return next(self.used)


def test_the_processor_time_is_that_of_the_page() -> None:
    page = "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 12.5\nup 1\n"
    assert rule_server.processor_seconds(page) == 12.5


@dataclass(frozen=True)
class Refusing(Server):
    """A server that refuses every query like this."""

    status: int
    text: str

    def get(self, path: str, form: Mapping[str, str] | None = None) -> Any:
        raise HTTPError(path, self.status, "", Message(), BytesIO(self.text.encode()))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (503, "query timed out in expression evaluation"),
        (422, "query processing would load too many samples"),
    ],
)
def test_a_query_beyond_the_limits_is_given_up(status: int, text: str, tmp_path: Path) -> None:
    assert Refusing("", tmp_path, status, text).seconds("up", 0, 1) is None


def test_a_wrong_query_is_told_apart_from_a_slow_one(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="many-to-many"):
        Refusing("", tmp_path, 422, "many-to-many matching").seconds("up", 0, 1)


@pytest.mark.tools
@pytest.mark.long
def test_the_rules_of_prod_keep_within_their_part() -> None:
    """At today's load, whatever else the machine does; without recorded series it is more."""
    cost = measured("current", lambda _: None)
    assert cost.series > 10_000
    assert cost.share <= BAR
    assert cost.alone > min(cost.rounds)
