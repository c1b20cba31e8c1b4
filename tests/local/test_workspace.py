"""The scratch project: copies that never touch the checkout."""

from pathlib import Path

import pytest
import yaml

from local.engine import Engine
from local.layout import TargetLayout
from local.processes import Problem
from local.workspace import Workspace, missing_secrets, required_secrets

STACK = """
secretsprovider: awskms://alias/x
encryptedkey: abc
config:
  sample:size: big
  sample:token: {secure: v1:abc}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A checkout with one stack."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "Pulumi.yaml").write_text("name: sample\nruntime: python\n")
    (checkout / "Pulumi.dev.yaml").write_text(STACK)
    layout = TargetLayout(tmp_path / "target")
    for folder in (layout.project, layout.bin):
        folder.mkdir(parents=True)
    return Workspace(checkout, layout)


def copied(workspace: Workspace) -> dict[str, object]:
    """The scratch copy as it is."""
    return dict(yaml.safe_load(workspace.stack_file("dev").read_text()))


def test_a_copy_leaves_the_real_backends_keys_behind(workspace: Workspace) -> None:
    """Its key provider, and values that only that can decrypt."""
    workspace.copy_stack_file("dev")
    assert copied(workspace) == {"config": {"sample:size": "big"}}
    assert (workspace.checkout / "Pulumi.dev.yaml").read_text() == STACK


def test_what_was_set_on_the_copy_stays_until_the_original_changes(workspace: Workspace) -> None:
    """Then the original wins, and that is told."""
    workspace.copy_stack_file("dev")
    workspace.stack_file("dev").write_text("config: {sample:size: small}\nencryptionsalt: v1:s\n")
    assert not workspace.copy_stack_file("dev")
    assert copied(workspace)["config"] == {"sample:size": "small"}
    (workspace.checkout / "Pulumi.dev.yaml").write_text("config: {sample:size: huge}\n")
    assert workspace.copy_stack_file("dev")
    assert copied(workspace) == {"config": {"sample:size": "huge"}, "encryptionsalt": "v1:s"}


def test_a_one_off_leaves_the_copy_as_it_is(workspace: Workspace) -> None:
    """The settings of one run go into a file of their own."""
    workspace.copy_stack_file("dev")
    file = workspace.one_off("dev")
    file.write_text("config: {sample:size: tiny}\n")
    assert copied(workspace)["config"] == {"sample:size": "big"}


def test_an_unknown_stack_and_malformed_yaml_are_usage_problems(workspace: Workspace) -> None:
    """With the stacks there are, or the line."""
    with pytest.raises(Problem, match="there are dev") as caught:
        workspace.copy_stack_file("prod")
    assert caught.value.usage
    (workspace.checkout / "Pulumi.dev.yaml").write_text("config:\n  a: [1\nb: 2\n")
    with pytest.raises(Problem, match=r"Pulumi\.dev\.yaml, line 3"):
        workspace.copy_stack_file("dev")


def test_secrets_that_are_set_are_not_missing(workspace: Workspace) -> None:
    """By the project's namespace."""
    file = workspace.checkout / "Pulumi.dev.yaml"
    assert missing_secrets(file, "sample", ["token", "other"]) == ["other"]


def test_a_secrets_command_that_refuses_is_a_problem_in_its_words(tmp_path: Path) -> None:
    """Status 2 stays wrong usage."""
    script = tmp_path / "command"
    script.write_text("#!/bin/sh\necho 'tier: no such tier' >&2; exit 2\n")
    script.chmod(0o755)
    with pytest.raises(Problem, match="no such tier") as caught:
        required_secrets([str(script)], "dev", tmp_path)
    assert caught.value.usage


def test_a_checkpoint_that_was_cut_off_gives_way_to_its_backup(tmp_path: Path) -> None:
    """And a whole one stays."""
    folder = tmp_path / ".pulumi/stacks/sample"
    folder.mkdir(parents=True)
    (folder / "dev.json").write_text('{"version": 3, "chec')
    (folder / "dev.json.bak").write_text('{"version": 2}')
    engine = Engine(tmp_path / "pulumi", tmp_path, {}, tmp_path)
    told: list[str] = []
    engine.mend_checkpoint("dev", told.append)
    assert (folder / "dev.json").read_text() == '{"version": 2}'
    assert "backup" in told[0]
    engine.mend_checkpoint("dev", told.append)
    assert len(told) == 1
