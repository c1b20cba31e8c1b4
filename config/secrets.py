"""The secrets a stack is given, by key: closed, and never part of the settings.

Values are set with `pulumi config set --secret KEY` and read only as Pulumi secrets.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from config.scalars import Provision, SinkName

if TYPE_CHECKING:
    from config.settings import Settings


class SecretKey(StrEnum):
    """A secret in `axiom-monitoring:`; the value of the member is its configuration key."""

    SLACK_WEBHOOK_CRITICAL = "slackWebhookCritical"
    SLACK_WEBHOOK_WARNING = "slackWebhookWarning"
    SLACK_WEBHOOK_DEFAULT = "slackWebhookDefault"
    PAGERDUTY_ROUTING_KEY = "pagerdutyRoutingKey"
    DATADOG_API_KEY = "datadogApiKey"
    POSTGRES_MASTER_PASSWORD = "postgresMasterPassword"  # noqa: S105 - a key, not a password


def required_secrets(settings: "Settings") -> tuple[SecretKey, ...]:
    """The secrets that a stack with these settings needs, in the order of the enum."""
    needed = {
        SecretKey.SLACK_WEBHOOK_CRITICAL: True,
        SecretKey.SLACK_WEBHOOK_WARNING: True,
        SecretKey.SLACK_WEBHOOK_DEFAULT: True,
        SecretKey.PAGERDUTY_ROUTING_KEY: settings.alerting.pagerduty,
        SecretKey.DATADOG_API_KEY: SinkName.DATADOG in settings.log_sinks,
        SecretKey.POSTGRES_MASTER_PASSWORD: settings.postgres.mode is Provision.CREATE,
    }
    return tuple(key for key in SecretKey if needed[key])
