"""The sections of the settings about what the stack stands on: tags, images, network, cluster, stores.

Rules that need a single section stand here; rules across sections stand in
:mod:`config.settings`. Nothing here reads the network, the clock or Pulumi.
"""

import ipaddress
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from config.capacity import assumptions
from config.scalars import (
    AppVersion,
    Cidr,
    ClusterDrivers,
    HostName,
    ImageDigest,
    KubernetesName,
    Neo4jEdition,
    PemCertificate,
    PostgresUser,
    Provision,
    RedisMode,
    RegistryPrefix,
    RoleArn,
    SubnetId,
    TagValue,
    VpcId,
)
from config.section import Broken, Section


def _known_class(name: str) -> str:
    known = assumptions().rds_classes
    if name not in known:
        raise ValueError(f"may be {', '.join(known)}")
    return name


KnownClass = Annotated[str, AfterValidator(_known_class), Field(examples=["db.m6g.xlarge"])]


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
    digests: dict[str, ImageDigest] = Field(default_factory=dict)
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
    data_source_cidrs: tuple[Cidr, ...] = ()
    """Ranges outside the VPC where Oracle, Weaver and MindsDB query databases, at any port."""

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

    @property
    def aws_range(self) -> str:
        """Where the APIs of AWS are: endpoints in a network of ours; of an existing one nobody knows."""
        return self.cidr if self.mode is Provision.CREATE else "0.0.0.0/0"

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
    service_cidr: Cidr = "172.20.0.0/16"
    """Range of the Services' addresses, apart from the VPC's; its tenth is that of the cluster's DNS."""
    drivers: ClusterDrivers = ClusterDrivers.AUTO
    """Who makes volumes and load balancers: EKS Auto Mode, or the add-ons of an existing cluster."""
    admin_arns: tuple[RoleArn, ...] = ()
    """IAM roles that administer the cluster, beside the one that makes it."""
    viewer_arns: tuple[RoleArn, ...] = ()
    """IAM roles that may read every object of the cluster but Secrets."""

    def broken(self) -> Iterator[Broken]:
        """An existing cluster is named; one that is made is in Auto Mode; nobody is entered twice."""
        if self.mode is Provision.EXISTING and self.name is None:
            yield Broken("cluster.name", "an existing cluster needs its name", "axiom-prod")
        if self.mode is Provision.CREATE and self.drivers is not ClusterDrivers.AUTO:
            yield Broken("cluster.drivers", "a cluster that is made is in Auto Mode, so this must be", "auto")
        both = sorted(set(self.admin_arns) & set(self.viewer_arns))
        if both:
            yield Broken("cluster.viewerArns", f"{both[0]} is in adminArns already", None)


class Postgres(Section):
    """RDS PostgreSQL: made by the program, or an existing one."""

    mode: Provision = Provision.CREATE
    """`create` makes an RDS instance; `existing` uses `host`."""
    host: HostName | None = None
    """Endpoint of the existing database."""
    username: PostgresUser | None = None
    """Master user; unset is `axiom_admin`."""
    ca_certificate: PemCertificate | None = None
    """Authority that signs the database's certificate; unset is Amazon RDS's root for the region."""
    instance_class: KnownClass | None = None
    """Instance class, one of `config/capacity.yaml`; unset leaves it to the tier."""
    pool_size: Annotated[int, Field(ge=1, le=1000, examples=[20])] | None = None
    """Connections that a process of Core's API keeps open; unset is that of `config/services.yaml`."""
    max_overflow: Annotated[int, Field(ge=0, le=1000, examples=[80])] | None = None
    """Connections that it opens beside them while they are all in use; unset as above."""
    storage_gibibytes: Annotated[int, Field(ge=20, le=65536, examples=[200])] | None = None
    """Allocated storage, in GiB, where it is more than the tier's: it never shrinks."""
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
    shards: Annotated[int, Field(ge=1, le=90, examples=[3])] | None = None
    """Shards in mode `cluster`; unset leaves it to the tier."""
    replicas: Annotated[int, Field(ge=0, le=5, examples=[1])] | None = None
    """Read replicas of each shard, in other zones; unset leaves it to the tier."""

    def broken(self) -> Iterator[Broken]:
        """An existing Redis has a host."""
        if self.provision is Provision.EXISTING and self.host is None:
            yield Broken("redis.host", "an existing Redis needs its host name", "redis.example.com")


class Neo4j(Section):
    """Neo4j: the edition and its licence."""

    edition: Neo4jEdition | None = None
    """Edition; unset leaves it to the tier (Enterprise from 1year on)."""
    servers: Annotated[int, Field(ge=1, le=11, examples=[3])] | None = None
    """Servers of Enterprise, an odd number; unset leaves it to the tier."""
    accept_license: bool = False
    """True acknowledges the Neo4j Enterprise licence."""

    def broken(self) -> Iterator[Broken]:
        """Enterprise is licensed; a cluster is of Enterprise, and odd."""
        if self.servers is not None and self.servers % 2 == 0:
            yield Broken("neo4j.servers", "a majority decides, so this must be an odd number", "3")
        if self.edition is Neo4jEdition.ENTERPRISE and not self.accept_license:
            yield Broken(
                "neo4j.acceptLicense", "Neo4j Enterprise needs its licence to be acknowledged", "true"
            )
