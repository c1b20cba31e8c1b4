"""Each stack from its shipped file: made whole, then nothing left to do."""

from pathlib import Path

import pytest
from checkout import ROOT, Checkout

# What the others have prod has too; dev is made in test_admission.py, staging is between the two.
STACKS = (*(pytest.param(stack, marks=pytest.mark.long) for stack in ("dev", "staging")), "prod")


@pytest.mark.parametrize("stack", STACKS)
def test_up_makes_everything_and_a_second_one_changes_nothing(checkout: Checkout, stack: str) -> None:
    """Every resource is created without a warning; the second run finds nothing to do."""
    first = checkout.local("up", "--stack", stack)
    assert "warning:" not in first, first
    assert " created" in first
    second = checkout.local("up", "--stack", stack)
    assert " unchanged" in second
    assert not any(word in second for word in (" created", " updated", " deleted", " replaced")), second


@pytest.mark.parametrize("stack", STACKS)
def test_refresh_finds_no_drift_in_what_was_just_made(checkout: Checkout, stack: str) -> None:
    """What the servers filled in or normalised is not taken for a change."""
    seen = checkout.pulumi("refresh", "--preview-only", "--non-interactive", "--stack", stack)
    assert "to update" not in seen, seen
    assert "to delete" not in seen, seen


def test_the_stack_files_of_the_checkout_are_untouched(checkout: Checkout) -> None:
    """The engine writes its salt and settings into copies only."""
    checkout.pulumi("config", "set", "--path", "tags.owner", "somebody", "--stack", "dev")
    checkout.pulumi("config", "rm", "--path", "tags.owner", "--stack", "dev")
    for file in ROOT.glob("Pulumi*.yaml"):
        assert (checkout.path / file.name).read_bytes() == file.read_bytes()


def test_a_stack_file_with_a_key_provider_works_and_stays_as_it_is(checkout: Checkout) -> None:
    """A KMS secrets provider belongs to the real backend: ignored here, kept in the file."""
    file = checkout.path / "Pulumi.prod.yaml"
    named = f"secretsprovider: awskms://alias/pulumi?region=ap-northeast-2\n{file.read_text()}"
    file.write_text(named)
    seen = checkout.local("preview", "--stack", "prod")
    assert " unchanged" in seen
    assert " create" not in seen
    assert file.read_text() == named


def test_the_engine_keeps_no_log_of_its_own(checkout: Checkout) -> None:
    """It would write megabytes at each command, for which nobody asked."""
    assert Path(checkout.environment()["PULUMI_HOME"], "logs").read_bytes() == b""
