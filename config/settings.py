"""All settings of a stack, checked offline and frozen.

`load` is the only way in: it takes the raw stack configuration (what `pulumi config`
holds, without secrets) and returns `Settings`, or raises `SettingsError` with every
problem at once.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from config.decode import decode
from config.environments import defaults_for
from config.errors import SettingsError, problems_of
from config.scalars import AwsRegion, Environment, Neo4jEdition, Provision, SinkName, Tier
from config.sections import (
    Alerting,
    Cluster,
    Grafana,
    Images,
    Neo4j,
    Network,
    Postgres,
    Redis,
    Retention,
    Section,
    Tags,
)

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
    tags: Tags = Tags()
    images: Images = Images()
    network: Network = Network()
    cluster: Cluster = Cluster()
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    neo4j: Neo4j = Neo4j()
    grafana: Grafana = Grafana()
    alerting: Alerting = Alerting()
    retention: Retention = Retention()

    @field_validator("log_sinks", mode="after")
    @classmethod
    def _sinks_once_and_sorted(cls, sinks: tuple[SinkName, ...]) -> tuple[SinkName, ...]:
        if len(set(sinks)) < len(sinks):
            raise ValueError("names a sink twice")
        # A set in a fixed order: the order in the stack file changes nothing.
        return tuple(sink for sink in SinkName if sink in sinks)

    @model_validator(mode="after")
    def _tier_and_neo4j_agree(self) -> Self:
        if self.tier not in ENTERPRISE_TIERS:
            return self
        if self.neo4j.edition is Neo4jEdition.COMMUNITY:
            raise ValueError(
                f"neo4j.edition: tier {self.tier} needs read replicas, which only Neo4j Enterprise"
                " has: two Community pods would be two diverging databases"
            )
        if not self.neo4j.accept_license:
            raise ValueError(
                f"neo4j.acceptLicense: tier {self.tier} runs Neo4j Enterprise, whose licence must be"
                " acknowledged"
            )
        return self

    @model_validator(mode="after")
    def _prod_pages_somebody(self) -> Self:
        if self.environment is Environment.PROD and not self.alerting.pagerduty:
            raise ValueError("alerting.pagerduty: in prod critical alerts must page, so this must be true")
        return self

    @model_validator(mode="after")
    def _existing_cluster_has_its_network(self) -> Self:
        if self.cluster.mode is Provision.EXISTING and self.network.mode is Provision.CREATE:
            raise ValueError(
                "network.mode: an existing cluster lies in an existing network, so this must be"
                " `existing` too, with its vpcId and privateSubnetIds"
            )
        return self

    @property
    def cluster_name(self) -> str:
        """Name of the EKS cluster, also the `cluster` label of every series."""
        return self.cluster.name or f"axiom-{self.environment}"

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
    merged = defaults_for(decode(raw, stack=stack), stack=stack)
    try:
        # As JSON: strict about numbers and booleans, while text may name an enum's member.
        return Settings.model_validate_json(json.dumps(merged))
    except ValidationError as error:
        raise SettingsError(problems_of(error, Settings), stack=stack) from None
