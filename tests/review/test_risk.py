"""What is at risk: the judgement of the program itself, told with what to do."""

from dataclasses import replace
from typing import Any

import pytest
from preview_samples import DEPLOYMENT, RDS, REDIS, UNKNOWN, digest, preview, step

from config.holders import holders
from review.comment import Options, comment
from review.kinds import HARMLESS, LOST, PROTECTS
from review.level import Level, Risk
from review.preview import Diagnostic, previews
from review.risk import level, risks

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
NAMESPACE = "kubernetes:core/v1:Namespace"
SINGLE = {"clusterMode": "disabled", "numCacheClusters": 1, "automaticFailoverEnabled": False}
READY = {"clusterMode": "disabled", "numCacheClusters": 2, "automaticFailoverEnabled": True}
COMPATIBLE = {**READY, "clusterMode": "compatible"}
CLUSTER = {"clusterMode": "enabled", "numNodeGroups": 3, "replicasPerNodeGroup": 1}


def found(
    *steps: dict[str, Any], acknowledged: frozenset[str] = frozenset(), errors: tuple[str, ...] = ()
) -> tuple[Risk, ...]:
    """The risks of a preview."""
    read = preview(*steps, errors=errors)
    return risks(read.changes, read, acknowledged)


def pods(image: str, replicas: int = 1) -> dict[str, Any]:
    """Inputs of a Deployment."""
    return {
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "a", "image": image}]}}}
    }


CASES = [
    # A step, and the gravest that it does.
    (step("update", RDS, "postgres-instance", {"multiAz": False}, {"multiAz": True}), Level.SAFE, False),
    (step("update", RDS, "postgres-instance", {"instanceClass": "a"}, {"instanceClass": "b"}),
     Level.RESTARTS, False),
    (step("replace", RDS, "postgres-instance", {"username": "a"}, {"username": "b"}), Level.DESTROYS, True),
    (step("delete", RDS, "postgres-instance", {"username": "a"}), Level.DESTROYS, True),
    # A property that the table does not know: the provider replaces it all the same.
    (step("replace", RDS, "postgres-instance", {"x": 1}, {"x": 2}, replaceReasons=["x"]),
     Level.DESTROYS, True),
    (step("update", REDIS, "redis-group", SINGLE, CLUSTER), Level.RESTARTS, True),
    (step("update", REDIS, "redis-group", READY, COMPATIBLE), Level.RESTARTS, True),
    (step("update", DEPLOYMENT, "core-api-pods", pods("a:1"), pods("a:2")), Level.RESTARTS, False),
    (step("update", DEPLOYMENT, "core-api-pods", pods("a"), pods("a", 2)), Level.SAFE, False),
    (step("delete", DEPLOYMENT, "core-api-pods", pods("a")), Level.RESTARTS, False),
    (step("replace", "aws:iam/role:Role", "role", {"name": "a"}, {"name": "b"}), Level.REPLACES, False),
    (step("replace", "kubernetes:batch/v1:Job", "roles", {"a": 1}, {"a": 2}), Level.RESTARTS, False),
    (step("delete", LOG_GROUP, "application-logs", {"name": "/a"}), Level.DESTROYS, False),
    (step("delete", LOG_GROUP, "application-logs", {"skipDestroy": True}), Level.SAFE, False),
    (step("delete", NAMESPACE, "axiom", {"metadata": {}}), Level.DESTROYS, False),
    (step("create", RDS, "postgres-instance", None, {"username": "a"}), Level.SAFE, False),
    (step("delete", "kubernetes:core/v1:Service", "service", {"spec": {}}), Level.SAFE, False),
]  # fmt: skip


@pytest.mark.parametrize(("change", "worst", "refused"), CASES)
def test_a_step_is_as_bad_as_what_it_does(change: dict[str, Any], worst: Level, *, refused: bool) -> None:
    """The level, and whether the update would be refused."""
    told = found(change)
    assert level(told) is worst
    assert any(risk.refused for risk in told) is refused
    assert all(risk.why for risk in told)
    assert all(risk.todo for risk in told if risk.refused)


