"""Who reaches a store from the network: the pods of the cluster, at one port, and nobody else."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component


@dataclass(frozen=True, kw_only=True)
class ClientAccessArgs:
    """The store in words, where it lies, its port, and the security group of its clients."""

    description: str
    vpc_id: pulumi.Input[str]
    port: int
    client_security_group_id: pulumi.Input[str]


class ClientAccess(Component):
    """A security group with one way in."""

    group_id: pulumi.Output[str]

    def __init__(self, name: str, args: ClientAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:ClientAccess", name, opts)
        group = aws.ec2.SecurityGroup(
            self.named("group"), description=args.description, vpc_id=args.vpc_id, opts=self.child()
        )
        aws.vpc.SecurityGroupIngressRule(
            self.named("clients"),
            description="From the pods of the cluster",
            security_group_id=group.id,
            referenced_security_group_id=args.client_security_group_id,
            ip_protocol="tcp",
            from_port=args.port,
            to_port=args.port,
            opts=self.child(),
        )
        self.group_id = group.id
        self.finish(group_id=self.group_id)
