"""Settings and secrets as the engine hands them to the program."""

import pulumi
import pytest

from config.settings import Settings
from model.plan import build_plan
from render.recorder import run
from stacks import bootstrap

OURS = "axiom-monitoring:"


def _settings(config: dict[str, str], secret: list[str] | None = None) -> Settings:
    found: list[Settings] = []
    run(
        lambda: found.append(bootstrap.settings()),
        config={f"{OURS}{key}": value for key, value in config.items()},
        secret_keys=[f"{OURS}{key}" for key in secret or []],
    )
    return found[0]


def test_settings_come_from_the_stack() -> None:
    """Texts, lists and sections arrive as their types."""
    settings = _settings(
        {"environment": "prod", "logSinks": '["loki"]', "tags": '{"owner": "team"}', "tier": "6month"}
    )
    assert (settings.environment, settings.log_sinks, settings.tags.owner, settings.tier) == (
        "prod",
        ("loki",),
        "team",
        "6month",
    )


def test_problems_are_one_message() -> None:
    """Every problem at once, as an error that the engine shows without a traceback."""
    with pytest.raises(pulumi.RunError, match=r"(?s)2 problems.*tier.*nonsense"):
        _settings({"environment": "prod", "tier": "never", "nonsense": "1"})


def test_a_stack_that_does_not_carry_its_load_is_refused_before_any_resource() -> None:
    """As an error that the engine shows without a traceback, with the command for this stack."""

    def program() -> None:
        bootstrap.plan(bootstrap.settings())

    config = {f"{OURS}environment": "prod", f"{OURS}postgres": '{"poolSize": 120}'}
    with pytest.raises(pulumi.RunError, match=r"(?s)1,617.*postgres\.instanceClass db\.m6g\.2xlarge --stack"):
        run(program, config=config)


def test_secrets_are_no_settings() -> None:
    """A known secret is left to the secrets; its value is never looked at."""
    settings = _settings({"environment": "prod", "datadogApiKey": "hidden"}, ["datadogApiKey"])
    assert "hidden" not in repr(settings)


def test_an_unknown_secret_is_refused_without_its_value() -> None:
    """The message names the key and not what it holds."""
    with pytest.raises(pulumi.RunError, match="datadogKey") as caught:
        _settings({"environment": "prod", "datadogKey": "hidden"}, ["datadogKey"])
    assert "hidden" not in str(caught.value)


def test_missing_secrets_are_one_error_with_their_commands() -> None:
    """All of them, each with the command that sets it."""

    def program() -> None:
        bootstrap.secrets(build_plan(bootstrap.settings()))

    given = f"{OURS}slackWebhookDefault"
    with pytest.raises(pulumi.RunError) as caught:
        run(program, config={f"{OURS}environment": "prod", given: "set"}, secret_keys=[given])
    missing = str(caught.value)
    assert "pulumi config set --secret pagerdutyRoutingKey" in missing
    assert "pulumi config set --secret slackWebhookCritical" in missing
    assert "slackWebhookDefault" not in missing


def test_secrets_stay_secret() -> None:
    """A secret that the program exports is in an envelope."""

    def program() -> None:
        plan = build_plan(bootstrap.settings())
        pulumi.export("all", list(bootstrap.secrets(plan).values()))

    keys = build_plan(_settings({"environment": "dev"})).secrets
    config = {f"{OURS}{key}": "planted" for key in keys}
    recording = run(program, config=config | {f"{OURS}environment": "dev"}, secret_keys=list(config))
    stack = recording.of("pulumi:pulumi:Stack")[0]
    assert stack.outputs is not None
    envelope = stack.outputs["all"]
    assert "4dabf18193072939515e22adb298388d" in str(envelope)


def test_a_secret_in_clear_is_refused_without_its_value() -> None:
    """It stands readable in the stack file: it must be set again as a secret."""
    with pytest.raises(pulumi.RunError, match="datadogApiKey") as caught:
        _settings({"environment": "prod", "datadogApiKey": "hidden"})
    assert "hidden" not in str(caught.value)
