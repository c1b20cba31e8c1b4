"""The sections of the settings about what the stack does: ways in, alerting, retention, partners."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from config.scalars import (
    BucketPrefix,
    CertificateArn,
    ClientId,
    DataDogSite,
    GrafanaDelivery,
    HostName,
    HttpsUrl,
    JmesPath,
    LogDays,
    SlackChannel,
)
from config.section import Broken, Section


class Oidc(Section):
    """An OpenID Connect provider for Grafana; its client secret is `grafanaOidcClientSecret`."""

    client_id: ClientId | None = None
    """Client that Grafana is registered as; none leaves the administrator's password as the only way in."""
    auth_url: HttpsUrl | None = None
    """Authorization endpoint."""
    token_url: HttpsUrl | None = None
    """Token endpoint."""
    api_url: HttpsUrl | None = None
    """User information endpoint."""
    role_path: JmesPath = "'Viewer'"
    """JMESPath expression over the claims that gives Viewer, Editor or Admin."""

    def broken(self) -> Iterator[Broken]:
        """A client has its provider's three endpoints."""
        if self.client_id is None:
            return
        for key, url in (("authUrl", self.auth_url), ("tokenUrl", self.token_url), ("apiUrl", self.api_url)):
            if url is None:
                reason = "single sign-on needs this endpoint of its provider"
                yield Broken(f"grafana.oidc.{key}", reason, "https://login.example.com/oauth2")


class Grafana(Section):
    """How Grafana gets its dashboards."""

    delivery: GrafanaDelivery = GrafanaDelivery.PROVISIONED
    """`provisioned` mounts files into the Grafana that runs here; `api` writes through its API."""
    url: HttpsUrl | None = None
    """Address of the Grafana API for `api`."""
    host: HostName | None = None
    """Host name under which Grafana is reached with TLS; none makes no way in from outside."""
    certificate_arn: CertificateArn | None = None
    """ACM certificate of the host; none lets the load balancer find one by the host's name."""
    internal: bool = True
    """True keeps its load balancer inside the network."""
    oidc: Oidc = Oidc()

    def broken(self) -> Iterator[Broken]:
        """An API has an address, single sign-on its provider."""
        yield from self.oidc.broken()
        if self.delivery is GrafanaDelivery.API and self.url is None:
            yield Broken(
                "grafana.url", "delivery by API needs the address of Grafana", "https://grafana.example.com"
            )


class Alerting(Section):
    """Where alerts go."""

    critical_channel: SlackChannel = "#axiom-critical"
    """Slack channel of critical alerts."""
    warning_channel: SlackChannel = "#axiom-alerts"
    """Slack channel of warnings."""
    default_channel: SlackChannel = "#axiom-monitoring"
    """Slack channel of everything else."""
    pagerduty: bool = False
    """True pages PagerDuty on critical alerts."""
    heartbeat: bool = False
    """True sends Watchdog to a service outside the cluster, which pages when it hears nothing more."""
    token_budget: Annotated[int, Field(ge=1, examples=[1000000])] = 1_000_000
    """LLM tokens a day; TokenBudgetHigh fires at 80%."""
    runbook_base: HttpsUrl = "https://axiom.example.com/runbooks"
    """Where `docs/runbooks/` is published; `runbook_url` is made of it."""


class Logs(Section):
    """Lines on their way from the nodes to the sinks."""

    buffer_gibibytes: Annotated[int, Field(ge=1, examples=[2])] = 2
    """Disk of each node for what one sink has not taken, in GiB; beyond it the oldest lines are lost."""


class Traces(Section):
    """What is kept of the traces."""

    kept_percent: Annotated[int, Field(ge=1, le=100, examples=[10])] = 100
    """Of traces without an error and without a slow LLM call so many in a hundred are kept."""


class Retention(Section):
    """How long data is kept, in days."""

    logs_days: LogDays = 7
    """Application logs in every sink, and traces; one of the numbers that CloudWatch offers."""
    audit_days: LogDays = 365
    """Control-plane, audit and flow logs."""
    metrics_days: Annotated[int, Field(ge=30, le=365, examples=[30])] = 30
    """Metrics in Prometheus; at least the 30 days that the error budgets need."""


class Ingress(Section):
    """How users reach Axiom."""

    host: HostName | None = None
    """Host name of Canvas and of the public API; none makes no way in from outside."""
    certificate_arn: CertificateArn | None = None
    """ACM certificate of the host; none lets the load balancer find one by the host's name."""
    internal: bool = False
    """True keeps the load balancer inside the network."""


class Sentry(Section):
    """Errors of the services in Sentry."""

    enabled: bool = False
    """True sends errors; each service then needs the DSN of its project as a secret."""
    canvas_dsn: HttpsUrl | None = None
    """DSN of axiom-canvas: browsers read it, so it is no secret."""


class LangSmith(Section):
    """Prompts of the LLM services in LangSmith."""

    enabled: bool = False
    """True sends them; needs the secret `langsmithApiKey`."""


class DataDog(Section):
    """DataDog, where it is a log sink."""

    site: DataDogSite = DataDogSite.US1
    """Site of the account."""


class Buckets(Section):
    """S3 buckets of the stack."""

    prefix: BucketPrefix = "axiom"
    """First part of every bucket's name, which must be unique in the world."""
