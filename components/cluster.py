"""The EKS control plane: its role, its key for Kubernetes Secrets, and its logs."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.fragments import present
from components.log_groups import LogGroups, LogGroupsArgs
from model.slices import ClusterSpec, LogGroupSpec

CONTROL_PLANE_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The cluster, where it lies, and the key of its log group."""

    spec: ClusterSpec
    subnet_ids: Sequence[pulumi.Input[str]]
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]


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
        before = [*self._role_policies(), self._log_group(args)]
        cluster = self._control_plane(args, key, before)
        self.cluster_name = cluster.name
        self.endpoint = cluster.endpoint
        self.certificate = cluster.certificate_authority.data
        self.security_group_id = cluster.vpc_config.cluster_security_group_id
        self.finish(
            cluster_name=self.cluster_name,
            endpoint=self.endpoint,
            security_group_id=self.security_group_id,
        )

    def _role_policies(self) -> list[pulumi.Resource]:
        self._role = aws.iam.Role(
            self.named("role"), assume_role_policy=iam.trust("eks.amazonaws.com"), opts=self.child()
        )
        return [
            aws.iam.RolePolicyAttachment(
                self.named("role-cluster"),
                role=self._role.name,
                policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
                opts=self.child(),
            )
        ]

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
        self, args: ClusterArgs, key: EncryptionKey, before: list[pulumi.Resource]
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
            role_arn=self._role.arn,
            # The add-ons are resources of their own, so that each has its settings.
            bootstrap_self_managed_addons=False,
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
            access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True},
            encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
            vpc_config=present(network),
            opts=self.child(depends_on=before, timeout="60m"),
        )
