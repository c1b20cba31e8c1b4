"""Translates the AWS resources of a recording into a Terraform plan, which scanners can read.

The Pulumi provider is made from the Terraform provider: types and properties differ in their
names only. Whatever this module cannot name fails, for what is left out is not scanned.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from render.cloud import ACCOUNT
from render.recorder import Recording, Registration
from render.tree import opened

# Pulumi's modules that Terraform writes otherwise, or not at all, in front of the type's name.
_PREFIXES = {
    "amp": "prometheus_",
    "backup": "backup_",
    "cloudwatch": "cloudwatch_",
    "ec2": "",
    "eks": "eks_",
    "elasticache": "elasticache_",
    "iam": "iam_",
    "kms": "kms_",
    "rds": "db_",
    "s3": "s3_",
    "secretsmanager": "secretsmanager_",
    "vpc": "vpc_",
}
_TYPES = {
    "amp": ("Workspace", "WorkspaceConfiguration"),
    "backup": ("Plan", "Selection", "Vault"),
    "cloudwatch": ("LogGroup",),
    "ec2": (
        "DefaultSecurityGroup",
        "Eip",
        "FlowLog",
        "InternetGateway",
        "LaunchTemplate",
        "NatGateway",
        "Route",
        "RouteTable",
        "RouteTableAssociation",
        "SecurityGroup",
        "Subnet",
        "Vpc",
        "VpcEndpoint",
    ),
    "eks": (
        "AccessEntry",
        "AccessPolicyAssociation",
        "Addon",
        "Cluster",
        "NodeGroup",
        "PodIdentityAssociation",
    ),
    "elasticache": ("ParameterGroup", "ReplicationGroup", "SubnetGroup"),
    "iam": ("Policy", "Role", "RolePolicy", "RolePolicyAttachment"),
    "kms": ("Alias", "Key"),
    "rds": ("Instance", "ParameterGroup", "SubnetGroup"),
    "s3": (
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketLogging",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
    ),
    "secretsmanager": ("Secret", "SecretVersion"),
    "vpc": ("SecurityGroupEgressRule", "SecurityGroupIngressRule"),
}
# Lists of blocks: Pulumi has the plural, Terraform mostly repeats a block with a name of its own.
_REPEATED = {
    "advancedBackupSettings": "advanced_backup_setting",
    "blockDeviceMappings": "block_device_mappings",
    "conditions": "condition",
    "copyActions": "copy_action",
    "egress": "egress",
    "ingress": "ingress",
    "limitsPerLabelSets": "limits_per_label_set",
    "logDeliveryConfigurations": "log_delivery_configuration",
    "networkInterfaces": "network_interfaces",
    "parameters": "parameter",
    "podIdentityAssociations": "pod_identity_association",
    "routes": "route",
    "rules": "rule",
    "selectionTags": "selection_tag",
    "stringEquals": "string_equals",
    "stringLikes": "string_like",
    "stringNotEquals": "string_not_equals",
    "stringNotLikes": "string_not_like",
    "tagSpecifications": "tag_specifications",
    "taints": "taint",
    "transitions": "transition",
}
# Free keys, which are data and no properties.
_MAPS = {"labels", "tags"}
# Properties that hold another resource's name, or an id that resources of two types share.
_POINTS_TO = {
    "clusterName": ("aws_eks_cluster",),
    "dbSubnetGroupName": ("aws_db_subnet_group",),
    "parameterGroupName": ("aws_db_parameter_group", "aws_elasticache_parameter_group"),
    "role": ("aws_iam_role",),
    "routeTableId": ("aws_route_table",),
    "routeTableIds": ("aws_route_table",),
    "subnetGroupName": ("aws_elasticache_subnet_group",),
    "subnetId": ("aws_subnet",),
    "subnetIds": ("aws_subnet",),
    "targetVaultName": ("aws_backup_vault",),
}
_ARN = re.compile(rf"arn:aws:(\w+)::{ACCOUNT}:<([^<>]+)>")
_ID = re.compile(r"<([^<>:]+)>")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


TERRAFORM_TYPES: Mapping[str, str] = {
    f"aws:{module}/{kind[0].lower()}{kind[1:]}:{kind}": f"aws_{_PREFIXES[module]}{_snake(kind)}"
    for module, kinds in _TYPES.items()
    for kind in kinds
}


class Untranslatable(Exception):
    """A type, a property or a reference that this module does not know."""


def plan(recording: Recording) -> str:
    """The plan as JSON.

    Raises:
        Untranslatable: something would be missing from the plan, and so from the scan.
    """
    resources = [found for found in recording.resources if found.type.startswith("aws:")]
    translation = _Translation(resources)
    translated = [translation.resource(found) for found in resources]
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": translated}},
            "configuration": {"root_module": {"resources": []}},
        },
        indent=1,
    )


def address(found: Registration) -> str:
    """The address of a resource in the plan.

    Raises:
        Untranslatable: the type is not in the table.
    """
    kind = TERRAFORM_TYPES.get(found.type)
    if kind is None:
        raise Untranslatable(f"no Terraform type for {found.type}")
    return f"{kind}.{_label(found.name)}"


def _label(name: str) -> str:
    """A logical name as Terraform allows it."""
    return re.sub(r"[^\w-]", "_", name)


class _Translation:
    """Knows every resource, so that stand-in ids, ARNs and names become references again."""

    def __init__(self, resources: list[Registration]) -> None:
        self._by_name: dict[str, list[Registration]] = {}
        self._by_physical_name: dict[str, list[Registration]] = {}
        for found in resources:
            self._by_name.setdefault(found.name, []).append(found)
            self._by_physical_name.setdefault(found.inputs.get("name", found.name), []).append(found)

    def resource(self, found: Registration) -> dict[str, Any]:
        where = address(found)
        kind, label = where.split(".")
        return {
            "address": where,
            "mode": "managed",
            "type": kind,
            "name": label,
            "provider_name": "hashicorp/aws",
            "values": self._block(opened(found.inputs), where),
        }

    def _block(self, inputs: Mapping[str, Any], where: str) -> dict[str, Any]:
        return {
            name: value
            for key, item in inputs.items()
            for name, value in [self._property(key, item, f"{where}.{key}")]
        }

    def _property(self, key: str, value: Any, where: str) -> tuple[str, Any]:
        if key in _MAPS:
            return _snake(key), value
        if isinstance(value, dict):
            return _snake(key), [self._block(value, where)]
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            if key not in _REPEATED:
                raise Untranslatable(f"no Terraform block for {where}")
            return _REPEATED[key], [self._block(item, where) for item in value]
        if isinstance(value, list):
            return _snake(key), [self._scalar(key, item, where) for item in value]
        return _snake(key), self._scalar(key, value, where)

    def _scalar(self, key: str, value: Any, where: str) -> Any:
        if not isinstance(value, str):
            return value
        arn, identity = _ARN.fullmatch(value), _ID.fullmatch(value)
        if arn:
            named = self._by_name.get(arn.group(2), [])
            candidates = [found for found in named if found.type.startswith(f"aws:{arn.group(1)}/")]
            attribute = "arn"
        elif identity:
            candidates, attribute = self._by_name.get(identity.group(1), []), "id"
        elif key in _POINTS_TO:
            candidates, attribute = self._by_physical_name.get(value, []), "name"
        else:
            return value
        return self._reference(key, candidates, attribute, where) or value

    def _reference(self, key: str, candidates: list[Registration], attribute: str, where: str) -> str | None:
        """The one resource that is meant; None for what the program does not make."""
        wanted = _POINTS_TO.get(key, ()) if len(candidates) > 1 or attribute == "name" else ()
        found = [one for one in map(address, candidates) if not wanted or one.split(".")[0] in wanted]
        if len(found) > 1:
            raise Untranslatable(f"{where} may mean any of {', '.join(found)}")
        return f"{found[0]}.{attribute}" if found else None
