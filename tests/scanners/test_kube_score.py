"""kube-score on the Kubernetes objects, together: it follows selectors and references."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from scanners.findings import STACKS, Finding, kube_score, undeclared, unused, waivers
from scanners.rendered import Rendered

pytestmark = pytest.mark.tools
DECLARED = [waiver for waiver in waivers() if waiver.tool == "kube-score"]
NOBODY = {"app": "nobody"}
Stacks = Mapping[str, Rendered]
Found = Mapping[str, set[Finding]]


@pytest.fixture(scope="session")
def found(stacks: Stacks) -> Found:
    """What kube-score finds in each stack."""
    return {stack: kube_score(rendered.files) for stack, rendered in stacks.items()}


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_found_but_the_exceptions(found: Found, stack: str) -> None:
    """Whatever else fails is to be set right, or declared with its reason."""
    assert undeclared(found[stack], stack, DECLARED) == []


def test_every_exception_is_needed(found: Found) -> None:
    """One that covers nothing would hide the next finding."""
    assert unused(found, DECLARED) == []


def _container(workload: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = workload["spec"]["template"]["spec"]["containers"][0]
    return container


def _misspell(kind: str, field: str, selector: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda found: found["spec"].update({field: selector}) if found["kind"] == kind else None


def _in_workload(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    return lambda found: change(_container(found)) if found["kind"] == "Deployment" else None


# Check -> kind of the object that it names, and what is done to the objects called core-api.
MUTATIONS: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "pod-probes": ("Deployment", _in_workload(lambda container: container.pop("readinessProbe"))),
    "container-resources": (
        "Deployment",
        _in_workload(lambda container: container["resources"].pop("requests")),
    ),
    "container-image-tag": (
        "Deployment",
        _in_workload(lambda container: container.update(image="x:latest")),
    ),
    "container-security-context-privileged": (
        "Deployment",
        _in_workload(lambda container: container["securityContext"].update(privileged=True)),
    ),
    "service-targets-pod": ("Service", _misspell("Service", "selector", NOBODY)),
    "deployment-has-poddisruptionbudget": (
        "Deployment",
        _misspell("PodDisruptionBudget", "selector", {"matchLabels": NOBODY}),
    ),
    "pod-networkpolicy": ("Deployment", _misspell("NetworkPolicy", "podSelector", {"matchLabels": NOBODY})),
}


@pytest.mark.parametrize("check", MUTATIONS)
def test_a_planted_flaw_is_found(stacks: Stacks, tmp_path: Path, check: str) -> None:
    """One field of one object, one check."""
    kind, change = MUTATIONS[check]
    own = [one for one in stacks["prod"].objects if one["metadata"]["name"] == "core-api"]
    for one in own:
        change(one)
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all(own))
    assert Finding("kube-score", check, f"{kind}.axiom.core-api") in kube_score([file])
