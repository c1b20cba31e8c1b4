"""A managed Prometheus workspace: what keeps metrics longer than the servers in the cluster do."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.log_groups import LogGroups, LogGroupsArgs
from model.slices import WorkspaceSpec


@dataclass(frozen=True, kw_only=True)
class MetricsWorkspaceArgs:
    """The workspace, the key of its log group, and whether its metrics may be deleted."""

    spec: WorkspaceSpec
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    protected: bool


class MetricsWorkspace(Component):
    """`endpoint` is its address, up to and with the last slash."""

    endpoint: pulumi.Output[str]

    def __init__(
        self, name: str, args: MetricsWorkspaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("axiom:monitoring:MetricsWorkspace", name, opts)
        spec = args.spec
        key = EncryptionKey(
            self.named("storage"),
            EncryptionKeyArgs(description="Metrics kept for long", account_id=args.account_id),
            self.child(),
        )
        logs = LogGroups(
            self.named("logs"),
            LogGroupsArgs(groups=(spec.log_group,), key_arn=args.log_key_arn),
            self.child(),
        )
        group = logs.groups[spec.log_group.name]
        workspace = aws.amp.Workspace(
            self.named("workspace"),
            alias=spec.alias,
            kms_key_arn=key.arn,
            logging_configuration={"log_group_arn": pulumi.Output.concat(group.arn, ":*")},
            opts=self.child(protect=args.protected),
        )
        aws.amp.WorkspaceConfiguration(
            self.named("retention"),
            workspace_id=workspace.id,
            retention_period_in_days=spec.keep_days,
            opts=self.child(),
        )
        self.endpoint = workspace.prometheus_endpoint
        self.finish(endpoint=self.endpoint)
