"""What a hook compares: what is applied now, without secrets, and without what changes by itself."""

from typing import Any

import pulumi
import pytest

from config.settings import load
from model.transitions.finding import HIDDEN
from stacks import guard
from stacks.guard import applied, plain

RDS = "aws:rds/instance:Instance"


def update(old: dict[str, Any], outputs: dict[str, Any], new: dict[str, Any]) -> pulumi.ResourceHookArgs:
    """What the engine hands over before an update of the database."""
    return pulumi.ResourceHookArgs(
        urn="urn:pulumi:prod::p::t::postgres-instance",
        id="db-1",
        name="postgres-instance",
        type=RDS,
        old_inputs=old,
        new_inputs=new,
        old_outputs=outputs,
    )


def test_a_change_that_waits_for_its_window_is_not_applied_yet() -> None:
    """State already has the new input; what AWS reports counts."""
    args = update({"multiAz": True, "instanceClass": "b"}, {"multiAz": False, "instanceClass": "a"}, {})
    assert applied(args) == {"multiAz": False, "instanceClass": "a"}


def test_a_disk_that_grew_by_itself_blocks_nothing() -> None:
    """RDS grows storage on its own; the provider leaves it so, and the next update passes."""
    args = update({"allocatedStorage": 100}, {"allocatedStorage": 150}, {"allocatedStorage": 100})
    assert applied(args) == {"allocatedStorage": 100}


def test_what_a_server_writes_otherwise_is_no_change() -> None:
    """Only properties of the table are read back."""
    args = update({"kmsKeyId": HIDDEN, "identifier": "Axiom"}, {"identifier": "axiom"}, {})
    assert applied(args)["identifier"] == "Axiom"


def test_secrets_and_unknown_values_are_hidden_and_numbers_are_whole() -> None:
    """The wire knows floating point only, and hands secrets over as objects."""
    assert plain({"a": object(), "b": 3.0, "c": [{"d": None}]}) == {"a": HIDDEN, "b": 3, "c": [{"d": None}]}


@pytest.mark.parametrize("dry", [True, False])
def test_an_update_stops_at_once_and_a_preview_goes_on(monkeypatch: pytest.MonkeyPatch, dry: bool) -> None:
    """A preview tells an error and shows the rest; an update never reaches the provider."""
    errors: list[str] = []
    monkeypatch.setattr(guard, "is_dry_run", lambda: dry)
    monkeypatch.setattr(pulumi.log, "error", errors.append)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "prod")
    monkeypatch.setattr(pulumi, "ResourceHook", lambda *_: None)
    watch = guard.Guard(load({}, stack="prod"))
    shrunk = update({"allocatedStorage": 200}, {}, {"allocatedStorage": 100})
    if dry:
        watch.before_update(shrunk)
        assert "a disk never shrinks" in errors[0]
    else:
        with pytest.raises(pulumi.RunError, match="a disk never shrinks"):
            watch.before_update(shrunk)
