"""What the AWS stand-in knows of the types: the SDK's names, outputs, functions."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pulumi_aws
import pytest
from aws_standin import CLUSTER, REDIS, SUBNET, SUBNET_INPUTS, TEMPLATE, Access, Aws, urn

from local.plugins import aws_table
from local.plugins.backend import Refused


@pytest.fixture
def aws(tmp_path: Path) -> Aws:
    return Aws(tmp_path)


@cache
def _sources() -> dict[str, str]:
    """The SDK's source of each resource type, by token."""
    token = re.compile(r'^@pulumi\.type_token\("([^"]+)"\)$', re.MULTILINE)
    modules = {kind.split(":")[1].split("/")[0] for kind in aws_table.types()}
    found: dict[str, str] = {}
    for module in sorted(modules):
        for path in (Path(pulumi_aws.__file__).parent / module).glob("*.py"):
            text = path.read_text()
            found |= dict.fromkeys(token.findall(text), text)
    return found


def _properties(source: str) -> set[str]:
    """Property names as they travel: what a getter is named, or else the method's own name."""
    renamed = re.findall(r'@pulumi\.getter\(name="(\w+)"\)', source)
    plain = re.findall(r"@pulumi\.getter\n(?:    @.*\n)*    def (\w+)", source)
    return {*renamed, *plain}


@pytest.mark.parametrize("kind", sorted(aws_table.types()))
def test_the_table_speaks_the_sdks_names(kind: str) -> None:
    """The token is registered by the SDK, and every property that a row names is one of the type's."""
    row, source = aws_table.type_row(kind), _sources()[kind]
    named = {*row.replaces, *row.required, *row.sensitive, *row.grows, *row.counts, *(row.outputs or {})}
    named |= {*(row.choices or {}), *(row.variants or {}), *([row.name] if row.name else [])}
    named |= {*(row.formats or {}), *row.together, *(row.needs or {}), *(row.steps or {})}
    named |= {other for others in (row.needs or {}).values() for other in others}
    named |= {key for modes in (row.variants or {}).values() for mode in modes.values() for key in mode}
    inputs = re.findall(r"\{(\w+)\}", f"{row.id}{row.unique}")
    named |= {key for key in inputs if key not in ("hex", "region", "account", "id")}
    assert {path.split(".")[0] for path in named} - _properties(source) == set()
    assert row.tagged == ("tagsAll" in _properties(source))
    assert bool(row.arn) <= ("arn" in _properties(source))


def test_a_cluster_is_an_api_server(aws: Aws) -> None:
    """Made, it runs; deleted, it is discarded; its outputs say where it is."""
    inputs = {"name": "c", "roleArn": "r", "vpcConfig": {"subnetIds": ["s"]}}
    made = aws.create(CLUSTER, inputs)
    assert made.outputs["endpoint"] == Access.endpoint
    assert made.outputs["certificateAuthority"] == {"data": "Q0E="}
    assert made.outputs["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.")
    assert made.outputs["vpcConfig"].keys() == {"subnetIds", "clusterSecurityGroupId"}
    assert aws.clusters.running == {"c"}
    aws.delete(CLUSTER, made.id)
    assert aws.clusters.running == set()


def test_a_given_cluster_is_started_when_it_is_asked_for(aws: Aws) -> None:
    """And one that was made here is described as it was made."""
    token = "aws:eks/getCluster:getCluster"
    given = aws.backend.invoke(aws.session, token, {"name": "given"})
    assert (given["endpoint"], given["status"]) == (Access.endpoint, "ACTIVE")
    made = aws.create(CLUSTER, {"name": "made", "roleArn": "r", "vpcConfig": {"subnetIds": ["s"]}})
    assert aws.backend.invoke(aws.session, token, {"name": "made"})["vpcConfig"] == made.outputs["vpcConfig"]


