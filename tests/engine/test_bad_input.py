"""Bad input at the command line: a helpful message, status 2 or 1, never a traceback."""

import socket

import pytest
from checkout import Checkout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stack", "nowhere"), "Pulumi.nowhere.yaml does not exist; stacks: dev, prod, staging"),
        (("--set", "tier=3year"), "current, 6month, 1year, 2year"),
        (("--set", "logSinks=splunk"), "loki, cloudwatch, datadog"),
        (("--set", "colour=blue"), "colour"),
        (("--set", "cluster.mode=existing"), "cluster.name"),
        (("--stack", "prod", "--set", "tier=1year"), "pulumi config set --path neo4j.acceptLicense true"),
    ],
)
def test_refused_settings_end_with_status_two(
    checkout: Checkout, arguments: tuple[str, ...], message: str
) -> None:
    """The message says what it may be or how to set it right."""
    seen = checkout.local("preview", *arguments, expect=2)
    assert message in seen
    assert "Traceback" not in seen


def test_malformed_yaml_names_file_and_line(checkout: Checkout) -> None:
    """A stack file that is no YAML is one line of error."""
    file = checkout.path / "Pulumi.staging.yaml"
    whole = file.read_text()
    file.write_text("config:\n  a: [1\nb: 2\n")
    seen = checkout.local("up", "--stack", "staging", expect=2)
    file.write_text(whole)
    assert "Pulumi.staging.yaml, line 3" in seen
    assert "Traceback" not in seen


def test_a_port_in_use_is_passed_over(checkout: Checkout) -> None:
    """A new cluster takes the next free port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        checkout.local("down")
        checkout.local("env", "--first-port", str(port))
    assert f"127.0.0.1:{port}" not in checkout.local("status")


def test_a_running_target_is_used_as_it_is(checkout: Checkout) -> None:
    """A second command finds the target of the first."""
    before = checkout.local("status")
    checkout.local("preview")
    assert checkout.local("status") == before


def test_down_leaves_nothing(checkout: Checkout) -> None:
    """Neither process nor file; a second one has nothing to do."""
    checkout.local("preview")
    assert "stopped" in checkout.local("down")
    assert "not running" in checkout.local("status")
    assert "nothing was running" in checkout.local("down")