def test_the_way_to_cluster_mode_is_told_step_by_step() -> None:
    """With the commands of the program's own refusal."""
    (risk,) = (each for each in found(step("update", REDIS, "redis-group", SINGLE, CLUSTER)) if each.refused)
    assert "two steps" in risk.why
    assert risk.todo[0] == "the way, 4 updates:"
    assert "pulumi config set --path redis.mode compatible --stack prod" in risk.todo
    assert risk.todo.count("pulumi up --stack prod") == 4


def test_what_is_acknowledged_is_told_and_not_refused() -> None:
    """There is still no way back."""
    change = step("update", REDIS, "redis-group", READY, COMPATIBLE)
    (risk,) = found(change, acknowledged=frozenset({"redis-group/cluster-mode"}))
    assert not risk.refused
    assert risk.one_way
    assert "acknowledged" in risk.why


def test_what_the_engine_protects_is_told_without_a_step() -> None:
    """It refuses a replacement before it tells of it."""
    urn = f"urn:pulumi:prod::axiom-monitoring::{RDS}::postgres-instance"
    message = f'error: unable to replace resource "{urn}"\nas it is currently marked for protection.'
    told = Diagnostic(urn=urn, message=message, severity="error")
    (risk,) = risks((), replace(preview(), diagnostics=(told,)), frozenset())
    assert (risk.level, risk.refused) == (Level.DESTROYS, True)
    assert "the databases of every service" in risk.why


def test_the_worst_comes_first() -> None:
    """What is refused before anything else, then by how bad it is."""
    told = found(
        step("update", DEPLOYMENT, "a-pods", pods("a:1"), pods("a:2")),
        step("delete", LOG_GROUP, "logs", {"name": "/a"}),
        step("update", REDIS, "redis-group", SINGLE, CLUSTER),
    )
    assert told[0].refused
    assert [risk.level for risk in told if not risk.refused][:2] == [Level.DESTROYS, Level.RESTARTS]


def test_values_that_are_not_known_yet_are_no_change() -> None:
    """As the guard takes them: what is not known is judged once it is."""
    old, new = {"kmsKeyId": "arn:aws:kms:1"}, {"kmsKeyId": UNKNOWN}
    assert found(step("update", RDS, "postgres-instance", old, new)) == ()


BACKUP = "aws:s3/bucketVersioning:BucketVersioning"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
UNKNOWN_KINDS = [
    "aws:backup/vault:Vault", "aws:dynamodb/table:Table", "aws:ec2/vpc:Vpc", "aws:efs/fileSystem:FileSystem",
    "kubernetes:networking.k8s.io/v1:Ingress", "kubernetes:helm.sh/v3:Release", "command:local:Command",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", *holders(),
]  # fmt: skip


@pytest.mark.parametrize("kind", holders())
def test_each_store_is_told_by_the_whole_review(kind: str) -> None:
    """From the engine's JSON to the headline: no filter takes a type away on the way."""
    for pattern in holders()[kind].names:
        name = pattern.replace("[0-9]+", "0").replace("(", "").partition("|")[0]
        name += pattern.rpartition(")")[2].replace("[0-9]+", "0") if ")" in pattern else ""
        assert holders()[kind].is_called(name)
        text = comment(previews(digest(step("delete", kind, name, {"x": 1}))), Options())
        assert "**destroys**, and is refused as it is" in text.splitlines()[0]
        assert holders()[kind].holds in text


@pytest.mark.parametrize("op", ["delete", "discard", "replace", "delete-replaced", "read-replacement"])
@pytest.mark.parametrize("kind", UNKNOWN_KINDS)
def test_what_nobody_knows_is_the_worst(kind: str, op: str) -> None:
    """By type, not by name; and a step of a replacement that stands alone is one."""
    sides = ({"x": 1}, None) if op in ("delete", "discard", "delete-replaced") else ({"x": 1}, {"x": 2})
    told = found(step(op, kind, "another-name", *sides))
    assert level(told) is Level.DESTROYS
    assert not any("holds no data" in risk.why for risk in told)


def test_what_was_not_judged_says_so() -> None:
    """In the headline and in the line of the risk."""
    text = comment(previews(digest(step("delete", "aws:efs/fileSystem:FileSystem", "a", {}))), Options())
    assert "**destroys, not judged**" in text.splitlines()[0]
    assert "- **destroys, not judged**: `a` deleted: nobody wrote down" in text


