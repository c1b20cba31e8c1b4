"""The managed nodes: their role, an encrypted disk, and an instance metadata service that
answers only sessions (IMDSv2) and only the node itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from model.slices import NodesSpec

NODE_POLICIES = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "registry": "AmazonEC2ContainerRegistryPullOnly",
    # The network add-on runs before any pod identity can be had, so its rights lie with the node.
    "network": "AmazonEKS_CNI_Policy",
}


@dataclass(frozen=True, kw_only=True)
class NodesArgs:
    """The node group, its cluster, and what must stand before a node can become ready."""

    spec: NodesSpec
    cluster_name: pulumi.Input[str]
    version: str
    subnet_ids: Sequence[pulumi.Input[str]]
    after: tuple[pulumi.Resource, ...]


class Nodes(Component):
    """One managed node group over the private subnets."""

    group: aws.eks.NodeGroup

    def __init__(self, name: str, args: NodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Nodes", name, opts)
        role = aws.iam.Role(
            self.named("role"), assume_role_policy=iam.trust("ec2.amazonaws.com"), opts=self.child()
        )
        attachments = [
            aws.iam.RolePolicyAttachment(
                self.named(f"role-{key}"),
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
                opts=self.child(),
            )
            for key, policy in NODE_POLICIES.items()
        ]
        template = self._template(args.spec)
        self.group = aws.eks.NodeGroup(
            self.named("group"),
            cluster_name=args.cluster_name,
            node_role_arn=role.arn,
            subnet_ids=list(args.subnet_ids),
            version=args.version,
            ami_type=args.spec.ami_type,
            capacity_type="ON_DEMAND",
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            scaling_config={
                "min_size": args.spec.minimum,
                "desired_size": args.spec.desired,
                "max_size": args.spec.maximum,
            },
            update_config={"max_unavailable": 1},
            opts=self.child(depends_on=[*attachments, *args.after], timeout="60m"),
        )
        self.finish(group=self.group.node_group_name)

    def _template(self, spec: NodesSpec) -> aws.ec2.LaunchTemplate:
        return aws.ec2.LaunchTemplate(
            self.named("template"),
            instance_type=spec.instance_type,
            update_default_version=True,
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                # One hop: a pod does not reach the node's credentials.
                "http_put_response_hop_limit": 1,
            },
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "volume_size": spec.disk_gibibytes,
                        "volume_type": "gp3",
                        "encrypted": "true",
                        "delete_on_termination": "true",
                    },
                }
            ],
            monitoring={"enabled": True},
            opts=self.child(),
        )
