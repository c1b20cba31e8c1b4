"""All settings of a stack, checked offline and frozen.

`load` is the only way in: it takes the raw stack configuration (what `pulumi config`
holds, without secrets) and returns `Settings`, or raises `SettingsError` with every
problem at once.
"""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from config.data import rds_roots, services, versions
from config.decode import decode
from config.environments import defaults_for
from config.errors import Problem, SettingsError, joined, problems_of
from config.features import (
    Alerting,
    Buckets,
    DataDog,
    Grafana,
    Ingress,
    LangSmith,
    Logs,
    Retention,
    Sentry,
    Traces,
)
from config.holders import unknown_acknowledgement
from config.scalars import (
    AwsRegion,
    Disk,
    Environment,
    Gibibytes,
    GrafanaDelivery,
    Neo4jEdition,
    Provision,
    SinkName,
    Tier,
)
from config.secrets import SecretKey
from config.section import Broken, Section
from config.sections import Cluster, Images, Neo4j, Network, Postgres, Redis, Tags

# The Sentry project of each service: axiom-<service>.
SENTRY_DSNS = {
    "core": SecretKey.SENTRY_DSN_CORE,
    "oracle": SecretKey.SENTRY_DSN_ORACLE,
    "vision": SecretKey.SENTRY_DSN_VISION,
    "synapse": SecretKey.SENTRY_DSN_SYNAPSE,
    "weaver": SecretKey.SENTRY_DSN_WEAVER,
}
ENTERPRISE_TIERS = (Tier.ONE_YEAR, Tier.TWO_YEARS)


class Settings(Section):
    """What a stack wants. Keys live under `axiom-monitoring:` in `Pulumi.<stack>.yaml`."""

    environment: Environment
    """The environment this stack serves; decides the defaults of the other keys."""
    tier: Tier = Tier.CURRENT
    """Growth tier: the load that is promised and the capacity that carries it."""
    log_sinks: Annotated[tuple[SinkName, ...], Field(min_length=1, examples=[["loki"]])]
    """Where logs go: any non-empty set of loki, cloudwatch and datadog."""
    region: AwsRegion = "ap-northeast-2"
    """AWS region."""
    protect_stores: bool
    """True refuses to delete or replace databases and volumes."""
    volumes: dict[Disk, Gibibytes] = Field(default_factory=dict)
    """Size of a server's disk, in GiB by server, where it is more than the tier's: a disk never shrinks."""
    acknowledge: dict[str, bool] = Field(default_factory=dict)
    """Changes that lose data or cannot be undone and are wanted all the same: true by
    `<resource>/<change>`, as the refusal names them. Remove each once it is made."""
    tags: Tags = Tags()
    images: Images = Images()
    network: Network = Network()
    cluster: Cluster = Cluster()
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    neo4j: Neo4j = Neo4j()
    ingress: Ingress = Ingress()
    buckets: Buckets = Buckets()
    grafana: Grafana = Grafana()
    alerting: Alerting = Alerting()
    logs: Logs = Logs()
    traces: Traces = Traces()
    retention: Retention = Retention()
    sentry: Sentry = Sentry()
    langsmith: LangSmith = LangSmith()
    datadog: DataDog = DataDog()

    @field_validator("log_sinks", mode="after")
    @classmethod
    def _sinks_once_and_sorted(cls, sinks: tuple[SinkName, ...]) -> tuple[SinkName, ...]:
        if len(set(sinks)) < len(sinks):
            raise ValueError("names a sink twice")
        # A set in a fixed order: the order in the stack file changes nothing.
        return tuple(sink for sink in SinkName if sink in sinks)

    @model_validator(mode="after")
    def _rules_hold(self) -> Self:
        # All of them in one error: a rule that fails does not hide the next.
        parts: list[Section] = [value for _, value in self if isinstance(value, Section)]
        parts.append(self)
        broken = [rule for part in parts for rule in part.broken()]
        if broken:
            raise PydanticCustomError("broken_rules", "rules over several keys", {"broken": broken})
        return self

    def broken(self) -> Iterator[Broken]:
        """Every rule over several sections that does not hold."""
        if self.environment is Environment.PROD and not self.alerting.pagerduty:
            yield Broken(
                "alerting.pagerduty", "in prod critical alerts must page, so this must be true", "true"
            )
        if self.cluster.mode is Provision.EXISTING and self.network.mode is Provision.CREATE:
            reason = "an existing cluster lies in an existing network, so this must be `existing` too,"
            yield Broken("network.mode", f"{reason} with its vpcId and privateSubnetIds", "existing")
        yield from self._broken_of_ranges()
        known = sorted({*versions().images, *services()}) if self.images.digests else []
        for name in sorted(set(self.images.digests) - set(known)):
            yield Broken(joined(("images", "digests", name)), f"no image: may be {', '.join(known)}", None)
        if self.region not in rds_roots() and self.postgres.ca_certificate is None:
            reason = (
                f"Amazon RDS's root for {self.region} is not known here: give it, in PEM, so that TLS holds"
            )
            yield Broken("postgres.caCertificate", reason, None)
        if self.tier in ENTERPRISE_TIERS:
            yield from self._broken_of_enterprise()
        for key in sorted(self.acknowledge):
            unknown = unknown_acknowledgement(key)
            if unknown:
                yield Broken(joined(("acknowledge", key)), unknown, None)
        if (self.neo4j.servers or 1) > 1 and self.neo4j_edition is Neo4jEdition.COMMUNITY:
            reason = "Community has one server: several would be as many diverging databases"
            yield Broken("neo4j.servers", reason, "1")

    def _broken_of_ranges(self) -> Iterator[Broken]:
        services = ipaddress.IPv4Network(self.cluster.service_cidr, strict=False)
        apart = not services.overlaps(ipaddress.IPv4Network(self.network.cidr, strict=False))
        if not (12 <= services.prefixlen <= 24 and apart):
            reason = "Services have a range from /12 to /24 that is no part of the network's"
            other = "10.100.0.0/16" if self.network.cidr.startswith("172.") else "172.20.0.0/16"
            yield Broken("cluster.serviceCidr", reason, other)

    def _broken_of_enterprise(self) -> Iterator[Broken]:
        if self.neo4j.edition is Neo4jEdition.COMMUNITY:
            reason = (
                f"tier {self.tier} needs read replicas, which only Neo4j Enterprise"
                " has: two Community pods would be two diverging databases"
            )
            yield Broken("neo4j.edition", reason, "enterprise")
        if not self.neo4j.accept_license and self.neo4j.edition is not Neo4jEdition.ENTERPRISE:
            reason = f"tier {self.tier} runs Neo4j Enterprise, whose licence must be acknowledged"
            yield Broken("neo4j.acceptLicense", reason, "true")

    @property
    def cluster_name(self) -> str:
        """Name of the EKS cluster, also the `cluster` label of every series."""
        return self.cluster.name or f"axiom-{self.environment}"

    @property
    def acknowledged(self) -> frozenset[str]:
        """The changes that are acknowledged."""
        return frozenset(key for key, value in self.acknowledge.items() if value)

    @property
    def neo4j_edition(self) -> Neo4jEdition:
        """The edition in force: the setting, else the tier's."""
        by_tier = Neo4jEdition.ENTERPRISE if self.tier in ENTERPRISE_TIERS else Neo4jEdition.COMMUNITY
        return self.neo4j.edition or by_tier


