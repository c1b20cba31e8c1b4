"""What a preview leaves out is planned as the program declares it, in every environment and tier."""

from collections.abc import Mapping
from typing import Any

import pytest

from config.holders import holders
from config.scalars import Environment, Tier
from config.settings import load
from model.plan import build_plan
from render.recorder import record
from render.tree import opened
from review.kinds import HARMLESS, LOST, NETWORK, PROTECTS, RUNS
from review.planned import KINDS, planned

PODS = "kubernetes:apps/v1:"
# Recording a program takes a second: the ends of the tiers in prod, and what differs elsewhere.
STACKS = [
    (Environment.DEV, Tier.CURRENT),
    (Environment.STAGING, Tier.TWO_YEARS),
    (Environment.PROD, Tier.CURRENT),
    (Environment.PROD, Tier.TWO_YEARS),
]


def holds(declared: Any, counted: Any) -> bool:
    """Whether everything that is counted is declared."""
    if isinstance(counted, Mapping):
        return isinstance(declared, Mapping) and all(
            holds(declared.get(key), item) for key, item in counted.items()
        )
    if isinstance(counted, list):
        return len(declared) == len(counted) and all(map(holds, declared, counted))
    # Subnets: one in each zone, by another name.
    return declared == counted or str(counted).startswith("ap-northeast-2")


@pytest.mark.parametrize(("environment", "tier"), STACKS)
def test_the_planned_states_are_those_of_the_program(environment: Environment, tier: Tier) -> None:
    """The same resources of the types that are counted, and each with the inputs that are."""
    sinks = {"logSinks": ["loki", "cloudwatch"]} if environment is Environment.STAGING else {}
    raw = {
        "tier": tier.value,
        "neo4j": {"acceptLicense": True},
        "ingress": {"host": "a.example.com"},
        **sinks,
    }
    plan = build_plan(load(raw, stack=environment))
    declared = {
        (found.type, found.name): opened(found.inputs)
        for found in record(plan).resources
        if (found.type in KINDS or found.type.startswith(PODS))
        and found.inputs.get("vpcEndpointType") != "Gateway"
    }
    states = {(state.kind, state.name): state.inputs for state in planned(plan)}
    assert states.keys() == declared.keys()
    assert [key for key, inputs in states.items() if not holds(declared[key], inputs)] == []


def test_a_planted_difference_is_seen() -> None:
    """The comparison is not true of everything."""
    assert not holds({"a": {"b": 1}}, {"a": {"b": 2}})
    assert not holds({"a": [1]}, {"a": [1, 1]})
    assert not holds({}, {"a": 1})


def test_every_type_of_the_program_was_judged() -> None:
    """A new one needs a line: what is lost with it, what it protects, or that it holds nothing."""
    settings = {"neo4j": {"acceptLicense": True}, "ingress": {"host": "a.example.com"}}
    plan = build_plan(load({**settings, "tier": Tier.TWO_YEARS.value}, stack=Environment.PROD))
    declared = {found.type for found in record(plan).resources if found.custom}
    known = {*LOST, *PROTECTS, *HARMLESS, *RUNS, *holders(), *NETWORK}
    assert {kind for kind in declared if not kind.startswith("pulumi:")} - known == set()
