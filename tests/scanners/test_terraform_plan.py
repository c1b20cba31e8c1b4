"""The translation of AWS resources into a Terraform plan."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from scanners.rendered import Rendered
from terraform_plan import TERRAFORM_TYPES, Untranslatable, address, plan

from config.settings import load
from model.plan import build_plan
from render.recorder import Recording, record

Stacks = Mapping[str, Rendered]


@pytest.fixture
def recording(stacks: Stacks) -> Recording:
    """A recording of prod that a test may spoil."""
    return copy.deepcopy(stacks["prod"].recording)


def _values(recording: Recording, where: str) -> dict[str, Any]:
    resources = json.loads(plan(recording))["planned_values"]["root_module"]["resources"]
    values: dict[str, Any] = next(one for one in resources if one["address"] == where)["values"]
    return values


@pytest.mark.parametrize(
    ("environment", "tier"), [("dev", "1year"), ("staging", "current"), ("prod", "6month"), ("prod", "2year")]
)
def test_every_resource_of_every_stack_is_translated(environment: str, tier: str) -> None:
    """No type, block or reference is unknown, and none is lost."""
    raw = {"environment": environment, "tier": tier, "neo4j": {"acceptLicense": True}}
    recording = record(build_plan(load(raw, stack=environment)))
    expected = [address(found) for found in recording.resources if found.type.startswith("aws:")]
    resources = json.loads(plan(recording))["planned_values"]["root_module"]["resources"]
    assert [one["address"] for one in resources] == expected
    assert len(set(expected)) == len(expected)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("aws:amp/workspace:Workspace", "aws_prometheus_workspace"),
        ("aws:ec2/eip:Eip", "aws_eip"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "aws_vpc_endpoint"),
        ("aws:rds/instance:Instance", "aws_db_instance"),
        ("aws:s3/bucketVersioning:BucketVersioning", "aws_s3_bucket_versioning"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws_vpc_security_group_ingress_rule"),
    ],
)
def test_types_have_terraforms_names(token: str, expected: str) -> None:
    """Where Pulumi's module is no part of the name, or is called otherwise."""
    assert TERRAFORM_TYPES[token] == expected


def test_blocks_are_lists_and_numbers_are_whole(recording: Recording) -> None:
    """As in a plan of Terraform's own."""
    cluster = _values(recording, "aws_eks_cluster.cluster-control-plane")
    assert cluster["encryption_config"][0]["provider"][0]["key_arn"] == "aws_kms_key.cluster-secrets-key.arn"
    bucket = _values(recording, "aws_s3_bucket_lifecycle_configuration.buckets-tempo-lifecycle")
    assert isinstance(bucket["rule"][0]["expiration"][0]["days"], int)


@pytest.mark.parametrize(
    ("where", "key", "expected"),
    [
        ("aws_db_instance.postgres-instance", "kms_key_id", "aws_kms_key.postgres-storage-key.arn"),
        (
            "aws_db_instance.postgres-instance",
            "parameter_group_name",
            "aws_db_parameter_group.postgres-parameters.name",
        ),
        ("aws_route.network-private-a-internet", "route_table_id", "aws_route_table.network-private-a.id"),
        (
            "aws_route_table_association.network-private-a-routes",
            "subnet_id",
            "aws_subnet.network-private-a.id",
        ),
    ],
)
def test_references_survive(recording: Recording, where: str, key: str, expected: str) -> None:
    """An ARN, a name, and ids that a subnet and a route table share."""
    assert _values(recording, where)[key] == expected


def test_an_unknown_type_fails(recording: Recording) -> None:
    """Left out, it would not be scanned."""
    recording.of("aws:ec2/vpc:Vpc")[0].type = "aws:sqs/queue:Queue"
    with pytest.raises(Untranslatable, match="aws:sqs/queue:Queue"):
        plan(recording)


def test_an_unknown_block_fails(recording: Recording) -> None:
    """Under a name of its own making no check would see it."""
    recording.of("aws:ec2/vpc:Vpc")[0].inputs["novelties"] = [{"a": 1}]
    with pytest.raises(Untranslatable, match=r"aws_vpc\.network-vpc\.novelties"):
        plan(recording)


def test_an_ambiguous_reference_fails(recording: Recording) -> None:
    """A subnet and a route table have the same logical name."""
    recording.of("aws:ec2/vpc:Vpc")[0].inputs["anything"] = "<network-private-a>"
    with pytest.raises(Untranslatable, match="may mean any of"):
        plan(recording)
