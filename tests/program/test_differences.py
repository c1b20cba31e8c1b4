"""Two stacks differ where it is meant, and nowhere else."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from differences import differences, unintended

from config.settings import load
from model.plan import build_plan
from render.recorder import Recording, record

INTENDED = yaml.safe_load(Path(__file__).with_name("differences.yaml").read_text())


@cache
def _stack(environment: str, *sinks: str) -> Recording:
    raw: dict[str, Any] = {"logSinks": list(sinks)} if sinks else {}
    return record(build_plan(load(raw, stack=environment)))


def _lines(table: str) -> list[str]:
    if table == "dev-prod":
        return differences(_stack("dev"), _stack("prod"), ("dev", "prod"))
    return differences(_stack("dev", "loki"), _stack("dev", "cloudwatch"), ("dev", "dev"))


@pytest.mark.parametrize("table", INTENDED)
def test_every_difference_is_intended(table: str) -> None:
    """Each line has its reason, and no reason has lost its line."""
    assert unintended(_lines(table), INTENDED[table]) == ([], [])


@pytest.mark.parametrize("table", INTENDED)
def test_a_difference_that_nobody_intends_is_found(table: str) -> None:
    """One entry less is one reason less."""
    first, *rest = INTENDED[table]
    stray, _ = unintended(_lines(table), rest)
    assert stray
    assert unintended(stray, [first]) == ([], [])


def test_a_stack_does_not_differ_from_itself() -> None:
    """But for the names of environments, which count as one."""
    assert differences(_stack("prod"), _stack("prod"), ("prod", "prod")) == []
