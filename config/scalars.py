"""Scalar types of the settings: each names its unit and refuses what cannot be meant."""

from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field


class Environment(StrEnum):
    """The environment a stack serves."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class Tier(StrEnum):
    """The growth tier, in order of size; each includes the ones before it."""

    CURRENT = "current"
    SIX_MONTHS = "6month"
    ONE_YEAR = "1year"
    TWO_YEARS = "2year"


class SinkName(StrEnum):
    """Where logs are sent."""

    LOKI = "loki"
    CLOUDWATCH = "cloudwatch"
    DATADOG = "datadog"


class Provision(StrEnum):
    """Whether the program makes a thing or is given one."""

    CREATE = "create"
    EXISTING = "existing"


class RedisMode(StrEnum):
    """ElastiCache cluster mode; the way leads from left to right, one step at a time."""

    SINGLE = "single"
    COMPATIBLE = "compatible"
    CLUSTER = "cluster"


class Neo4jEdition(StrEnum):
    """Neo4j edition; secondaries and the Prometheus endpoint are Enterprise only."""

    COMMUNITY = "community"
    ENTERPRISE = "enterprise"


class Disk(StrEnum):
    """Servers that keep data on a disk of the cluster."""

    ALERTMANAGER = "alertmanager"
    LOKI = "loki"
    MINDSDB = "mindsdb"
    NEO4J = "neo4j"
    PROMETHEUS = "prometheus"
    TEMPO = "tempo"


class GrafanaDelivery(StrEnum):
    """How dashboards and data sources reach Grafana."""

    PROVISIONED = "provisioned"
    API = "api"


class ClusterDrivers(StrEnum):
    """Who makes the volumes and the load balancers of a cluster."""

    AUTO = "auto"
    ADDONS = "addons"


class DataDogSite(StrEnum):
    """DataDog's sites, by the domain of their intakes."""

    US1 = "datadoghq.com"
    US3 = "us3.datadoghq.com"
    US5 = "us5.datadoghq.com"
    EU1 = "datadoghq.eu"
    AP1 = "ap1.datadoghq.com"
    AP2 = "ap2.datadoghq.com"


def _offered(days: int) -> int:
    if days not in _LOG_DAYS:
        raise ValueError(
            f"is none of the retentions that CloudWatch offers: {', '.join(map(str, _LOG_DAYS))}"
        )
    return days


# Regions of the `aws` partition where an account gets three zones (us-west-1 gives two).
REGIONS = (
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-2",
)


def _known_region(name: str) -> str:
    if name not in REGIONS:
        near = get_close_matches(name, REGIONS, n=1)
        raise ValueError(f"no AWS region with three zones{f'; did you mean {near[0]}?' if near else ''}")
    return name


AwsRegion = Annotated[str, AfterValidator(_known_region), Field(examples=["ap-northeast-2"])]
Cidr = Annotated[
    str,
    Field(
        pattern=r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)/(?:[12]?\d|3[0-2])$",
        examples=["10.20.0.0/16"],
    ),
]
KubernetesName = Annotated[
    str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", examples=["axiom-prod"])
]
HostName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$",
        examples=["axiom.cluster-abc.ap-northeast-2.rds.amazonaws.com"],
    ),
]
HttpsUrl = Annotated[
    str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$", examples=["https://grafana.example.com"])
]
ImageDigest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", examples=["sha256:" + "0" * 64])]
RegistryPrefix = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9.:/_-]*[a-z0-9]$", examples=["mirror.example.com/axiom"])
]
SlackChannel = Annotated[str, Field(pattern=r"^#[a-z0-9_-]{1,79}$", examples=["#axiom-alerts"])]
# What both an AWS tag and a Kubernetes label take.
TagValue = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$", examples=["platform-team"])
]
VpcId = Annotated[str, Field(pattern=r"^vpc-[0-9a-f]{8,17}$", examples=["vpc-0123456789abcdef0"])]
SubnetId = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]{8,17}$", examples=["subnet-0123456789abcdef0"])]
AppVersion = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", examples=["1.4.2"])]
Gibibytes = Annotated[int, Field(ge=1, le=65536, examples=[100])]
# AWS, CloudWatch Logs, PutRetentionPolicy.
_LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922)
LogDays = Annotated[int, AfterValidator(_offered), Field(ge=1, le=2922, examples=[7])]
RoleArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws:iam::\d{12}:role/[\w+=,.@/-]+$", examples=["arn:aws:iam::123456789012:role/ops"]
    ),
]
CertificateArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]{36}$",
        examples=[f"arn:aws:acm:ap-northeast-2:123456789012:certificate/{'0' * 8}-0000-0000-0000-{'0' * 12}"],
    ),
]
BucketPrefix = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,19}$", examples=["axiom"])]
PostgresUser = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$", examples=["axiom_admin"])]
PemCertificate = Annotated[
    str,
    Field(
        pattern=r"^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\n?$",
        examples=["-----BEGIN CERTIFICATE-----\n..."],
    ),
]
ClientId = Annotated[str, Field(pattern=r"^\S{1,255}$", examples=["grafana"])]
JmesPath = Annotated[str, Field(pattern=r"^[\w.'\[\]()@*&|=<>, -]+$", examples=["'Viewer'"])]
