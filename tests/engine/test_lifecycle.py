"""Each stack from its shipped file: made whole, then nothing left to do."""

import pytest
from checkout import ROOT, Checkout

# Staging differs from the others by nothing that they do not have.
STACKS = ("dev", pytest.param("staging", marks=pytest.mark.long), "prod")


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
    file = checkout.path / "Pulumi.dev.yaml"
    named = f"secretsprovider: awskms://alias/pulumi?region=ap-northeast-2\n{file.read_text()}"
    file.write_text(named)
    assert " unchanged" in checkout.local("up", "--stack", "dev")
    assert file.read_text() == named


def test_stacks_do_not_meet(checkout: Checkout) -> None:
    """Each stack has its own cluster, and kubectl a context for each."""
    contexts = checkout.kubectl("config", "get-contexts", "-o", "name").split()
    assert len(set(contexts)) == len(contexts) > 1
