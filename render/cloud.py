"""What the cloud would answer, as far as the program reads it: the one table of stand-in outputs.

A late value is answered with its own name, so that a rendered file shows what will stand there.
"""

from collections.abc import Callable, Mapping
from typing import Any

from model.late import Late

ACCOUNT = "000000000000"
# How the protocol marks a value as secret.
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, not a secret

Outputs = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def _cluster(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "endpoint": "https://<cluster-endpoint>",
        "certificateAuthority": {"data": "<cluster-certificate>"},
        "vpcConfig": {**inputs["vpcConfig"], "clusterSecurityGroupId": "<cluster-security-group>"},
    }


def _password(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"result": {SIGNATURE: SECRET, "value": f"<secret:{name}>"}}


_OUTPUTS: Mapping[str, Outputs] = {
    "aws:kms/key:Key": lambda name, inputs: {"keyId": f"<{name}>"},
    "random:index/randomPassword:RandomPassword": _password,
    "aws:ec2/vpc:Vpc": lambda name, inputs: {"ownerId": ACCOUNT},
    "aws:eks/cluster:Cluster": _cluster,
    "aws:rds/instance:Instance": lambda name, inputs: {"address": str(Late.POSTGRES_HOST)},
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda name, inputs: {
        "primaryEndpointAddress": str(Late.REDIS_HOST),
        "configurationEndpointAddress": str(Late.REDIS_HOST),
    },
    "aws:amp/workspace:Workspace": lambda name, inputs: {"prometheusEndpoint": str(Late.METRICS_WORKSPACE)},
}


def outputs(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs of a resource: its inputs, what every resource has, and what its type adds."""
    found = dict(inputs)
    if kind.startswith("aws:"):
        service = kind.split(":")[1].split("/", 1)[0]
        found |= {"name": inputs.get("name", name), "arn": f"arn:aws:{service}::{ACCOUNT}:<{name}>"}
    extra = _OUTPUTS.get(kind)
    return found | (extra(name, inputs) if extra else {})


def answer(token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a function call.

    Raises:
        LookupError: the program asks for something that this table does not know.
    """
    if token == "aws:index/getCallerIdentity:getCallerIdentity":  # noqa: S105 - a function's name
        return {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:role/<deployer>", "userId": "<user>"}
    if token == "aws:eks/getCluster:getCluster":  # noqa: S105 - a function's name
        return {
            "name": arguments["name"],
            "endpoint": "https://<cluster-endpoint>",
            "certificateAuthorities": [{"data": "<cluster-certificate>"}],
            "vpcConfig": {"clusterSecurityGroupId": "<cluster-security-group>"},
        }
    raise LookupError(f"no stand-in answer for the function {token}")
