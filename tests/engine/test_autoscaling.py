"""Autoscalers on a real API server: KEDA's kinds are judged by their own definitions, and what an
autoscaler decides stays.
"""

import json
from collections.abc import Mapping

import pytest
from checkout import Checkout

FILE = "components/keda.py"


@pytest.fixture(scope="module")
def dev(checkout: Checkout) -> Checkout:
    """The dev stack, made from nothing."""
    seen = checkout.local("up", "--stack", "dev")
    assert "not checked" not in seen, seen
    return checkout


def replicas(dev: Checkout, name: str) -> str:
    """What a Deployment states."""
    return dev.kubectl("-n", "axiom", "get", "deployment", name, "-o", "jsonpath={.spec.replicas}")


def test_the_api_server_has_the_scaled_objects(dev: Checkout) -> None:
    """With the bounds of the plan, by definitions that came with the release."""
    found = json.loads(dev.kubectl("-n", "axiom", "get", "scaledobjects.keda.sh", "-o", "json"))["items"]
    bounds = {
        item["metadata"]["name"]: (item["spec"]["minReplicaCount"], item["spec"]["maxReplicaCount"])
        for item in found
    }
    assert bounds == {"core-worker": (4, 8), "oracle": (2, 8)}


def test_what_they_hold_is_no_difference(dev: Checkout) -> None:
    """Neither to a second preview nor to a refresh."""
    stack = ("--stack", "dev", "--non-interactive")
    dev.pulumi("preview", "--refresh", "--expect-no-changes", *stack)


@pytest.mark.parametrize(
    "planted",
    [
        # The API server reads names first, and judges values where all are known.
        {'"failureThreshold"': ('"failuresThreshold"', "field not declared in schema")},
        {
            '"currentReplicasIfHigher"': ('"currentReplicasIfMore"', "spec.fallback.behavior"),
            '"triggers": [': ('"triggers": [] and [', "spec.triggers"),
        },
    ],
)
def test_what_the_kind_does_not_have_is_refused_in_a_preview(
    dev: Checkout, planted: Mapping[str, tuple[str, str]]
) -> None:
    """A planted name; a value beside the list, none where one must be."""
    file = dev.path / FILE
    whole = file.read_text()
    changed = whole
    for right, (wrong, _) in planted.items():
        assert right in changed
        changed = changed.replace(right, wrong)
    file.write_text(changed)
    seen = dev.local("preview", "--stack", "dev", expect=1)
    file.write_text(whole)
    assert [said for _, said in planted.values() if said not in seen] == []


def test_what_an_autoscaler_has_decided_stays(dev: Checkout) -> None:
    """A plain one's and KEDA's: neither a preview nor an update that changes the Deployment takes pods away.

    They are moved as an autoscaler moves them: by the scale subresource, under another manager's name.
    """
    stack, names = ("--stack", "dev", "--non-interactive"), ("core-api", "oracle")
    patch = ("--subresource=scale", "--type=merge", '-p={"spec":{"replicas":6}}')
    for name in names:
        manager = "--field-manager=kube-controller-manager"
        dev.kubectl("-n", "axiom", "patch", "deployment", name, manager, *patch)
    dev.pulumi("preview", "--refresh", "--expect-no-changes", *stack)
    dev.pulumi("up", "--yes", "--skip-preview", *stack)
    assert [replicas(dev, name) for name in names] == ["6", "6"]
    dev.pulumi("config", "set", "--path", "images.appVersion", "9.9.9", "--stack", "dev")
    seen = dev.pulumi("up", "--yes", "--skip-preview", *stack)
    assert [name for name in names if f"{name}-pods" in seen] == list(names)
    assert [replicas(dev, name) for name in names] == ["6", "6"]


def test_the_definitions_go_with_the_release(dev: Checkout) -> None:
    """And what stands on them before, so that its operator could still take leave of it."""
    command = ("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev")
    seen = dev.pulumi(*command, "--target", "**::keda-release", "--target-dependents")
    order = [seen.index(f"{line} deleted") for line in ("oracle-autoscaling-scaled-object", "keda-release")]
    assert order == sorted(order)
    assert "keda.sh" not in dev.kubectl("get", "customresourcedefinitions", "-o", "name")
