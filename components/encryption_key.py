"""A customer managed KMS key with yearly rotation and a policy that says who uses it."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.base import Component


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """What the key encrypts; `logs_region` lets CloudWatch Logs of that region use it.

    `alias` is a name by which policies know the key before AWS has numbered it.
    """

    description: str
    account_id: pulumi.Input[str]
    logs_region: str | None = None
    alias: str | None = None
    retained: bool = False
    """Whether the key outlives the stack, for what it encrypts that does."""


class EncryptionKey(Component):
    """The key; the account's IAM policies decide who of the account may use it."""

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("axiom:monitoring:EncryptionKey", name, opts)
        key = aws.kms.Key(
            self.named("key"),
            description=args.description,
            enable_key_rotation=True,
            is_enabled=True,
            deletion_window_in_days=30,
            policy=pulumi.Output.json_dumps(_policy(args), sort_keys=True),
            opts=self.child(retain=args.retained),
        )
        if args.alias is not None:
            aws.kms.Alias(self.named("alias"), name=args.alias, target_key_id=key.key_id, opts=self.child())
        self.arn = key.arn
        self.finish(arn=self.arn)


def _policy(args: EncryptionKeyArgs) -> dict[str, Any]:
    account: dict[str, Any] = {
        "Sid": "AccountPolicies",
        "Effect": "Allow",
        "Principal": {"AWS": pulumi.Output.concat("arn:aws:iam::", args.account_id, ":root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    statements = [account]
    if args.logs_region is not None:
        statements.append(_logs_statement(args.account_id, args.logs_region))
    return {"Version": "2012-10-17", "Statement": statements}


def _logs_statement(account_id: pulumi.Input[str], region: str) -> dict[str, Any]:
    groups = pulumi.Output.concat(f"arn:aws:logs:{region}:", account_id, ":log-group:*")
    return {
        "Sid": "CloudWatchLogs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        # Without it the service could be made to use the key for somebody else's account.
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }
