"""Reading a preview: what is known is typed, what is not is refused in one line."""

import json

import pytest
from preview_samples import RDS, UNKNOWN, digest, preview, stack_step, step

from review.preview import InputError, Op, ended, previews
from review.secrets import UNKNOWN as UNKNOWN_WORDS

URN = "urn:pulumi:prod::axiom-monitoring::aws:rds/instance:Instance::postgres-instance"
REFUSED = {
    "nothing": ("", "the input is empty"),
    "spaces": (" \n ", "the input is empty"),
    "cut in half": (digest()[: len(digest()) // 2], "no JSON of a preview"),
    "other output": ("warning: something\n" + digest(), "no JSON of a preview"),
    "another document": ('{"version": 3, "deployment": {}}', "neither steps nor diagnostics"),
    "events": ('{"sequence": 1, "timestamp": 2}', "neither steps nor diagnostics"),
    "a list": ("[1, 2]", "neither steps nor diagnostics"),
    "steps as a mapping": ('{"steps": {"a": 1}}', "another version"),
    "a step that is text": ('{"steps": ["a"]}', "another version"),
    "diagnostics as text": ('{"steps": [], "diagnostics": "a"}', "another version"),
    "another operation": (json.dumps({"steps": [{"op": "transmute", "urn": URN}]}), "unknown operation"),
    "an operation that is a list": (
        json.dumps({"steps": [{"op": ["same"], "urn": URN}]}),
        "unknown operation",
    ),
    "no URN": (json.dumps({"steps": [{"op": "create", "urn": "x"}]}), "is no URN"),
    "no states": (json.dumps({"steps": [{"op": "create", "urn": URN}]}), "has no state"),
    "two stacks": (
        json.dumps({"steps": [stack_step(), stack_step("dev")]}),
        "2 stacks at once",
    ),
    "nothing said": ('{"steps": null, "diagnostics": null}', "a preview that says nothing"),
    "no step of the stack": (json.dumps({"steps": [step("delete", RDS, "a", {})]}), "says nothing"),
    "a number without end": ('{"steps": ' + "9" * 5000 + "}", "a number of more digits"),
    "a deep value": (
        digest(outputs={"tier": "DEEP"}).replace('"DEEP"', "[" * 900 + "]" * 900),
        "nested too deeply",
    ),
    "a deep one": ('{"steps": ' + "[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_preview_is_refused_in_one_line(case: str) -> None:
    """With the reason, and never with a traceback."""
    text, reason = REFUSED[case]
    with pytest.raises(InputError, match=reason) as refused:
        previews(text)
    assert "\n" not in str(refused.value)


def test_steps_are_typed_and_in_a_fixed_order() -> None:
    """The engine's order differs from run to run."""
    one = step("update", RDS, "postgres-instance", {"multiAz": False}, {"multiAz": True})
    other = step("create", "aws:s3/bucket:Bucket", "buckets-loki", None, {"bucket": "b"})
    found, again = preview(one, other), preview(other, one)
    assert found == again
    assert [(each.op, each.state.name) for each in found.changes] == [
        (Op.UPDATE, "postgres-instance"),
        (Op.CREATE, "buckets-loki"),
    ]
    assert found.stack == "prod"
    assert not found.failed


def test_values_that_are_not_known_yet_say_so() -> None:
    """The engine's sentinel means nothing to a reader."""
    found = preview(step("create", RDS, "postgres-instance", None, {"kmsKeyId": UNKNOWN}))
    assert found.changes[0].state.inputs["kmsKeyId"] == UNKNOWN_WORDS


def test_several_previews_may_follow_each_other() -> None:
    """Of several stacks, in one stream."""
    both = previews(digest() + "\n" + digest(stack="dev"))
    assert [each.stack for each in both] == ["prod", "dev"]


def test_a_failed_preview_without_steps_has_the_name_that_was_given() -> None:
    """And one that names another stack is refused."""
    told = '{"diagnostics": [{"message": "error: broken", "severity": "error"}]}'
    found = previews(told, stack="dev")[0]
    assert (found.stack, found.failed) == ("dev", True)
    with pytest.raises(InputError, match="a preview of stack prod, not of dev"):
        previews(digest(), stack="dev")


def test_a_step_knows_its_component() -> None:
    """The outermost, by the name that its parts begin with."""
    workload = "axiom:monitoring:Workload"
    for parent, component in (
        (f"{workload}::core-api", "Workload core-api"),
        (f"{workload}$axiom:monitoring:Autoscaling::core-api-autoscaling", "Workload core-api"),
        ("pulumi:pulumi:Stack::axiom-monitoring-prod", ""),
    ):
        found = preview(step("create", "kubernetes:core/v1:Service", "x", None, {}, parent=parent))
        assert found.changes[0].component == component


def test_providers_components_and_the_stack_are_no_resources() -> None:
    """They change with what they hold, and would be counted twice."""
    found = preview(
        step("update", "pulumi:providers:aws", "aws", {"region": "a"}, {"region": "b"}),
        step("create", "axiom:monitoring:Workload", "core-api", None, {}),
        step("create", "random:index/randomPassword:RandomPassword", "password", None, {}),
    )
    assert [each.state.name for each in found.changes] == ["password"]


def test_types_stay_as_they_are_and_states_say_what_they_are() -> None:
    """One reads like an assignment; a provider's type need not have a slash, and a component's may."""
    parent = "axiom:monitoring:Postgres$aws:secretsmanager/secret:Secret::a"
    gone = step("delete", "aws:secretsmanager/secret:Secret", "postgres-master", {}, parent=parent)
    component = step("create", "other:a/b:C", "component", None, {})
    component["newState"]["custom"] = False
    found = preview(gone, component, step("create", "command:local:Command", "run", None, {}))
    assert [each.state.kind for each in found.changes] == [
        "aws:secretsmanager/secret:Secret",
        "command:local:Command",
    ]
    assert found.changes[0].urn.split("::")[2] == "aws:secretsmanager/secret:Secret"
    assert "[secret]" not in found.changes[0].parent


def test_how_the_engine_ended_counts() -> None:
    """Whatever it told before."""
    assert not ended(preview(), 0).failed
    assert ended(preview(), 1).failed
    assert len(ended(preview(errors=["a"]), 1).diagnostics) == 1
