"""IAM policy documents as data: who may assume a role, and what a role may do."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pulumi

from model.spec import Permission


def document(statements: Sequence[dict[str, Any]]) -> str:
    """A policy document as JSON with sorted keys."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def trust(service: str, actions: Sequence[str] = ("sts:AssumeRole",)) -> str:
    """Trust policy for an AWS service, such as `rds.amazonaws.com`."""
    return document([{"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions)}])


def allowing(permissions: Iterable[Permission]) -> str:
    """Identity policy that allows exactly `permissions`."""
    return document(
        [
            {
                "Effect": "Allow",
                "Action": list(permission.actions),
                "Resource": list(permission.resources),
                **({"Condition": dict(permission.condition)} if permission.condition else {}),
            }
            for permission in permissions
        ]
    )


def tls_only(bucket_arn: pulumi.Output[str]) -> dict[str, Any]:
    """Bucket policy that refuses plain HTTP and TLS before 1.2."""
    everything = [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")]
    conditions = {
        "TlsOnly": {"Bool": {"aws:SecureTransport": "false"}},
        "ModernTlsOnly": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": sid,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": everything,
                "Condition": condition,
            }
            for sid, condition in conditions.items()
        ],
    }


POD_IDENTITY_TRUST = trust("pods.eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession"))
