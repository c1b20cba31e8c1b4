"""What a real API server refuses, warns of and keeps: the dev stack, made once.

KEDA's kinds are judged by their own definitions, and what an autoscaler decides stays.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from checkout import Checkout

KEDA = "components/keda.py"
CONTAINERS = "components/containers.py"


@pytest.fixture(scope="module")
def dev(checkout: Checkout) -> Checkout:
    """The dev stack, made from nothing without a warning."""
    seen = checkout.local("up", "--stack", "dev")
    assert "not checked" not in seen, seen
    assert "warning:" not in seen, seen
    return checkout


@contextmanager
def planted(dev: Checkout, file: str, wrong: Mapping[str, str]) -> Iterator[None]:
    """A file of the program with other words for a while."""
    path = dev.path / file
    whole = text = path.read_text()
    for right, other in wrong.items():
        assert right in text
        text = text.replace(right, other)
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(whole)


def test_a_pod_that_breaks_the_restricted_standard_is_reported(dev: Checkout) -> None:
    """The API server's warning stands in the preview."""
    with planted(dev, CONTAINERS, {'"run_as_non_root": not root': '"run_as_non_root": False'}):
        seen = dev.local("preview", "--stack", "dev")
    assert 'would violate PodSecurity "restricted:v1.35"' in seen
    assert "runAsNonRoot != true" in seen


def test_an_unknown_field_is_refused_by_name_before_anything_is_changed(dev: Checkout) -> None:
    """Strict validation acts in a preview, once the cluster exists."""
    with planted(dev, CONTAINERS, {'"run_as_non_root": not root': '"run_as_nonroot": not root'}):
        seen = dev.local("preview", "--stack", "dev", expect=1)
    assert "runAsNonroot" in seen or "run_as_nonroot" in seen


def test_a_resource_without_a_provider_of_its_own_is_refused(dev: Checkout) -> None:
    """Default providers are off: nothing slips through to whatever account is at hand."""
    file = dev.path / "__main__.py"
    whole = file.read_text()
    file.write_text(f'{whole}\nimport pulumi_aws\n\npulumi_aws.s3.Bucket("stray")\n')
    seen = dev.local("preview", "--stack", "dev", expect=1)
    file.write_text(whole)
    assert "Default provider for 'aws' disabled" in seen


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


@pytest.mark.parametrize(
    "wrong",
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
    dev: Checkout, wrong: Mapping[str, tuple[str, str]]
) -> None:
    """A planted name; a value beside the list, none where one must be."""
    with planted(dev, KEDA, {right: other for right, (other, _) in wrong.items()}):
        seen = dev.local("preview", "--stack", "dev", expect=1)
    assert [said for _, said in wrong.values() if said not in seen] == []


def test_what_an_autoscaler_has_decided_stays(dev: Checkout) -> None:
    """A plain one's and KEDA's: what they hold is no difference, and a changed Deployment keeps its pods.

    They are moved as an autoscaler moves them: by the scale subresource, under another manager's name.
    """
    stack, names = ("--stack", "dev", "--non-interactive"), ("core-api", "oracle")
    patch = ("--subresource=scale", "--type=merge", '-p={"spec":{"replicas":6}}')
    for name in names:
        manager = "--field-manager=kube-controller-manager"
        dev.kubectl("-n", "axiom", "patch", "deployment", name, manager, *patch)
    dev.pulumi("preview", "--refresh", "--expect-no-changes", *stack)
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
