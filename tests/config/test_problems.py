"""One error tells everything, keeps secrets to itself, and its commands set things right."""

from typing import Any

import pytest

from config.errors import Problem, SettingsError
from config.settings import Settings, load

ENTERPRISE = {"tier": "1year", "neo4j": {"acceptLicense": True}}


def refused(raw: dict[str, Any], stack: str = "dev") -> SettingsError:
    """The error that these settings cause."""
    with pytest.raises(SettingsError) as caught:
        load(raw, stack=stack)
    return caught.value


def keys(raw: dict[str, Any], stack: str = "dev") -> set[str]:
    """The keys of the problems."""
    return {problem.key for problem in refused(raw, stack).problems}


def test_rules_do_not_hide_each_other() -> None:
    """Rules of sections and across sections in one go."""
    raw = {"tier": "1year", "cluster": {"mode": "existing"}, "alerting": {"pagerduty": False}}
    assert keys(raw, "prod") == {
        "cluster.name",
        "network.mode",
        "alerting.pagerduty",
        "neo4j.acceptLicense",
    }


def test_a_refused_value_does_not_hide_a_rule() -> None:
    """A bad region beside a missing licence shows both."""
    assert keys({"tier": "1year", "region": "us-moon-7"}) == {"region", "neo4j.acceptLicense"}


def test_an_unknown_environment_does_not_hide_the_rest() -> None:
    """Nor its own consequences: the keys whose defaults it decides are not missing."""
    assert keys({"environment": "production", "tier": "9year"}) == {"environment", "tier"}
    assert keys({"tier": "9year"}, "playground") == {"environment", "tier"}


def test_a_refused_key_is_told_once() -> None:
    """A cluster with a name that cannot be one is not also without a name."""
    cluster = {"mode": "existing", "name": "BAD NAME"}
    assert keys({"cluster": cluster, "network": {"mode": "exsting"}}) == {"cluster.name", "network.mode"}


def test_an_unknown_region_is_refused() -> None:
    """Also one that has the form of a region."""
    assert keys({"region": "us-moon-7"}) == {"region"}


def test_a_digest_of_no_image_is_refused() -> None:
    """A pin that pins nothing is a typing error."""
    digests = {"promethues": "sha256:" + "0" * 64}
    assert "may be alertmanager, blackbox-exporter, canvas" in str(refused({"images": {"digests": digests}}))


@pytest.mark.parametrize("key", ["slackWebhookCritical", "slackWebhokCritical"])
def test_a_secret_in_clear_is_refused_and_not_repeated(key: str) -> None:
    """Errors end up in logs; one letter amiss in the key changes nothing about that."""
    text = str(refused({key: "https://hooks.example.com/planted"}))
    assert "planted" not in text
    assert "slackWebhookCritical" in text


def test_a_secret_in_clear_is_set_again_as_a_secret() -> None:
    """The command is the one that mends it."""
    text = str(refused({"datadogApiKey": "planted"}, "prod"))
    assert "pulumi config set --secret datadogApiKey --stack prod" in text


@pytest.mark.parametrize(
    ("raw", "command"),
    [
        ({"tier": "1yaer"}, "pulumi config set tier 1year --stack dev"),
        (
            {"tier": "1year", "neo4j": {"edition": "community", "acceptLicense": True}},
            "pulumi config set --path neo4j.edition enterprise --stack dev",
        ),
        (
            {"cluster": {"mode": "existing", "name": "x"}},
            "pulumi config set --path network.mode existing --stack dev",
        ),
        ({"logSinks": "loki,splunk"}, "pulumi config set logSinks loki --stack dev"),
        ({"logSinks": []}, "pulumi config set logSinks loki --stack dev"),
        (
            {
                "network": {
                    "mode": "existing",
                    "vpcId": "vpc-01234567",
                    "privateSubnetIds": ["subnet-01234567"],
                }
            },
            "pulumi config set-all --path --plaintext 'network.privateSubnetIds[0]=subnet-0123456789abcdef0'"
            " --plaintext 'network.privateSubnetIds[1]=subnet-0123456789abcdef1' --stack dev",
        ),
        ({"network": {"vpcid": "x"}}, "pulumi config rm --path network.vpcid --stack dev"),
        ({"colour": "blue"}, "pulumi config rm colour --stack dev"),
        (
            {"network": {"privateSubnetIds": "x"}},
            "pulumi config rm --path network.privateSubnetIds --stack dev",
        ),
        (
            {"images": {"digests": {"prometheus": "latest"}}},
            f"pulumi config set --path images.digests.prometheus sha256:{'0' * 64} --stack dev",
        ),
        ({"neo4j": "hello"}, "pulumi config rm neo4j --stack dev"),
    ],
)
def test_the_command_sets_it_right(raw: dict[str, Any], command: str) -> None:
    """A command that puts the same mistake back would be worse than none."""
    assert command in str(refused(raw)).splitlines()[-1]


def test_a_key_is_quoted_for_the_shell() -> None:
    """Nothing in a stack file is run by pasting what the error says."""
    command = Problem("a'; reboot; '", "x", "y", None).command("dev")
    assert command == """pulumi config rm 'a'"'"'; reboot; '"'"'' --stack dev"""


def test_a_long_value_is_cut() -> None:
    """A file pasted into a key does not fill the screen."""
    assert len(refused({"tier": "x" * 100_000}).problems[0].got) < 300


def test_what_is_right_is_accepted() -> None:
    """The second look changes nothing where the first finds nothing."""
    assert isinstance(load(ENTERPRISE, stack="dev"), Settings)
