"""What an operator does after the first `up`: settings, previews, outputs, drift, rights."""

import json
import re

import pytest
from checkout import Checkout

PROMETHEUS = "system:serviceaccount:monitoring:prometheus"


@pytest.fixture(scope="module")
def dev(checkout: Checkout) -> Checkout:
    """The dev stack, made."""
    checkout.local("up", "--stack", "dev")
    return checkout


def test_a_rotated_password_reaches_the_database_and_then_the_pods(dev: Checkout) -> None:
    """As docs/upgrading.md has it: nothing but the password is named."""
    command = ("--replace", "**::passwords-postgres-core", "--stack", "dev", "--non-interactive")
    seen = dev.pulumi("up", "--yes", "--skip-preview", *command)
    order = [seen.index(f"{line} ") for line in ("postgres-roles-run replaced", "core-api-pods updated")]
    assert order == sorted(order)
    assert "oracle-pods updated" not in seen
    dev.pulumi("preview", "--expect-no-changes", "--stack", "dev", "--non-interactive")


@pytest.mark.long
def test_a_tier_set_by_hand_shows_property_by_property(dev: Checkout) -> None:
    """`pulumi config set tier 1year`, then a preview that names what changes."""
    dev.pulumi("config", "set", "tier", "1year", "--stack", "dev")
    # What needs steps in an order is refused; all changes show beside it.
    seen = dev.pulumi("preview", "--stack", "dev", "--diff", "--non-interactive", expect=1)
    assert "the way from disabled to enabled is two steps" in seen
    assert re.search(r"~ instanceClass\s*: .*=>", seen), seen
    assert re.search(r"~ multiAz\s*: false => true", seen), seen
    dev.pulumi("config", "rm", "tier", "--stack", "dev")


def test_secrets_show_as_secret(dev: Checkout) -> None:
    """No placeholder's text appears in a preview, and the state holds it only encrypted."""
    dev.pulumi("config", "set", "--secret", "slackWebhookWarning", "PLANTED-VALUE", "--stack", "dev")
    seen = dev.pulumi("preview", "--stack", "dev", "--diff", "--non-interactive")
    assert "[secret]" in seen
    assert "PLANTED-VALUE" not in seen
    dev.pulumi("up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive")
    assert "PLANTED-VALUE" not in json.dumps(dev.state("dev"))


def test_a_missing_secret_is_one_error_that_lists_all(dev: Checkout) -> None:
    """Every missing key with its command, no traceback."""
    keys = ("slackWebhookDefault", "slackWebhookWarning")
    for key in keys:
        dev.pulumi("config", "rm", key, "--stack", "dev")
    seen = dev.pulumi("preview", "--stack", "dev", "--non-interactive", expect=1)
    for key in keys:
        assert f"pulumi config set --secret {key}" in seen
    assert "Traceback" not in seen


def test_outputs_are_readable(dev: Checkout) -> None:
    """The outputs name the tier and the sinks."""
    outputs = json.loads(dev.pulumi("stack", "output", "--json", "--stack", "dev"))
    assert outputs["tier"] == "current"
    assert outputs["sinks"] == ["loki"]


def test_a_change_behind_the_programs_back_is_drift(dev: Checkout) -> None:
    """A changed ConfigMap shows its line, a deleted Service shows as gone."""
    dev.kubectl("-n", "monitoring", "patch", "configmap", "prometheus-config", "--type=merge",
                '-p={"data":{"prometheus.yml":"global: {}"}}')  # fmt: skip
    dev.kubectl("-n", "monitoring", "delete", "service", "alertmanager")
    seen = dev.pulumi("refresh", "--preview-only", "--diff", "--non-interactive", "--stack", "dev")
    assert "+ global: {}" in seen
    assert re.search(r"- kubernetes:core/v1:Service: \(delete\)", seen), seen


@pytest.mark.parametrize(
    ("verb", "resource", "namespace", "allowed"),
    [
        ("list", "pods", "axiom", True),
        ("watch", "pods", "monitoring", True),
        ("list", "pods", "kube-system", False),
        ("get", "secrets", "monitoring", False),
        ("list", "secrets", "axiom", False),
        ("create", "pods", "axiom", False),
        ("get", "nodes --subresource=proxy", "axiom", False),
    ],
)
def test_prometheus_may_read_what_discovery_needs_and_nothing_else(
    dev: Checkout, verb: str, resource: str, namespace: str, allowed: bool
) -> None:
    """Its own service account is asked about, on the real API server."""
    answer = "yes" if allowed else "no"
    status = 0 if allowed else 1
    question = ("auth", "can-i", verb, *resource.split(), "-n", namespace, f"--as={PROMETHEUS}")
    assert dev.kubectl(*question, expect=status).split()[0] == answer


@pytest.mark.long
def test_an_existing_cluster_may_be_used(dev: Checkout) -> None:
    """Nothing of EKS or the VPC is made when both are given."""
    settings = (
        "cluster.mode=existing", "cluster.name=given", "network.mode=existing",
        "network.vpcId=vpc-0123456789abcdef0", "network.privateSubnetIds[0]=subnet-0123456789abcdef0",
        "network.privateSubnetIds[1]=subnet-0123456789abcdef1",
    )  # fmt: skip
    arguments = [argument for setting in settings for argument in ("--set", setting)]
    seen = dev.local("preview", "--stack", "staging", *arguments)
    assert "aws:rds/instance:Instance" in seen
    assert "aws:eks/cluster:Cluster" not in seen
    assert "aws:ec2/vpc:Vpc" not in seen


def test_another_stack_needs_no_more_than_plain_pulumi(dev: Checkout) -> None:
    """After `env` any stack can be made: it exists, its secrets have placeholders."""
    seen = dev.pulumi("up", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive")
    assert " created" in seen
    assert "error" not in seen


def test_a_one_off_tier_changes_no_file(dev: Checkout) -> None:
    """`make preview TIER=6month`: the stack keeps its own."""
    seen = dev.local("preview", "--stack", "prod", "--set", "tier=6month")
    assert '"db.m6g.xlarge" => "db.r6g.xlarge"' in seen
    kept = json.loads(dev.pulumi("config", "--json", "--stack", "prod"))
    assert "axiom-monitoring:environment" in kept
    assert "axiom-monitoring:tier" not in kept


def test_stacks_do_not_meet(dev: Checkout) -> None:
    """Each has its own cluster, and kubectl a context for each."""
    contexts = dev.kubectl("config", "get-contexts", "-o", "name").split()
    assert set(contexts) == {"axiom-dev", "axiom-prod"}
    assert len(contexts) == len(set(contexts))
