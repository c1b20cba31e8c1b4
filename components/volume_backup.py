"""Daily snapshots of the disks behind some claims, by AWS Backup.

The driver that makes a disk tags it with its claim, its namespace and its cluster: so it is found
whenever it was made, and never taken for the disk of another stack in the account.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from model.slices import VolumeBackupSpec

# Both policies are AWS's own: one to make snapshots, one to restore them.
POLICIES = {
    "backup": "AWSBackupServiceRolePolicyForBackup",
    "restore": "AWSBackupServiceRolePolicyForRestores",
}
_RESOURCE_TAG = "aws:ResourceTag/"
_CLAIM_TAG = "kubernetes.io/created-for/pvc"


def _cluster_tags(cluster_name: str) -> dict[str, tuple[str, str]]:
    """How a disk names its cluster, as key and value, by the driver that made it.

    Auto Mode's IAM policy asks for the first; the second is documented by the EBS CSI driver.
    """
    return {
        "auto": ("eks:eks-cluster-name", cluster_name),
        "driver": (f"kubernetes.io/cluster/{cluster_name}", "owned"),
    }


@dataclass(frozen=True, kw_only=True)
class VolumeBackupArgs:
    """What to keep and for how long."""

    spec: VolumeBackupSpec
    account_id: pulumi.Input[str]


class VolumeBackup(Component):
    """A vault, a plan, and for each claim a selection by each driver's tags.

    The vault and its key outlive the stack: AWS deletes no vault that holds a snapshot.
    """

    vault_name: pulumi.Output[str]

    def __init__(self, name: str, args: VolumeBackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:VolumeBackup", name, opts)
        key = EncryptionKey(
            self.named("storage"),
            EncryptionKeyArgs(description="Snapshots of volumes", account_id=args.account_id, retained=True),
            self.child(),
        )
        vault = aws.backup.Vault(
            self.named("vault"),
            kms_key_arn=key.arn,
            force_destroy=False,
            opts=self.child(retain=True),
        )
        plan = self._plan(vault, args.spec)
        role = self._role()
        for claim in args.spec.claims:
            for driver, cluster_tag in _cluster_tags(args.spec.cluster_name).items():
                tags = {
                    f"{_CLAIM_TAG}/name": claim,
                    f"{_CLAIM_TAG}/namespace": args.spec.namespace.value,
                    cluster_tag[0]: cluster_tag[1],
                }
                self._selection(f"{claim}-{driver}", plan, role, tags)
        self.vault_name = vault.name
        self.finish(vault_name=self.vault_name)

    def _plan(self, vault: aws.backup.Vault, spec: VolumeBackupSpec) -> aws.backup.Plan:
        return aws.backup.Plan(
            self.named("plan"),
            rules=[
                {
                    "rule_name": "daily",
                    "target_vault_name": vault.name,
                    "schedule": spec.schedule,
                    "start_window": 60,
                    "completion_window": 360,
                    "lifecycle": {"delete_after": spec.keep_days},
                }
            ],
            opts=self.child(),
        )

    def _role(self) -> aws.iam.Role:
        role = aws.iam.Role(
            self.named("role"), assume_role_policy=iam.trust("backup.amazonaws.com"), opts=self.child()
        )
        for key, policy in POLICIES.items():
            aws.iam.RolePolicyAttachment(
                self.named(f"role-{key}"),
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/service-role/{policy}",
                opts=self.child(),
            )
        return role

    def _selection(
        self, part: str, plan: aws.backup.Plan, role: aws.iam.Role, tags: Mapping[str, str]
    ) -> None:
        aws.backup.Selection(
            self.named(part),
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=["arn:aws:ec2:*:*:volume/*"],
            # Conditions hold together, unlike selection tags, of which one is enough.
            conditions=[
                {
                    "string_equals": [
                        {"key": f"{_RESOURCE_TAG}{key}", "value": value} for key, value in tags.items()
                    ]
                }
            ],
            opts=self.child(),
        )
