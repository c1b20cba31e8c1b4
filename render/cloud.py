"""What the cloud would answer, as far as the program reads it: the one table of stand-in outputs.

A late value is answered with its own name, so that a rendered file shows what will stand there.
"""

from collections.abc import Callable, Mapping
from typing import Any

from model.late import Late

ACCOUNT = "000000000000"

Outputs = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def _cluster(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "endpoint": "https://<cluster-endpoint>",
        "certificateAuthority": {"data": "<cluster-certificate>"},
        "vpcConfig": {**inputs["vpcConfig"], "clusterSecurityGroupId": "<cluster-security-group>"},
    }


_OUTPUTS: Mapping[str, Outputs] = {
    "aws:eks/cluster:Cluster": _cluster,
    "aws:rds/instance:Instance": lambda name, inputs: {"address": str(Late.POSTGRES_HOST)},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda name, inputs: {"latestVersion": 1},
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
