"""What a live object amounts to in terms of the program's inputs."""

from local.plugins import live

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "d"},
    "spec": {"replicas": 2, "cpu": "1000m", "ports": [{"port": 80}]},
}
CANONICAL = {**DEPLOYMENT, "spec": {"replicas": 2, "cpu": "1", "ports": [{"port": 80, "protocol": "TCP"}]}}


def _found(**spec: object) -> dict[str, object]:
    return {**CANONICAL, "spec": {**CANONICAL["spec"], **spec}}  # type: ignore[dict-item]


def test_what_the_server_normalised_is_no_drift() -> None:
    """A quantity in another spelling and a default that was filled in are left alone."""
    assert live.drifted(DEPLOYMENT, CANONICAL, _found(extra=True)) == DEPLOYMENT


def test_a_changed_field_is_drift() -> None:
    """Only the field that somebody changed differs."""
    seen = live.drifted(DEPLOYMENT, CANONICAL, _found(replicas=5))
    assert seen["spec"] == {"replicas": 5, "cpu": "1000m", "ports": [{"port": 80}]}


def test_a_removed_field_is_drift() -> None:
    """A field that the live object lacks is missing from what was seen."""
    found = _found()
    del found["spec"]["cpu"]  # type: ignore[attr-defined]
    assert "cpu" not in live.drifted(DEPLOYMENT, CANONICAL, found)["spec"]


def test_a_longer_list_is_drift() -> None:
    """An added item shows the whole live list."""
    ports = [{"port": 80}, {"port": 81}]
    assert live.drifted(DEPLOYMENT, CANONICAL, _found(ports=ports))["spec"]["ports"] == ports


def test_string_data_is_rebuilt_from_data() -> None:
    """A Secret's `stringData` is write-only: what is stored tells what it was."""
    inputs = {"kind": "Secret", "stringData": {"a": "x", "b": "y"}}
    found = {"kind": "Secret", "data": {"a": "eA==", "b": "eg=="}}
    assert live.drifted(inputs, {}, found)["stringData"] == {"a": "x", "b": "z"}
