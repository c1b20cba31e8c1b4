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


class GrafanaDelivery(StrEnum):
    """How dashboards and data sources reach Grafana."""

    PROVISIONED = "provisioned"
    API = "api"


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
Days = Annotated[int, Field(ge=1, le=3653, examples=[7])]
