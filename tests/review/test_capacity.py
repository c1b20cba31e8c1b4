"""Capacity from what is declared agrees with the model's own, and survives whatever is declared."""

from typing import Any

import pytest
from carried import scene
from preview_samples import DEPLOYMENT, preview, step

from config.scalars import Tier
from review.capacity import capacity
from review.planned import planned
from review.states import Side


@pytest.mark.parametrize("tier", list(Tier))
def test_it_is_what_the_model_counts(tier: Tier) -> None:
    """Pods, cores, memory and nodes of prod."""
    looked = scene(tier=tier.value)
    found = capacity(Side(tier=tier, states=planned(looked.plan)))
    least, most = (looked.nodes.requests(looked.workloads, most=at) for at in (False, True))
    assert found.pods_least == sum(looked.pods(each, most=False) for each in looked.workloads)
    assert found.pods_most == sum(looked.pods(each, most=True) for each in looked.workloads)
    assert found.cores_least == pytest.approx(least.cores)
    assert found.cores_most == pytest.approx(most.cores)
    assert found.gibibytes_least == pytest.approx(least.gibibytes)
    assert found.gibibytes_most == pytest.approx(most.gibibytes)
    assert found.nodes == looked.nodes.least
    assert found.uncounted == ()


def test_nodes_are_no_more_than_the_account_gives() -> None:
    """As the model has it: three zones of so many."""
    requests = {"resources": {"requests": {"cpu": "4", "memory": "1Gi"}}}
    inputs = {"spec": {"replicas": 1000, "template": {"spec": {"containers": [requests]}}}}
    state = preview(step("create", DEPLOYMENT, "many-pods", None, inputs)).changes[0].state
    size = scene().tier.nodes
    assert capacity(Side(states=(state,))).nodes == size.per_zone * 3


@pytest.mark.parametrize(
    "containers",
    [None, [], "x", [{}], [{"resources": {"requests": {"cpu": "many", "memory": "1Gi"}}}],
     [{"resources": {"requests": {"cpu": "1", "memory": "1Zi"}}}], [{"resources": {"requests": None}}],
     [{"resources": {"requests": {"cpu": "9" * 10_000, "memory": "1Gi"}}}]],
)  # fmt: skip
def test_what_does_not_say_its_size_is_named(containers: Any) -> None:
    """Not counted as nothing without a word."""
    inputs = {"spec": {"template": {"spec": {"containers": containers}}}}
    found = preview(step("create", DEPLOYMENT, "odd-pods", None, inputs))
    assert capacity(Side(states=(found.changes[0].state,))).uncounted == ("odd-pods",)
