"""S3 buckets of servers, by the name of the server, and what a server may do in its own."""

from config.settings import Settings
from model.spec import BucketSpec, Permission

# The server deletes what it no longer keeps; the bucket takes what a server left behind.
_SPARE_DAYS = 7


def bucket(server: str, settings: Settings) -> BucketSpec:
    """The bucket of a server that keeps logs or traces."""
    return BucketSpec(
        name=f"{settings.buckets.prefix}-{settings.environment}-{settings.region}-{server}",
        expire_days=settings.retention.logs_days + _SPARE_DAYS,
    )


def key_alias(settings: Settings) -> str:
    """Name of the key that encrypts every bucket of the stack."""
    return f"alias/{settings.buckets.prefix}-{settings.environment}-buckets"


def objects(owned: BucketSpec, settings: Settings) -> tuple[Permission, ...]:
    """Reading and writing one bucket, and its key."""
    return (
        Permission(
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            # The key's number is known only to AWS; its alias is known here.
            resources=(f"arn:aws:kms:{settings.region}:*:key/*",),
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias(settings)}},
        ),
        Permission(actions=("s3:ListBucket",), resources=(f"arn:aws:s3:::{owned.name}",)),
        Permission(
            actions=(
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:GetObjectTagging",
                "s3:PutObject",
                "s3:PutObjectTagging",
            ),
            resources=(f"arn:aws:s3:::{owned.name}/*",),
        ),
    )
