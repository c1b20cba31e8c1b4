"""The sections of the settings, one frozen model per concern.

Rules that need a single section stand here; rules across sections stand in
:mod:`config.settings`. Nothing here reads the network, the clock or Pulumi.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from config.scalars import (
    AppVersion,
    Cidr,
    Days,
    GrafanaDelivery,
    HostName,
    HttpsUrl,
    ImageDigest,
    KubernetesName,
    Neo4jEdition,
    Provision,
    RedisMode,
    RegistryPrefix,
    SlackChannel,
    SubnetId,
    TagValue,
    VpcId,
)


def key_of(name: str) -> str:
    """The key of a field, in camelCase; a digit begins no word of its own (`neo4j`)."""
    return to_camel(name).replace("4J", "4j")


class Broken(NamedTuple):
    """A rule over several keys that does not hold: the key to change, why, and a value that mends it."""

    key: str
    reason: str
    value: str | Sequence[str] | None


class Section(BaseModel):
    """A closed, frozen group of settings; keys are written in camelCase."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=key_of,
        validate_by_name=False,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )

    def broken(self) -> Iterator[Broken]:
        """Every rule over several of its keys that does not hold."""
        yield from ()


class Tags(Section):
    """Who owns the resources and who pays; AWS default tags and Kubernetes labels."""

    owner: TagValue = "axiom-platform"
    """Team that answers for the resources."""
    cost_centre: TagValue = "monitoring"
    """Cost allocation tag."""


class Images(Section):
    """Where container images come from."""

    registry_prefix: RegistryPrefix | None = None
    """Registry (mirror) put in front of every image; none pulls from the original registries."""
    app_version: AppVersion = "1.0.0"
    """Tag of the six services' images; also `APP_VERSION` and the release in Sentry."""
    digests: dict[str, ImageDigest] = {}
    """Digest by image name of `config/versions.yaml` or service name; a pinned image is pulled by it."""


class Network(Section):
    """The VPC: made by the program, or an existing one."""

    mode: Provision = Provision.CREATE
    """`create` makes a VPC over three zones; `existing` uses `vpcId` and `privateSubnetIds`."""
    cidr: Cidr = "10.20.0.0/16"
    """Address range of the VPC, whether it is made or existing: the databases lie in it."""
    vpc_id: VpcId | None = None
    """The existing VPC."""
    private_subnet_ids: tuple[SubnetId, ...] = ()
    """Private subnets of the existing VPC, at least two, in different zones."""

    def broken(self) -> Iterator[Broken]:
        """The range is one that a VPC can have; an existing network is named, with two private subnets."""
        yield from self._broken_of_cidr()
        if self.mode is Provision.CREATE:
            return
        if self.vpc_id is None:
            reason = "an existing network needs the id of its VPC"
            yield Broken("network.vpcId", reason, "vpc-0123456789abcdef0")
        if len(self.private_subnet_ids) < 2:
            reason = "an existing network needs at least two private subnets"
            subnets = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")
            yield Broken("network.privateSubnetIds", reason, subnets)

    def _broken_of_cidr(self) -> Iterator[Broken]:
        whole = ipaddress.IPv4Network(self.cidr, strict=False)
        # AWS takes /16 to /28, for subnets too: below /23 three public ones beside three private
        # ones no longer fit.
        smallest = 23 if self.mode is Provision.CREATE else 28
        if not 16 <= whole.prefixlen <= smallest:
            reason = f"a network in mode {self.mode} has a range from /16 to /{smallest}"
            yield Broken("network.cidr", reason, "10.20.0.0/16")
        elif self.cidr != str(whole):
            yield Broken("network.cidr", "a range begins at its first address", str(whole))


class Cluster(Section):
    """The EKS cluster: made by the program, or an existing one."""

    mode: Provision = Provision.CREATE
    """`create` makes an EKS cluster; `existing` uses the one called `name`."""
    name: KubernetesName | None = None
    """Name of the cluster; one that is made is called `axiom-<environment>` unless named here."""
    endpoint_cidrs: tuple[Cidr, ...] = ()
    """Ranges that may reach the public API endpoint; none keeps the endpoint private."""
    node_instance_type: Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9]+$", examples=["m7i.xlarge"])] = (
        "m7i.xlarge"
    )
    """Instance type of the managed nodes."""

    def broken(self) -> Iterator[Broken]:
        """An existing cluster is named."""
        if self.mode is Provision.EXISTING and self.name is None:
            yield Broken("cluster.name", "an existing cluster needs its name", "axiom-prod")


class Postgres(Section):
    """RDS PostgreSQL: made by the program, or an existing one."""

    mode: Provision = Provision.CREATE
    """`create` makes an RDS instance; `existing` uses `host`."""
    host: HostName | None = None
    """Endpoint of the existing database."""
    multi_az: bool | None = None
    """Standby in a second zone; unset leaves it to the tier."""
    backup_days: Annotated[int, Field(ge=7, le=35, examples=[7])] = 7
    """Days of automated backups."""

    def broken(self) -> Iterator[Broken]:
        """An existing database has a host."""
        if self.mode is Provision.EXISTING and self.host is None:
            yield Broken("postgres.host", "an existing database needs its host name", "postgres.example.com")


class Redis(Section):
    """ElastiCache Redis: made by the program, or an existing one."""

    provision: Provision = Provision.CREATE
    """`create` makes a replication group; `existing` uses `host`."""
    host: HostName | None = None
    """Endpoint of the existing Redis."""
    mode: RedisMode | None = None
    """Cluster mode; unset leaves it to the tier. The way from single to cluster is one way."""

    def broken(self) -> Iterator[Broken]:
        """An existing Redis has a host."""
        if self.provision is Provision.EXISTING and self.host is None:
            yield Broken("redis.host", "an existing Redis needs its host name", "redis.example.com")


class Neo4j(Section):
    """Neo4j: the edition and its licence."""

    edition: Neo4jEdition | None = None
    """Edition; unset leaves it to the tier (Enterprise from 1year on)."""
    accept_license: bool = False
    """True acknowledges the Neo4j Enterprise licence."""

    def broken(self) -> Iterator[Broken]:
        """Enterprise is licensed."""
        if self.edition is Neo4jEdition.ENTERPRISE and not self.accept_license:
            yield Broken(
                "neo4j.acceptLicense", "Neo4j Enterprise needs its licence to be acknowledged", "true"
            )


class Grafana(Section):
    """How Grafana gets its dashboards."""

    delivery: GrafanaDelivery = GrafanaDelivery.PROVISIONED
    """`provisioned` mounts files into the Grafana that runs here; `api` writes through its API."""
    url: HttpsUrl | None = None
    """Address of the Grafana API for `api`."""

    def broken(self) -> Iterator[Broken]:
        """An API has an address."""
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
    token_budget: Annotated[int, Field(ge=1, examples=[1000000])] = 1_000_000
    """LLM tokens a day; TokenBudgetHigh fires at 80%."""
    runbook_base: HttpsUrl = "https://axiom.example.com/runbooks"
    """Where `docs/runbooks/` is published; `runbook_url` is made of it."""


class Retention(Section):
    """How long data is kept, in days."""

    logs_days: Days = 7
    """Application logs in every sink, and traces."""
    audit_days: Days = 365
    """Control-plane, audit and flow logs."""
    metrics_days: Annotated[int, Field(ge=30, le=365, examples=[30])] = 30
    """Metrics in Prometheus; at least the 30 days that the error budgets need."""
