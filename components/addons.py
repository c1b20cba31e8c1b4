"""EKS add-ons of a cluster, each with its settings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component


@dataclass(frozen=True, kw_only=True)
class Addon:
    """One add-on; `policy` is an AWS managed policy for its `service_account`."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    service_account: str | None = None
    policy: str | None = None


# Nodes become ready only with these. Network policies are not enforced unless it is asked for.
NODE_ADDONS = (
    Addon(name="vpc-cni", settings={"enableNetworkPolicy": "true"}),
    Addon(name="kube-proxy"),
    Addon(name="eks-pod-identity-agent"),
)
# These run pods, so they wait for nodes. Autoscalers read the metrics server.
POD_ADDONS = (
    Addon(name="coredns"),
    Addon(
        name="aws-ebs-csi-driver",
        service_account="ebs-csi-controller-sa",
        policy="arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    ),
    Addon(name="metrics-server"),
)


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """Which add-ons on which cluster, and what they wait for."""

    addons: tuple[Addon, ...]
    cluster_name: pulumi.Input[str]
    after: tuple[pulumi.Resource, ...] = ()


class Addons(Component):
    """Add-ons that keep what others set on their objects."""

    addons: tuple[aws.eks.Addon, ...]

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Addons", name, opts)
        self.addons = tuple(self._addon(addon, args) for addon in args.addons)
        self.finish(addons=[addon.addon_name for addon in self.addons])

    def _addon(self, addon: Addon, args: AddonsArgs) -> aws.eks.Addon:
        return aws.eks.Addon(
            self.named(addon.name),
            addon_name=addon.name,
            cluster_name=args.cluster_name,
            configuration_values=json.dumps(dict(addon.settings), sort_keys=True) if addon.settings else None,
            pod_identity_associations=self._identity(addon),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            opts=self.child(depends_on=args.after, timeout="30m"),
        )

    def _identity(self, addon: Addon) -> list[aws.eks.AddonPodIdentityAssociationArgsDict] | None:
        if addon.policy is None or addon.service_account is None:
            return None
        role = aws.iam.Role(
            self.named(f"{addon.name}-role"), assume_role_policy=iam.POD_IDENTITY_TRUST, opts=self.child()
        )
        attachment = aws.iam.RolePolicyAttachment(
            self.named(f"{addon.name}-policy"),
            role=role.name,
            policy_arn=addon.policy,
            opts=self.child(),
        )
        # Read through the attachment, so that the pods never start with a role that may do nothing.
        arn = pulumi.Output.all(role.arn, attachment.id)[0]
        return [{"role_arn": arn, "service_account": addon.service_account}]
