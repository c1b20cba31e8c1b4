"""What the AWS stand-in answers about networks that a program takes as given."""

from pathlib import Path
from typing import Any

import pytest
from aws_standin import SUBNET, Aws

from local.plugins.backend import Refused

VPC = "vpc-0123456789abcdef0"
GIVEN_SUBNET = "subnet-0123456789abcdef0"


@pytest.fixture
def aws(tmp_path: Path) -> Aws:
    return Aws(tmp_path)


def ask(aws: Aws, function: str, **arguments: Any) -> dict[str, Any]:
    """The answer to one of the functions of EC2."""
    return dict(aws.backend.invoke(aws.session, f"aws:ec2/{function}:{function}", arguments))


def in_vpc(vpc: str) -> dict[str, Any]:
    """The arguments that look for the subnets of a VPC."""
    return {"filters": [{"name": "vpc-id", "values": [vpc]}]}


def test_a_given_network_is_answered_by_its_id_each_time_the_same(aws: Aws) -> None:
    """The id that was asked for, a range, a zone of the region; what is asked for is kept."""
    vpc, subnet = ask(aws, "getVpc", id=VPC), ask(aws, "getSubnet", id=GIVEN_SUBNET, vpcId=VPC)
    assert (vpc["id"], vpc["state"], vpc["cidrBlock"]) == (VPC, "available", "10.0.0.0/16")
    assert (subnet["id"], subnet["vpcId"]) == (GIVEN_SUBNET, VPC)
    assert subnet["availabilityZone"] in ("us-east-1a", "us-east-1b", "us-east-1c")
    assert ask(aws, "getSubnet", id=GIVEN_SUBNET, vpcId=VPC) == subnet


def test_a_network_that_was_made_here_is_answered_as_it_was_made(aws: Aws) -> None:
    """Its own range, not a plausible one."""
    made = aws.create(SUBNET, {"vpcId": VPC, "cidrBlock": "10.9.0.0/24"})
    assert ask(aws, "getSubnet", id=f"{made.id}")["cidrBlock"] == "10.9.0.0/24"
    assert ask(aws, "getSubnets", **in_vpc(VPC))["ids"] == [made.id]


def test_a_given_vpc_has_a_subnet_in_each_zone(aws: Aws) -> None:
    """Three, with ids that can be asked for."""
    found = ask(aws, "getSubnets", **in_vpc(VPC))["ids"]
    assert len(set(found)) == 3
    assert all(ask(aws, "getSubnet", id=id)["id"] == id for id in found)


def test_a_prefix_list_is_found_by_name_or_id(aws: Aws) -> None:
    """Both functions, each the other's answer."""
    name = "com.amazonaws.us-east-1.s3"
    found = ask(aws, "getPrefixList", name=name)
    assert found["cidrBlocks"]
    managed = ask(aws, "getManagedPrefixList", name=name)
    assert (managed["id"], managed["entries"][0]["cidr"]) == (found["id"], found["cidrBlocks"][0])
    assert ask(aws, "getManagedPrefixList", id=found["id"])["id"] == found["id"]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("getVpc", {"id": "vpc-xyz"}),
        ("getVpc", {"id": "subnet-0123456789abcdef0"}),
        ("getVpc", {"tags": {"a": "b"}}),
        ("getSubnet", {"id": "subnet-123"}),
        ("getSubnets", {"tags": {"a": "b"}}),
        ("getSubnets", in_vpc("vpc-1")),
        ("getPrefixList", {"prefixListId": "pl-Z"}),
        ("getManagedPrefixList", {}),
    ],
)
def test_what_aws_would_not_find_is_refused(aws: Aws, function: str, arguments: dict[str, Any]) -> None:
    """A malformed id, or nothing that tells which one."""
    with pytest.raises(Refused):
        ask(aws, function, **arguments)