def load(raw: Mapping[str, Any], *, stack: str) -> Settings:
    """Check the raw configuration of `stack` and fill in what its environment decides.

    Raises:
        SettingsError: with every problem: key, value, what it may be, and the command.
    """
    kept = decode(raw, stack=stack)
    problems: list[Problem] = []
    # A look finds the keys that are refused on their own; only without these can it judge rules
    # over several keys. So it looks again until nothing new turns up.
    while True:
        found = _look(kept, stack if "environment" not in {p.key for p in problems} else _nearest(stack))
        if isinstance(found, Settings) and not problems:
            return found
        fresh = [] if isinstance(found, Settings) else [new for new in found if not _told(new, problems)]
        if not fresh:
            raise SettingsError(problems, stack=stack)
        problems += fresh
        for problem in fresh:
            kept = _without(kept, problem.key.partition("[")[0].split("."))


def _look(explicit: Mapping[str, Any], stack: str) -> Settings | list[Problem]:
    try:
        # As JSON: strict about numbers and booleans, while text may name an enum's member.
        return Settings.model_validate_json(json.dumps(defaults_for(explicit, stack=stack)))
    except ValidationError as error:
        return problems_of(error, Settings)
    except SettingsError as error:
        return list(error.problems)


def _nearest(stack: str) -> str:
    """A stack name that is an environment, for a look at the other keys."""
    return stack if stack in list(Environment) else Environment.DEV


def _told(problem: Problem, problems: Sequence[Problem]) -> bool:
    """Whether a problem with this key, a part of it or its section is told already."""
    one = re.split(r"[.\[]", problem.key)
    others = (re.split(r"[.\[]", other.key) for other in problems)
    return any(one[: len(other)] == other[: len(one)] for other in others)


def _without(values: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    here, rest = path[0], path[1:]
    if not rest or not isinstance(values.get(here), Mapping):
        return {key: value for key, value in values.items() if key != here}
    return {**values, here: _without(values[here], rest)}


def required_secrets(settings: Settings) -> tuple[SecretKey, ...]:
    """The secrets that a stack with these settings needs, in the order of the enum."""
    needed = {
        SecretKey.SLACK_WEBHOOK_CRITICAL: True,
        SecretKey.SLACK_WEBHOOK_WARNING: True,
        SecretKey.SLACK_WEBHOOK_DEFAULT: True,
        SecretKey.PAGERDUTY_ROUTING_KEY: settings.alerting.pagerduty,
        SecretKey.HEARTBEAT_URL: settings.alerting.heartbeat,
        SecretKey.DATADOG_API_KEY: SinkName.DATADOG in settings.log_sinks,
        SecretKey.LANGSMITH_API_KEY: settings.langsmith.enabled,
        SecretKey.GRAFANA_OIDC_CLIENT_SECRET: settings.grafana.oidc.client_id is not None,
        SecretKey.GRAFANA_API_TOKEN: settings.grafana.delivery is GrafanaDelivery.API,
        # What is made here gets a password that is made here.
        SecretKey.POSTGRES_MASTER_PASSWORD: settings.postgres.mode is Provision.EXISTING,
        SecretKey.REDIS_AUTH_TOKEN: settings.redis.provision is Provision.EXISTING,
        **dict.fromkeys(SENTRY_DSNS.values(), settings.sentry.enabled),
    }
    return tuple(key for key in SecretKey if needed[key])
