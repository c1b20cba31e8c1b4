"""Buckets, backups, the metrics workspace, keys and identities: what each declares."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from declared import ACCOUNT, declared, inputs, only

from components.buckets import Buckets, BucketsArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.identity import Identity, IdentityArgs
from components.metrics_workspace import MetricsWorkspace, MetricsWorkspaceArgs
from components.volume_backup import VolumeBackup, VolumeBackupArgs
from model.late import Late
from model.reach import Namespace
from model.slices import LogGroupSpec, VolumeBackupSpec, WorkspaceSpec
from model.spec import BucketSpec, Permission
from render.recorder import Recording

BUCKET_PARTS = (
    "bucket:Bucket",
    "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "bucketOwnershipControls:BucketOwnershipControls",
    "bucketPolicy:BucketPolicy",
    "bucketPublicAccessBlock:BucketPublicAccessBlock",
    "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "bucketVersioning:BucketVersioning",
)


def _buckets(*, protected: bool = True) -> Recording:
    args = BucketsArgs(
        buckets=[BucketSpec(name="axiom-test-eu-west-1-loki", expire_days=14)],
        key_alias="alias/buckets",
        account_id=ACCOUNT,
        protected=protected,
    )
    return declared(lambda: Buckets("buckets", args))


def _backup() -> Recording:
    spec = VolumeBackupSpec(
        namespace=Namespace.AXIOM,
        claims=("data-neo4j-0", "data-neo4j-1"),
        cluster_name="axiom-test",
        schedule="cron(0 3 * * ? *)",
        keep_days=14,
    )
    args = VolumeBackupArgs(spec=spec, account_id=ACCOUNT)
    return declared(lambda: VolumeBackup("backup", args))


def _statements(policy: str) -> dict[str, Mapping[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


@pytest.mark.parametrize("part", BUCKET_PARTS)
def test_a_bucket_has_every_part(part: str) -> None:
    """Seven resources make one bucket safe."""
    assert len(_buckets().of(f"aws:s3/{part}")) == 1


def test_a_bucket_is_closed_to_the_public() -> None:
    """All four switches, and no access lists."""
    found = _buckets()
    block = only(found, "s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [block[switch] for switch in switches] == [True] * 4
    owner = only(found, "s3/bucketOwnershipControls:BucketOwnershipControls").inputs
    assert owner["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_a_bucket_refuses_plain_and_old_connections() -> None:
    """Everybody is denied without TLS, and with TLS before 1.2."""
    policy = only(_buckets(), "s3/bucketPolicy:BucketPolicy").inputs["policy"]
    found = {
        sid: (statement["Effect"], statement["Principal"], statement["Condition"])
        for sid, statement in _statements(policy).items()
    }
    assert found == {
        "TlsOnly": ("Deny", "*", {"Bool": {"aws:SecureTransport": "false"}}),
        "ModernTlsOnly": ("Deny", "*", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    }


def test_a_bucket_is_encrypted_with_the_buckets_key() -> None:
    """KMS with the component's key, which policies know by its alias."""
    found = _buckets()
    key = found.of("aws:kms/key:Key")[0]
    kind = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    (rule,) = only(found, kind).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert f"<{key.name}>" in rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"]
    assert rule["bucketKeyEnabled"] is True
    assert only(found, "kms/alias:Alias").inputs["name"] == "alias/buckets"


def test_a_bucket_empties_itself() -> None:
    """Objects go by age, versions and broken uploads after a day, markers when nothing is behind them."""
    kind = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    rules = {rule["id"]: rule for rule in only(_buckets(), kind).inputs["rules"]}
    assert rules["expire"]["expiration"] == {"days": 14}
    assert rules["expire"]["noncurrentVersionExpiration"] == {"noncurrentDays": 1}
    assert rules["expire"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 1}
    assert rules["delete-markers"]["expiration"] == {"expiredObjectDeleteMarker": True}
    assert {rule["status"] for rule in rules.values()} == {"Enabled"}


@pytest.mark.parametrize("protected", [True, False])
def test_a_protected_bucket_is_never_emptied_to_be_deleted(protected: bool) -> None:
    """Protection and forced deletion exclude each other."""
    bucket = only(_buckets(protected=protected), "s3/bucket:Bucket")
    assert (bucket.protect, bucket.inputs["forceDestroy"]) == (protected, not protected)


