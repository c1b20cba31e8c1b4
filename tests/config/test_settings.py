"""What the settings refuse, and how they say so."""

import itertools
import json
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo

from config.data import tier
from config.errors import MissingSecretsError, SettingsError, field_at, known_keys, section_of
from config.scalars import Environment, SinkName, Tier
from config.secrets import SecretKey
from config.settings import Settings, load, required_secrets
from config.stackfile import apply_overrides, read

ROLE = "arn:aws:iam::123456789012:role/operators"
STACKS = ("dev", "staging", "prod")


def refused(stack: str = "dev", **raw: Any) -> SettingsError:
    """The error that these settings cause."""
    with pytest.raises(SettingsError) as caught:
        load({"environment": "dev", **raw}, stack=stack)
    return caught.value


def nested(key: str, value: Any) -> dict[str, Any]:
    """`a.b` and a value as the mapping that holds it."""
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def bad_value(field: FieldInfo) -> Any:
    """A value that no field of this type can accept; an unknown kind of field fails the test."""
    kind = next((item for item in get_args(field.annotation) if item is not type(None)), field.annotation)
    origin = get_origin(field.annotation)
    if origin is tuple or kind is bool or origin is dict:
        return 17
    if kind is int:
        return -1
    if isinstance(kind, type) and issubclass(kind, str):
        return "?? not a value ??"
    if get_origin(kind) is not None or hasattr(kind, "__metadata__"):
        return "?? not a value ??"
    raise AssertionError(f"no refused value is known for {field}")


FIELDS = [key for key in known_keys(Settings) if (field := field_at(Settings, key)) and not section_of(field)]


@pytest.mark.parametrize("key", [key for key in FIELDS if key != "environment"])
def test_every_field_refuses_something_and_says_how_to_set_it_right(key: str) -> None:
    """Key, value and command stand in the message; a new field is tried without a new test."""
    field = field_at(Settings, key)
    assert field is not None
    value = bad_value(field)
    problem = next(item for item in refused(**nested(key, value)).problems if item.key == key)
    assert json.dumps(value) in problem.got
    assert problem.allowed
    assert key in problem.command("dev")


def test_an_unknown_environment_is_refused() -> None:
    """A stack that is named otherwise must say which environment it serves."""
    with pytest.raises(SettingsError, match="pulumi config set environment dev --stack playground"):
        load({}, stack="playground")


def test_an_unknown_key_is_named_with_what_may_be_meant() -> None:
    """A typing error inside a section shows the key nearby."""
    error = refused(retention={"logDays": 3})
    assert "retention.logDays" in str(error)
    assert "did you mean retention.logsDays?" in str(error)


def test_several_problems_are_told_at_once() -> None:
    """Nobody mends a file one error at a time."""
    error = refused(tier="3year", region="mars", logSinks=["splunk"], colour="blue")
    assert {"tier", "region", "logSinks[0]", "colour"} <= {problem.key for problem in error.problems}
    assert "4 problems" in str(error)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"tier": "3year"}, "current, 6month, 1year, 2year"),
        ({"logSinks": ["splunk"]}, "loki, cloudwatch, datadog"),
        ({"region": "mars"}, "ap-northeast-2"),
        ({"logSinks": []}, "a non-empty list"),
        ({"logSinks": "loki,loki"}, "names a sink twice"),
        ({"cluster": {"mode": "existing"}}, "an existing cluster needs its name"),
        ({"cluster": {"mode": "existing", "name": "x"}}, "an existing cluster lies in an existing network"),
        ({"network": {"mode": "existing"}}, "network.vpcId"),
        ({"postgres": {"mode": "existing"}}, "postgres.host"),
        ({"redis": {"provision": "existing"}}, "redis.host"),
        ({"grafana": {"delivery": "api"}}, "grafana.url"),
        ({"grafana": {"oidc": {"clientId": "grafana"}}}, "grafana.oidc.tokenUrl"),
        ({"region": "il-central-1"}, "postgres.caCertificate"),
        ({"cluster": {"drivers": "addons"}}, "cluster.drivers auto"),
        ({"cluster": {"serviceCidr": "10.20.16.0/20"}}, "cluster.serviceCidr 172.20.0.0/16"),
        ({"network": {"cidr": "172.20.0.0/16"}}, "cluster.serviceCidr 10.100.0.0/16"),
        (
            {"cluster": {"adminArns": [ROLE], "viewerArns": [ROLE]}},
            f"{ROLE} is in adminArns already",
        ),
        ({"neo4j": {"edition": "enterprise"}}, "pulumi config set --path neo4j.acceptLicense true"),
        ({"tier": "1year"}, "pulumi config set --path neo4j.acceptLicense true"),
        ({"tier": "1year", "neo4j": {"edition": "community", "acceptLicense": True}}, "diverging databases"),
        ({"environment": "prod", "alerting": {"pagerduty": False}}, "alerting.pagerduty"),
        ({"retention": {"metricsDays": 7}}, "from 30 to 365"),
        ({"retention": {"logsDays": 10}}, "none of the retentions that CloudWatch offers: 1, 3, 5, 7, 14"),
        ({"retention": {"auditDays": 100}}, "pulumi config set --path retention.auditDays 7"),
        ({"datadog": {"site": "datadoghq.org"}}, "pulumi config set --path datadog.site datadoghq.com"),
        ({"logSinks": []}, "logSinks"),
        ({"logs": {"bufferGibibytes": 0}}, "from 1 or more"),
        ({"traces": {"keptPercent": 0}}, "from 1 to 100"),
        ({"neo4j": '{"edition": '}, "no valid JSON"),
        ({"protectStores": "yes"}, "true, false"),
    ],
)
def test_what_is_wrong_is_said_in_words(raw: dict[str, Any], words: str) -> None:
    """Each message names the choice or the command."""
    assert words in str(refused(**raw))


