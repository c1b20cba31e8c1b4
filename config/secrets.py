"""The secrets a stack is given, by key: closed, and never part of the settings.

Values are set with `pulumi config set --secret KEY` and read only as Pulumi secrets.
"""

from enum import StrEnum


class SecretKey(StrEnum):
    """A secret in `axiom-monitoring:`; the value of the member is its configuration key."""

    SLACK_WEBHOOK_CRITICAL = "slackWebhookCritical"
    SLACK_WEBHOOK_WARNING = "slackWebhookWarning"
    SLACK_WEBHOOK_DEFAULT = "slackWebhookDefault"
    PAGERDUTY_ROUTING_KEY = "pagerdutyRoutingKey"
    DATADOG_API_KEY = "datadogApiKey"
    POSTGRES_MASTER_PASSWORD = "postgresMasterPassword"  # noqa: S105 - a key, not a password
