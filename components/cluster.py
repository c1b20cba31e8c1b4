"""The EKS cluster in Auto Mode: AWS scales nodes, makes volumes and load balancers, enforces
NetworkPolicies and hands out pod identities. What it cannot do without: roles, a key, log group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.fragments import present
from components.log_groups import LogGroups, LogGroupsArgs
from model.slices import ClusterSpec, LogGroupSpec

ROLE_POLICIES = {
    "cluster": "AmazonEKSClusterPolicy",
    "compute": "AmazonEKSComputePolicy",
    "storage": "AmazonEKSBlockStoragePolicy",
    "load-balancing": "AmazonEKSLoadBalancingPolicy",
    "networking": "AmazonEKSNetworkingPolicy",
}
NODE_POLICIES = {
    "worker": "AmazonEKSWorkerNodeMinimalPolicy",
    "registry": "AmazonEC2ContainerRegistryPullOnly",
}
CONTROL_PLANE_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The cluster, where it lies, and the key of its log group."""

    spec: ClusterSpec
    subnet_ids: Sequence[pulumi.Input[str]]
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    protected: bool
    """Whether the cluster may not be deleted: its volumes would lose their cluster."""


class Cluster(Component):
    """A control plane whose API endpoint is public only to the ranges that the plan names."""

    cluster_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate: pulumi.Output[str]
    security_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Cluster", name, opts)
        key = EncryptionKey(
            self.named("secrets"),
            EncryptionKeyArgs(description="Kubernetes Secrets of the cluster", account_id=args.account_id),
            self.child(),
        )
        # Without its tags a session cannot be told to be Auto Mode's.
        trust = iam.trust("eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession"))
        role, attached = self._role("role", trust, ROLE_POLICIES)
        node_role, node_attached = self._role("node-role", iam.trust("ec2.amazonaws.com"), NODE_POLICIES)
        before = [*attached, *node_attached, self._log_group(args)]
        cluster = self._control_plane(args, key, role, node_role, before)
        self._metrics_server(cluster)
        self.cluster_name = cluster.name
        self.endpoint = cluster.endpoint
        self.certificate = cluster.certificate_authority.data
        self.security_group_id = cluster.vpc_config.cluster_security_group_id
        self.finish(
            cluster_name=self.cluster_name,
            endpoint=self.endpoint,
            security_group_id=self.security_group_id,
        )

    def _role(
        self, part: str, trust: str, policies: Mapping[str, str]
    ) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        role = aws.iam.Role(self.named(part), assume_role_policy=trust, opts=self.child())
        attached: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                self.named(f"{part}-{key}"),
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
                opts=self.child(),
            )
            for key, policy in policies.items()
        ]
        return role, attached

    def _log_group(self, args: ClusterArgs) -> pulumi.Resource:
        # EKS writes to this very name; found missing, it makes a group that never expires.
        group = LogGroupSpec(
            name=f"/aws/eks/{args.spec.name}/cluster", retention_days=args.spec.audit_log_days
        )
        logs = LogGroups(
            self.named("logs"), LogGroupsArgs(groups=(group,), key_arn=args.log_key_arn), self.child()
        )
        return logs.groups[group.name]

    def _control_plane(
        self,
        args: ClusterArgs,
        key: EncryptionKey,
        role: aws.iam.Role,
        node_role: aws.iam.Role,
        before: list[pulumi.Resource],
    ) -> aws.eks.Cluster:
        public = list(args.spec.endpoint_cidrs)
        network: aws.eks.ClusterVpcConfigArgsDict = {
            "subnet_ids": list(args.subnet_ids),
            "endpoint_private_access": True,
            "endpoint_public_access": bool(public),
            "public_access_cidrs": public or None,
        }
        return aws.eks.Cluster(
            self.named("control-plane"),
            name=args.spec.name,
            version=args.spec.version,
            role_arn=role.arn,
            deletion_protection=args.protected,
            upgrade_policy={"support_type": "STANDARD"},
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
            access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True},
            encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
            vpc_config=present(network),
            # Auto Mode: these three go together, and without add-ons of one's own.
            bootstrap_self_managed_addons=False,
            compute_config={
                "enabled": True,
                "node_pools": list(args.spec.node_pools),
                "node_role_arn": node_role.arn,
            },
            kubernetes_network_config={
                "service_ipv4_cidr": args.spec.service_cidr,
                "elastic_load_balancing": {"enabled": True},
            },
            storage_config={"block_storage": {"enabled": True}},
            # Traffic may be moved away from a zone that is ill.
            zonal_shift_config={"enabled": True},
            opts=self.child(protect=args.protected, depends_on=before, timeout="60m"),
        )

    def _metrics_server(self, cluster: aws.eks.Cluster) -> None:
        # The one thing that Auto Mode leaves out: autoscalers read it.
        aws.eks.Addon(
            self.named("metrics-server"),
            addon_name="metrics-server",
            cluster_name=cluster.name,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            opts=self.child(timeout="30m"),
        )