def test_backups_find_a_disk_by_claim_and_cluster() -> None:
    """Whichever driver made it, and never the disk of another cluster."""
    selections = inputs(_backup(), "backup/selection:Selection")
    assert len(selections) == 4
    found = {
        tuple(condition["key"] + "=" + condition["value"] for condition in item["stringEquals"])
        for name, selection in selections.items()
        if name.startswith("backup-data-neo4j-1-")
        for item in selection["conditions"]
    }
    tag = "aws:ResourceTag/"
    claim = (
        f"{tag}kubernetes.io/created-for/pvc/name=data-neo4j-1",
        f"{tag}kubernetes.io/created-for/pvc/namespace=axiom",
    )
    assert found == {
        (*claim, f"{tag}eks:eks-cluster-name=axiom-test"),
        (*claim, f"{tag}kubernetes.io/cluster/axiom-test=owned"),
    }


def test_backups_are_kept_as_long_as_planned() -> None:
    """In the encrypted vault, by the plan's schedule."""
    found = _backup()
    (rule,) = only(found, "backup/plan:Plan").inputs["rules"]
    assert (rule["schedule"], rule["lifecycle"]) == ("cron(0 3 * * ? *)", {"deleteAfter": 14})
    assert rule["targetVaultName"] == only(found, "backup/vault:Vault").name
    assert "kmsKeyArn" in only(found, "backup/vault:Vault").inputs


def test_the_vault_and_its_key_outlive_the_stack() -> None:
    """AWS deletes no vault that holds a snapshot, and no snapshot is read without its key."""
    vault, key = (only(_backup(), kind) for kind in ("backup/vault:Vault", "kms/key:Key"))
    assert (vault.retain, key.retain, vault.inputs["forceDestroy"]) == (True, True, False)


def test_a_workspace_keeps_metrics_and_tells_its_address() -> None:
    """Retention is a resource of its own; the log group's ARN ends as the service asks."""
    group = LogGroupSpec(name="/aws/prometheus/test", retention_days=7)
    spec = WorkspaceSpec(alias="test", keep_days=400, log_group=group)
    args = MetricsWorkspaceArgs(spec=spec, account_id=ACCOUNT, log_key_arn="key", protected=True)
    found = declared(lambda: MetricsWorkspace("metrics", args))
    workspace = only(found, "amp/workspace:Workspace")
    assert workspace.inputs["loggingConfiguration"]["logGroupArn"].endswith(":*")
    assert "kmsKeyArn" in workspace.inputs
    kept = only(found, "amp/workspaceConfiguration:WorkspaceConfiguration").inputs
    assert kept == {"workspaceId": "<metrics-workspace>", "retentionPeriodInDays": 400}
    assert found.of("axiom:monitoring:MetricsWorkspace")[0].outputs == {
        "endpoint": str(Late.METRICS_WORKSPACE)
    }


def test_a_key_rotates_and_obeys_the_account() -> None:
    """No principal but the account's root, and only logs where logs are encrypted."""
    args = EncryptionKeyArgs(description="Logs", account_id=ACCOUNT, logs_region="eu-west-1")
    key = only(declared(lambda: EncryptionKey("logs", args)), "kms/key:Key").inputs
    found = _statements(key["policy"])
    assert (key["enableKeyRotation"], key["deletionWindowInDays"]) == (True, 30)
    assert found["AccountPolicies"]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    groups = {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:*"}
    assert found["CloudWatchLogs"]["Condition"] == {"ArnLike": groups}


def test_an_identity_may_do_what_the_plan_says() -> None:
    """Actions, resources and condition of each permission, and nothing else."""
    permission = Permission(
        actions=("kms:Decrypt",),
        resources=("*",),
        condition={"StringEquals": {"kms:ResourceAliases": "alias/buckets"}},
    )
    args = IdentityArgs(
        cluster_name="axiom-test", namespace="monitoring", service_account="loki", permissions=(permission,)
    )
    found = declared(lambda: Identity("loki", args))
    (statement,) = json.loads(only(found, "iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": ["*"],
        "Condition": {"StringEquals": {"kms:ResourceAliases": "alias/buckets"}},
    }
    association = only(found, "eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("monitoring", "loki")
