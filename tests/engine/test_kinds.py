"""Kinds of objects whose defaults are special, each through its whole life on a real API server."""

import json
import shutil
from pathlib import Path

import pytest
from checkout import Checkout

INSIDE = "ds,jobs,cronjobs,pdb,quota,limits,ing,netpol,svc"
OUTSIDE = ("ns/kinds", "priorityclass/kinds", "ingressclass/kinds", "crd/widgets.kinds.example.com")
PROGRAM = Path(__file__).with_name("kinds_program.py")


@pytest.fixture(scope="module")
def made(checkout: Checkout) -> Checkout:
    """One of each, after a preview of them."""
    shutil.copy(PROGRAM, checkout.path / "__main__.py")
    seen = checkout.local("preview", "--stack", "dev")
    assert "not checked: the API server has no kind Widget in kinds.example.com/v1" in seen
    first = checkout.local("up", "--stack", "dev")
    assert "warning:" not in first, first
    return checkout


def test_a_second_run_changes_nothing(made: Checkout) -> None:
    """What the server filled in is no difference."""
    second = made.local("up", "--stack", "dev")
    assert " unchanged" in second
    assert not any(word in second for word in (" created", " updated", " deleted", " replaced")), second


def test_a_refresh_finds_no_drift(made: Checkout) -> None:
    """Neither a Job's selector nor a Service's address nor a release's record is one."""
    seen = made.pulumi("refresh", "--preview-only", "--diff", "--non-interactive", "--stack", "dev")
    assert "to update" not in seen, seen
    assert "to delete" not in seen, seen


def test_a_password_is_in_the_state_encrypted_only(made: Checkout) -> None:
    """The SDK declares it secret, and no text of the state holds it."""
    shown = made.pulumi("stack", "output", "password", "--show-secrets", "--stack", "dev").strip()
    assert len(shown) == 20
    assert shown not in json.dumps(made.state("dev"))
    assert "[secret]" in made.pulumi("stack", "output", "password", "--stack", "dev")


def test_a_changed_job_is_replaced_in_a_preview_without_complaint(made: Checkout) -> None:
    """Its template never changes in place: the API server would refuse that."""
    program = made.path / "__main__.py"
    whole = program.read_text()
    program.write_text(whole.replace("main:1", "main:2"))
    seen = made.local("preview", "--stack", "dev")
    program.write_text(whole)
    assert "+-kubernetes:batch/v1:Job" in seen.replace(" ", ""), seen


def test_all_of_them_can_be_destroyed(made: Checkout) -> None:
    """Nothing is left, neither in the state nor in the cluster."""
    assert len(left(made)) == len(INSIDE.split(",")) + 2 + len(OUTSIDE)
    made.pulumi("destroy", "--yes", "--non-interactive", "--stack", "dev")
    assert not made.state("dev").get("resources")
    assert left(made) == []


def left(made: Checkout) -> list[str]:
    """What the cluster has of the program, by kind and name."""
    inside = made.kubectl("-n", "kinds", "get", INSIDE, "--ignore-not-found", "-o", "name")
    outside = made.kubectl("get", *OUTSIDE, "--ignore-not-found", "-o", "name")
    return [*inside.split(), *outside.split()]
