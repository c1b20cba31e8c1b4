"""CloudWatch log groups, made before the service that writes to them.

A service that finds no group makes one that never expires and is not encrypted by our key.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component
from model.slices import LogGroupSpec


@dataclass(frozen=True, kw_only=True)
class LogGroupsArgs:
    """The groups, and the key that encrypts them."""

    groups: tuple[LogGroupSpec, ...]
    key_arn: pulumi.Input[str]


class LogGroups(Component):
    """Log groups by physical name."""

    groups: dict[str, aws.cloudwatch.LogGroup]
    names: list[pulumi.Output[str]]

    def __init__(self, name: str, args: LogGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:LogGroups", name, opts)
        self.groups = {
            group.name: aws.cloudwatch.LogGroup(
                self.named(_last_segment(group.name)),
                name=group.name,
                retention_in_days=group.retention_days,
                kms_key_id=args.key_arn,
                skip_destroy=False,
                opts=self.child(),
            )
            for group in args.groups
        }
        self.names = [self.groups[group.name].name for group in args.groups]
        self.finish(names=self.names)


def _last_segment(path: str) -> str:
    # The rest of the path names the environment, which a logical name must not.
    return path.rsplit("/", 1)[-1]
