"""The table of exceptions, and how it is held against what is found."""

import pytest
from scanners.findings import STACKS, Finding, Waiver, undeclared, unused, waivers

GRAFANA = Finding("kube-score", "pod-probes", "Deployment.monitoring.grafana")
DECLARED = Waiver("kube-score", "pod-probes", "Deployment.monitoring.*", ("prod",), "a reason")


def test_a_declared_finding_is_let_through() -> None:
    """Tool, check, pattern and stack fit."""
    assert undeclared([GRAFANA], "prod", [DECLARED]) == []


@pytest.mark.parametrize(
    ("finding", "stack"),
    [
        (GRAFANA, "dev"),
        (Finding("checkov-plan", "pod-probes", "Deployment.monitoring.grafana"), "prod"),
        (Finding("kube-score", "pod-probes-identical", "Deployment.monitoring.grafana"), "prod"),
        (Finding("kube-score", "pod-probes", "Deployment.axiom.grafana"), "prod"),
    ],
    ids=["stack", "tool", "check", "resource"],
)
def test_any_other_finding_stays(finding: Finding, stack: str) -> None:
    """An exception covers what it says, and nothing beside it."""
    assert undeclared([finding], stack, [DECLARED]) == [finding]


def test_an_exception_that_covers_nothing_is_named() -> None:
    """In each stack that it is declared for."""
    assert unused({"dev": [GRAFANA], "prod": []}, [DECLARED]) == [DECLARED]
    assert unused({"dev": [], "prod": [GRAFANA]}, [DECLARED]) == []


def test_every_exception_is_whole() -> None:
    """A known tool, known stacks, a reason, and no second row for the same."""
    declared = waivers()
    assert {waiver.tool for waiver in declared} == {"checkov-kubernetes", "checkov-plan", "kube-score"}
    assert all(waiver.reason and set(waiver.stacks) <= set(STACKS) for waiver in declared)
    assert len({(waiver.tool, waiver.check, waiver.resource) for waiver in declared}) == len(declared)