@pytest.mark.parametrize("stack", STACKS)
def test_the_shipped_stack_files_load(stack: str) -> None:
    """Each gives the sinks that its environment is meant to have."""
    sinks = {"dev": ["loki"], "staging": ["cloudwatch"], "prod": ["cloudwatch", "datadog"]}
    settings = load(read(Path(f"Pulumi.{stack}.yaml"), stack=stack), stack=stack)
    assert settings.environment == stack
    assert list(settings.log_sinks) == sinks[stack]


def test_sinks_may_be_typed_as_a_list_of_words() -> None:
    """`pulumi config set logSinks datadog,loki` reads as it is meant, in a fixed order."""
    assert load({"logSinks": "datadog, loki"}, stack="dev").log_sinks == (SinkName.LOKI, SinkName.DATADOG)


def test_a_section_keeps_the_defaults_that_it_does_not_name() -> None:
    """One key of a section leaves the environment's other keys in place."""
    settings = load({"alerting": {"tokenBudget": 5}}, stack="prod")
    assert settings.alerting.pagerduty
    assert settings.alerting.token_budget == 5


def test_settings_are_frozen() -> None:
    """Nobody changes them on the way."""
    settings = load({}, stack="dev")
    with pytest.raises(Exception, match="frozen"):
        settings.tier = Tier.ONE_YEAR


def test_a_stack_file_that_is_no_yaml_is_one_problem(tmp_path: Path) -> None:
    """File and line, no traceback."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  a: [1\nb: 2\n")
    with pytest.raises(SettingsError, match=r"Pulumi\.dev\.yaml: got no valid YAML in line 3"):
        read(file, stack="dev")


def test_secrets_are_left_out_of_what_is_read(tmp_path: Path) -> None:
    """Only values in clear are settings."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  axiom-monitoring:a: {secure: v1:x}\n  axiom-monitoring:tier: current\n")
    assert read(file, stack="dev") == {"tier": "current"}


def test_one_off_settings_reach_into_sections_and_lists() -> None:
    """Paths as in `pulumi config set --path`."""
    overrides = ["neo4j.acceptLicense=true", "logSinks[0]=loki", "retention.logsDays=3", "tier=1year"]
    assert apply_overrides({"logSinks": ["datadog"]}, overrides, stack="dev") == {
        "neo4j": {"acceptLicense": True},
        "logSinks": ["loki"],
        "retention": {"logsDays": 3},
        "tier": "1year",
    }


def test_which_secrets_are_needed_follows_the_settings() -> None:
    """A sink or a receiver that is off asks for nothing."""
    dev = required_secrets(load({}, stack="dev"))
    prod = required_secrets(load({}, stack="prod"))
    existing = {
        "postgres": {"mode": "existing", "host": "db.example.com"},
        "redis": {"provision": "existing", "host": "cache.example.com"},
    }
    login = "https://login.example.com"
    oidc = {"clientId": "grafana", "authUrl": login, "tokenUrl": login, "apiUrl": login}
    api = {"delivery": "api", "url": "https://grafana.example.com"}
    everything = required_secrets(load({**existing, "grafana": {"oidc": oidc, **api}}, stack="prod"))
    assert SecretKey.PAGERDUTY_ROUTING_KEY not in dev
    assert SecretKey.SENTRY_DSN_CORE not in dev
    assert SecretKey.POSTGRES_MASTER_PASSWORD not in prod
    assert set(everything) == set(SecretKey)


def test_missing_secrets_are_one_error_with_a_command_each() -> None:
    """Every key at once."""
    text = str(MissingSecretsError(["a", "b"], stack="prod"))
    assert "2 secrets are missing" in text
    assert "pulumi config set --secret a --stack prod" in text
    assert "pulumi config set --secret b --stack prod" in text


def test_each_tier_carries_at_least_what_the_one_before_does() -> None:
    """Users, requests, servers and storage never shrink."""
    tiers = [tier(name) for name in Tier]
    for smaller, larger in itertools.pairwise(tiers):
        assert larger.users > smaller.users
        assert larger.requests_per_day > smaller.requests_per_day
        assert larger.redis.shards * (1 + larger.redis.replicas) >= smaller.redis.shards
        assert larger.neo4j.servers >= smaller.neo4j.servers
        assert larger.prometheus.storage_gibibytes >= smaller.prometheus.storage_gibibytes


def test_tiers_hold_the_changes_of_the_requirements() -> None:
    """Three pods and a bigger class at six months, Multi-AZ at a year; each includes the last."""
    assert tier(Tier.SIX_MONTHS).instances == {"core-api": 3, "oracle": 3}
    assert tier(Tier.SIX_MONTHS).postgres.instance_class == "db.r6g.xlarge"
    assert not tier(Tier.SIX_MONTHS).postgres.multi_az
    assert tier(Tier.TWO_YEARS).postgres.multi_az
    assert tier(Tier.TWO_YEARS).instances["oracle"] == 3


def test_every_environment_has_its_defaults() -> None:
    """A new environment cannot be forgotten."""
    for environment in Environment:
        assert load({}, stack=environment).environment is environment
