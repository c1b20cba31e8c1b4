"""Who may use the Kubernetes API: IAM roles, each with one of EKS's access policies."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component
from model.slices import AccessEntrySpec


@dataclass(frozen=True, kw_only=True)
class ClusterAccessArgs:
    """The roles, and the cluster."""

    entries: tuple[AccessEntrySpec, ...]
    cluster_name: pulumi.Input[str]


class ClusterAccess(Component):
    """One access entry a role, over the whole cluster."""

    def __init__(
        self, name: str, args: ClusterAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("axiom:monitoring:ClusterAccess", name, opts)
        for spec in args.entries:
            self._entry(spec, args.cluster_name)
        self.finish(count=len(args.entries))

    def _entry(self, spec: AccessEntrySpec, cluster_name: pulumi.Input[str]) -> None:
        # Named after the role, so that a role in the middle of the list may leave it.
        part = spec.principal_arn.rsplit("/", 1)[-1]
        entry = aws.eks.AccessEntry(
            self.named(part),
            cluster_name=cluster_name,
            principal_arn=spec.principal_arn,
            type="STANDARD",
            opts=self.child(),
        )
        aws.eks.AccessPolicyAssociation(
            self.named(f"{part}-policy"),
            cluster_name=cluster_name,
            principal_arn=entry.principal_arn,
            policy_arn=f"arn:aws:eks::aws:cluster-access-policy/{spec.policy}",
            access_scope={"type": "cluster"},
            opts=self.child(),
        )
