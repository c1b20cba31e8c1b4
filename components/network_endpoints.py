"""Ways to AWS that stay inside the network: a gateway to S3, and endpoints for other services."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.base import Component


@dataclass(frozen=True, kw_only=True)
class NetworkEndpointsArgs:
    """The network, and the services by the last part of their endpoints' names."""

    vpc_id: pulumi.Input[str]
    cidr: str
    account_id: pulumi.Input[str]
    region: str
    services: tuple[str, ...]
    subnet_ids: Sequence[pulumi.Input[str]]
    route_table_ids: Sequence[pulumi.Input[str]]


class NetworkEndpoints(Component):
    """Endpoints in every private subnet, under the services' own names."""

    def __init__(
        self, name: str, args: NetworkEndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("axiom:monitoring:NetworkEndpoints", name, opts)
        aws.ec2.VpcEndpoint(
            self.named("s3"),
            vpc_id=args.vpc_id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(args.route_table_ids),
            policy=pulumi.Output.json_dumps(_objects_policy(args.account_id), sort_keys=True),
            opts=self.child(),
        )
        access = self._access(args)
        for service in args.services:
            aws.ec2.VpcEndpoint(
                self.named(service),
                vpc_id=args.vpc_id,
                service_name=f"com.amazonaws.{args.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=list(args.subnet_ids),
                security_group_ids=[access.id],
                opts=self.child(),
            )
        self.finish(count=len(args.services) + 1)

    def _access(self, args: NetworkEndpointsArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            self.named("access"),
            description="Endpoints of AWS services, reached from the network only",
            vpc_id=args.vpc_id,
            opts=self.child(),
        )
        aws.vpc.SecurityGroupIngressRule(
            self.named("access-network"),
            description="HTTPS from the network",
            security_group_id=group.id,
            cidr_ipv4=args.cidr,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self.child(),
        )
        return group


def _objects_policy(account_id: pulumi.Input[str]) -> dict[str, Any]:
    """Reading anywhere, since image layers lie in the buckets of registries; else what is our own.

    So data leave through this endpoint neither to another account nor with its keys.
    """
    ours = {"aws:PrincipalAccount": account_id, "aws:ResourceAccount": account_id}
    everyone = {"Effect": "Allow", "Principal": "*", "Resource": "*"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Reading", "Action": "s3:GetObject", **everyone},
            {"Sid": "OwnBuckets", "Action": "s3:*", "Condition": {"StringEquals": ours}, **everyone},
        ],
    }
