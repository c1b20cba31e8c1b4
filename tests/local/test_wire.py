"""Property values on the wire."""

from local.plugins.backend import UNKNOWN
from local.plugins.diff import differences
from local.plugins.wire import from_struct, has_unknown, to_struct


def test_values_survive_the_wire() -> None:
    """Text, numbers, booleans, nothing, lists, maps and unknowns come back as they went."""
    values = {"a": "x", "b": 2, "c": 2.5, "d": True, "e": None, "f": [1, {"g": UNKNOWN}], "h": {}, "i": []}
    assert from_struct(to_struct(values)) == (values, set())


def test_secrets_are_taken_off_and_put_back() -> None:
    """The paths of secrets are remembered, at any depth."""
    values = {"data": {"key": "hidden"}, "list": ["open", "hidden"]}
    secrets = {("data",), ("list", 1)}
    plain, found = from_struct(to_struct(values, secrets))
    assert plain == values
    assert found == secrets


def test_a_secret_never_travels_bare() -> None:
    """Without its envelope the text would stand in the message next to its key."""
    message = to_struct({"password": "hidden"}, {("password",)})
    assert message.fields["password"].WhichOneof("kind") == "struct_value"


def test_unknowns_are_found_at_any_depth() -> None:
    """A list in a map in a list."""
    assert has_unknown({"a": [{"b": [UNKNOWN]}]})
    assert not has_unknown({"a": [{"b": ["known"]}]})


def test_differences_name_leaves_by_path() -> None:
    """Additions, deletions and updates; keys with dots are quoted."""
    old = {"spec": {"replicas": 1, "gone": 1}, "data": {"app.conf": "a"}, "ports": [1, 2]}
    new = {"spec": {"replicas": 2, "new": 1}, "data": {"app.conf": "b"}, "ports": [1]}
    assert differences(old, new) == {
        "spec.replicas": "update",
        "spec.gone": "delete",
        "spec.new": "add",
        'data["app.conf"]': "update",
        "ports[1]": "delete",
    }


def test_equal_inputs_do_not_differ() -> None:
    """Nothing to do is an empty answer."""
    assert differences({"a": [1, {"b": UNKNOWN}]}, {"a": [1, {"b": UNKNOWN}]}) == {}