@pytest.mark.parametrize(
    ("mode", "endpoints"),
    [
        (None, {"primaryEndpointAddress", "readerEndpointAddress"}),
        ("compatible", {"primaryEndpointAddress", "readerEndpointAddress", "configurationEndpointAddress"}),
        ("enabled", {"configurationEndpointAddress"}),
    ],
)
def test_redis_has_the_endpoints_of_its_mode(aws: Aws, mode: str | None, endpoints: set[str]) -> None:
    """A program that reads the other mode's endpoint gets nothing, here as on AWS; a preview agrees."""
    inputs = {"replicationGroupId": "r", "description": "d"} | ({"clusterMode": mode} if mode else {})
    preview = aws.backend.preview_outputs(aws.session, REDIS, inputs)
    assert {key for key in preview if key.endswith("EndpointAddress")} == endpoints
    made = aws.create(REDIS, inputs).outputs
    assert {key for key in made if key.endswith("EndpointAddress")} == endpoints


@pytest.mark.parametrize(
    ("type_", "outputs"),
    [
        (None, {"prefixListId", "cidrBlocks"}),
        ("Interface", {"dnsEntries", "networkInterfaceIds"}),
    ],
)
def test_an_endpoint_has_the_outputs_of_its_type(aws: Aws, type_: str | None, outputs: set[str]) -> None:
    """A gateway has a prefix list, an interface has addresses and names."""
    inputs = {"vpcId": "v", "serviceName": "s"} | ({"vpcEndpointType": type_} if type_ else {})
    made = aws.create("aws:ec2/vpcEndpoint:VpcEndpoint", inputs).outputs
    assert made.keys() & {"prefixListId", "cidrBlocks", "dnsEntries", "networkInterfaceIds"} == outputs


def test_a_preview_names_every_output_that_a_creation_has(aws: Aws) -> None:
    """What another resource takes from it is unknown, never missing."""
    inputs, _ = aws.check(TEMPLATE, {})
    preview = aws.backend.preview_outputs(aws.session, TEMPLATE, inputs)
    assert preview.keys() == aws.create(TEMPLATE, inputs).outputs.keys()


@pytest.mark.parametrize("tags", [{"tags": {"a": "b"}}, '{"tags": {"a": "b"}}'])
def test_default_tags_reach_what_aws_tags(aws: Aws, tags: Any) -> None:
    """As a mapping or as JSON; a resource's own tags win, and what has no tags gets none."""
    session = aws.backend.configure({"region": "us-east-1", "defaultTags": tags})
    own = {**SUBNET_INPUTS, "tags": {"a": "own", "c": "d"}}
    made = aws.backend.create(session, urn(SUBNET, "t"), SUBNET, own)
    assert made.outputs["tagsAll"] == {"a": "own", "c": "d"}
    attached = aws.create(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": "p"}
    )
    assert "tagsAll" not in attached.outputs


def test_a_policy_document_has_one_spelling(aws: Aws) -> None:
    """The order of the arguments does not show, and what would be merged in is refused."""
    token = "aws:iam/getPolicyDocument:getPolicyDocument"
    principals = [{"type": "Service", "identifiers": ["rds.amazonaws.com"]}]

    def rendered(actions: list[str]) -> str:
        statement = {"actions": actions, "resources": ["*"], "principals": principals}
        return str(aws.backend.invoke(aws.session, token, {"statements": [statement]})["json"])

    assert rendered(["s3:Put", "s3:Get"]) == rendered(["s3:Get", "s3:Put"])
    assert json.loads(rendered(["s3:Get"]))["Statement"] == [
        {
            "Action": ["s3:Get"],
            "Effect": "Allow",
            "Principal": {"Service": ["rds.amazonaws.com"]},
            "Resource": ["*"],
        }
    ]
    with pytest.raises(Refused, match="sourcePolicyDocuments"):
        aws.backend.invoke(aws.session, token, {"sourcePolicyDocuments": ["{}"]})
