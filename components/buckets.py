"""S3 buckets: private, encrypted with one key, versioned, over TLS only, emptied by age.

A version that was overwritten or deleted is kept for a day: long enough to notice a mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from model.spec import BucketSpec


@dataclass(frozen=True, kw_only=True)
class BucketsArgs:
    """The buckets, the name of their key, and whether one with objects may be deleted."""

    buckets: Sequence[BucketSpec]
    key_alias: str
    account_id: pulumi.Input[str]
    protected: bool


class Buckets(Component):
    """Every bucket of the stack."""

    names: list[pulumi.Output[str]]

    def __init__(self, name: str, args: BucketsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Buckets", name, opts)
        self._protected = args.protected
        self._key = EncryptionKey(
            self.named("storage"),
            EncryptionKeyArgs(
                description="Logs and traces in S3", account_id=args.account_id, alias=args.key_alias
            ),
            self.child(),
        )
        self.names = [self._bucket(spec).bucket for spec in args.buckets]
        self.finish(names=self.names)

    def _bucket(self, spec: BucketSpec) -> aws.s3.Bucket:
        # The last part is the server's name; the rest tells the environment.
        part = spec.name.rsplit("-", 1)[-1]
        bucket = aws.s3.Bucket(
            self.named(part),
            bucket=spec.name,
            force_destroy=not self._protected,
            opts=self.child(protect=self._protected),
        )
        self._closed(part, bucket)
        self._encrypted(part, bucket)
        self._expiring(part, bucket, spec.expire_days)
        return bucket

    def _closed(self, part: str, bucket: aws.s3.Bucket) -> None:
        block = aws.s3.BucketPublicAccessBlock(
            self.named(f"{part}-private"),
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        # Two changes of a bucket's access at once are refused: these three go one after another.
        owner = aws.s3.BucketOwnershipControls(
            self.named(f"{part}-owner"),
            bucket=bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self.child(depends_on=[block]),
        )
        aws.s3.BucketPolicy(
            self.named(f"{part}-policy"),
            bucket=bucket.id,
            policy=pulumi.Output.json_dumps(iam.tls_only(bucket.arn), sort_keys=True),
            opts=self.child(depends_on=[owner]),
        )

    def _encrypted(self, part: str, bucket: aws.s3.Bucket) -> None:
        aws.s3.BucketServerSideEncryptionConfiguration(
            self.named(f"{part}-encryption"),
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": self._key.arn,
                    },
                    # One key for many objects: a hundredth of the calls to KMS.
                    "bucket_key_enabled": True,
                }
            ],
            opts=self.child(),
        )

    def _expiring(self, part: str, bucket: aws.s3.Bucket, days: int) -> None:
        versioning = aws.s3.BucketVersioning(
            self.named(f"{part}-versions"),
            bucket=bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=self.child(),
        )
        aws.s3.BucketLifecycleConfiguration(
            self.named(f"{part}-lifecycle"),
            bucket=bucket.id,
            rules=[
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": days},
                    "noncurrent_version_expiration": {"noncurrent_days": 1},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
                },
                {
                    # A rule of its own: one with days lets a marker stay for as many days.
                    "id": "delete-markers",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"expired_object_delete_marker": True},
                },
            ],
            opts=self.child(depends_on=[versioning]),
        )
