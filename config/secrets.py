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
    HEARTBEAT_URL = "heartbeatUrl"
    DATADOG_API_KEY = "datadogApiKey"
    SENTRY_DSN_CORE = "sentryDsnCore"
    SENTRY_DSN_ORACLE = "sentryDsnOracle"
    SENTRY_DSN_VISION = "sentryDsnVision"
    SENTRY_DSN_SYNAPSE = "sentryDsnSynapse"
    SENTRY_DSN_WEAVER = "sentryDsnWeaver"
    LANGSMITH_API_KEY = "langsmithApiKey"
    GRAFANA_OIDC_CLIENT_SECRET = "grafanaOidcClientSecret"  # noqa: S105 - a key, not a password
    GRAFANA_API_TOKEN = "grafanaApiToken"  # noqa: S105 - a key, not a token
    POSTGRES_MASTER_PASSWORD = "postgresMasterPassword"  # noqa: S105 - a key, not a password
    REDIS_AUTH_TOKEN = "redisAuthToken"  # noqa: S105 - a key, not a password
