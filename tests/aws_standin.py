"""The AWS stand-in over a folder, by short words, and the resources that its tests make."""

from pathlib import Path
from typing import Any

from local.plugins.aws import AwsBackend, Session

CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
INSTANCE = "aws:rds/instance:Instance"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SUBNET = "aws:ec2/subnet:Subnet"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
SECRET = "PLANTED-VALUE"
DATABASE = {"identifier": "db", "instanceClass": "db.t4g.small", "allocatedStorage": 100, "password": SECRET}
SUBNET_INPUTS = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}


class Access:
    """An API server that nobody starts."""

    endpoint = "https://127.0.0.1:6443"
    certificate_authority = "Q0E="


class Clusters:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        self.running: set[str] = set()

    def ensure(self, name: str) -> Access:
        self.running.add(name)
        return Access()

    def discard(self, name: str) -> None:
        self.running.discard(name)


class Aws:
    """A backend with one session, by short words."""

    def __init__(self, root: Path, region: str = "us-east-1") -> None:
        self.clusters = Clusters()
        self.backend = AwsBackend(root, self.clusters)
        self.session: Session = self.backend.configure(
            {"region": region, "defaultTags": {"tags": {"team": "x"}}}
        )

    def check(self, kind: str, inputs: dict[str, Any], name: str = "a") -> tuple[dict[str, Any], list[str]]:
        checked = self.backend.check(self.session, urn(kind, name), kind, inputs, {})
        return dict(checked.inputs), [f"{failure.path} {failure.reason}" for failure in checked.failures]

    def create(self, kind: str, inputs: dict[str, Any], name: str = "a") -> Any:
        return self.backend.create(self.session, urn(kind, name), kind, inputs)

    def read(self, kind: str, id: str, inputs: dict[str, Any], name: str = "a") -> Any:
        return self.backend.read(self.session, urn(kind, name), kind, id, inputs)

    def update(self, kind: str, id: str, old: dict[str, Any], new: dict[str, Any], name: str = "a") -> Any:
        return self.backend.update(self.session, urn(kind, name), kind, id, old, new)

    def delete(self, kind: str, id: str, name: str = "a") -> None:
        self.backend.delete(self.session, urn(kind, name), kind, id, {})


def urn(kind: str, name: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::project::{kind}::{name}"