def test_a_replacement_is_told_and_counted_once() -> None:
    """The engine tells it in three steps."""
    sides = {"x": 1}, {"x": 2}
    steps = [
        step("create-replacement", RDS, "postgres-instance", *sides),
        step("replace", RDS, "postgres-instance", *sides),
        step("delete-replaced", RDS, "postgres-instance", {"x": 1}),
    ]
    assert [risk.what for risk in found(*steps)] == ["replaced: the provider's own reasons"]
    assert "1 replaced" in comment(previews(digest(*steps)), Options())


WEAKENED = [
    (RDS, {"deletionProtection": True}, {"deletionProtection": False}),
    (RDS, {"deletionProtection": True}, {}),
    ("aws:rds/cluster:Cluster", {"storageEncrypted": True}, {"storageEncrypted": False}),
    ("aws:s3/bucket:Bucket", {"forceDestroy": False}, {"forceDestroy": True}),
    (GROUP, {"ingress": []}, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),
    (GROUP, None, {"ingress": [{"ipv6CidrBlocks": ["::/0"]}]}),
    (RULE, {"cidrIpv4": "10.0.0.0/8"}, {"cidrIpv4": "0.0.0.0/0"}),
    ("aws:eks/cluster:Cluster", {}, {"vpcConfig": {"publicAccessCidrs": ["0.0.0.0/0"]}}),
    (BACKUP, {"bucket": "a"}, None),
]


@pytest.mark.parametrize(("kind", "old", "new"), WEAKENED)
def test_what_protects_no_more_is_a_risk(kind: str, old: Any, new: Any) -> None:
    """In place as well; and the way back is none."""
    op = "create" if old is None else "delete" if new is None else "update"
    assert Level.WEAKENS in {risk.level for risk in found(step(op, kind, "other", old, new))}
    if op == "update":
        assert found(step(op, kind, "other", new, old)) == ()


def test_what_may_be_reached_is_no_way_in() -> None:
    """And what goes along with its bucket is told with it."""
    open_out = {"egress": [{"cidrBlocks": ["0.0.0.0/0"]}]}
    assert found(step("create", GROUP, "group", None, open_out)) == ()
    parent = "axiom:monitoring:Buckets::buckets"
    told = found(
        step("delete", BACKUP, "versions", {}, parent=parent),
        step("delete", "aws:s3/bucket:Bucket", "buckets-loki", {}, parent=parent),
    )
    assert [risk.name for risk in told] == ["buckets-loki"]


def test_pods_that_come_back_no_more_are_told() -> None:
    """Their number is no rolling update."""
    (risk,) = found(step("update", DEPLOYMENT, "core-api-pods", pods("a", 3), pods("a", 0)))
    assert (risk.level, risk.what) == (Level.RESTARTS, "pods 3 → 0")


def test_a_type_is_in_one_list() -> None:
    """Else the second is never looked at."""
    lists = [set(LOST), set(PROTECTS), set(HARMLESS), set(holders())]
    assert sum(map(len, lists)) == len(set().union(*lists))


@pytest.mark.parametrize("inputs", [
    {"numNodeGroups": "3"}, {"numNodeGroups": "x"}, {"clusterMode": "odd"}, {"numCacheClusters": [1]},
    {"engineVersion": "9" * 5000}, {"replicasPerNodeGroup": 10**400},
])  # fmt: skip
def test_odd_inputs_are_judged(inputs: dict[str, Any]) -> None:
    """Of any type, without a traceback."""
    for old, new in ((SINGLE, {**SINGLE, **inputs}), ({**CLUSTER, **inputs}, CLUSTER)):
        found(step("update", REDIS, "redis-group", old, new))
    claim = {"spec": {"resources": {"requests": {"storage": str(inputs)}}}}
    known = {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    (risk,) = found(
        step("update", "kubernetes:core/v1:PersistentVolumeClaim", "neo4j-volumes-0", known, claim)
    )
    assert risk.refused is True
    odd = {"spec": {"replicas": "x", "template": {"spec": {"containers": inputs}}}}
    found(step("update", "kubernetes:apps/v1:StatefulSet", "neo4j-pods", odd, pods("a:1")))
