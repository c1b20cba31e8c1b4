"""AWS permissions of one service account, through EKS Pod Identity: no key and no token."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from model.spec import Permission


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """Who may do what on which cluster."""

    cluster_name: pulumi.Input[str]
    namespace: pulumi.Input[str]
    service_account: str
    permissions: tuple[Permission, ...]


class Identity(Component):
    """A role of its own for one service account, allowed exactly what the plan says."""

    association: aws.eks.PodIdentityAssociation

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Identity", name, opts)
        role = aws.iam.Role(self.named("role"), assume_role_policy=iam.POD_IDENTITY_TRUST, opts=self.child())
        policy = aws.iam.RolePolicy(
            self.named("policy"), role=role.id, policy=iam.allowing(args.permissions), opts=self.child()
        )
        self.association = aws.eks.PodIdentityAssociation(
            self.named("association"),
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=role.arn,
            opts=self.child(depends_on=[policy]),
        )
        self.finish(role_arn=role.arn)
