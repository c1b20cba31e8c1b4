"""Redis in every mode, and PostgreSQL: what the components declare for what the plan says."""

import json
from dataclasses import replace
from typing import Any

import pytest
from declared import ACCOUNT, declared, inputs, only

from components.postgres import Postgres, PostgresArgs
from components.redis import Redis, RedisArgs
from model.generated import Generated
from model.slices import LogGroupSpec, PostgresSpec, RedisSpec
from render import cloud
from render.recorder import Recording, Registration

MODES = ("disabled", "compatible", "enabled")
REDIS = RedisSpec(
    identifier="axiom-test",
    existing_host=None,
    engine="redis",
    engine_version="7.1",
    family="redis7",
    node_type="cache.m7g.large",
    cluster_mode="disabled",
    shards=1,
    replicas=1,
    parameters={"reserved-memory-percent": "25", "maxmemory-policy": "allkeys-lru"},
    snapshot_days=7,
    protected=True,
    token=Generated.REDIS_TOKEN,
    log_groups=(LogGroupSpec(name="/aws/elasticache/axiom-test/slow", retention_days=7),),
)
POSTGRES = PostgresSpec(
    identifier="axiom-test",
    existing_host=None,
    engine_version="17.6",
    instance_class="db.m6g.xlarge",
    allocated_gibibytes=100,
    maximum_gibibytes=500,
    multi_az=True,
    backup_days=14,
    protected=True,
    parameters={"shared_buffers": "{DBInstanceClassMemory/32768}", "log_statement": "ddl"},
    log_groups=(LogGroupSpec(name="/aws/rds/instance/axiom-test/postgresql", retention_days=7),),
    username="admin",
    database="axiom",
    master=Generated.POSTGRES_MASTER,
)
# What replaces a replication group when it changes, by the Terraform provider that the AWS provider
# wraps (internal/service/elasticache/replication_group.go).
REPLACING = (
    "atRestEncryptionEnabled",
    "dataTieringEnabled",
    "kmsKeyId",
    "networkType",
    "nodeGroupConfigurations",
    "port",
    "replicationGroupId",
    "snapshotArns",
    "snapshotName",
    "subnetGroupName",
)


def _redis(**changes: Any) -> Recording:
    args = RedisArgs(
        spec=replace(REDIS, **changes),
        vpc_id="vpc",
        subnet_ids=["subnet-a"],
        client_security_group_id="cluster",
        account_id=ACCOUNT,
        log_key_arn="key",
        token="the token",
    )
    return declared(lambda: Redis("redis", args))


def _group(**changes: Any) -> Registration:
    return only(_redis(**changes), "elasticache/replicationGroup:ReplicationGroup")


def _postgres(**changes: Any) -> Recording:
    args = PostgresArgs(
        spec=replace(POSTGRES, **changes),
        vpc_id="vpc",
        subnet_ids=["subnet-a"],
        client_security_group_id="cluster",
        account_id=ACCOUNT,
        log_key_arn="key",
        password="the password",
    )
    return declared(lambda: Postgres("postgres", args))


def _instance(**changes: Any) -> Registration:
    return only(_postgres(**changes), "rds/instance:Instance")


@pytest.mark.parametrize("replicas", [0, 1])
@pytest.mark.parametrize(
    ("mode", "shards", "nodes"),
    [
        ("disabled", 1, {"numCacheClusters": 1}),
        ("compatible", 1, {"numCacheClusters": 1}),
        ("enabled", 3, {"numNodeGroups": 3, "replicasPerNodeGroup": 0}),
    ],
)
def test_each_mode_counts_nodes_in_its_words(
    mode: str, shards: int, nodes: dict[str, int], replicas: int
) -> None:
    """Nodes of one shard, or shards and what each has; ElastiCache refuses a mixture."""
    found = _group(cluster_mode=mode, shards=shards, replicas=replicas).inputs
    words = ("numCacheClusters", "numNodeGroups", "replicasPerNodeGroup")
    counted = {word: found[word] for word in words if word in found}
    last = list(nodes)[-1]
    assert counted == {**nodes, last: nodes[last] + replicas}
    assert found["clusterMode"] == mode


@pytest.mark.parametrize("replicas", [0, 1])
def test_failover_needs_a_replica(replicas: int) -> None:
    """With none, ElastiCache refuses both switches."""
    found = _group(replicas=replicas).inputs
    switches = (found["automaticFailoverEnabled"], found["multiAzEnabled"])
    assert switches == (replicas > 0, replicas > 0)


@pytest.mark.parametrize("mode", MODES)
def test_no_mode_changes_what_replaces_the_group(mode: str) -> None:
    """A replaced group is an empty one: names, key, subnets and encryption are those of every mode."""
    first, second = _group().inputs, _group(cluster_mode=mode, node_type="cache.r7g.xlarge").inputs
    assert {key: first.get(key) for key in REPLACING} == {key: second.get(key) for key in REPLACING}
    assert first["subnetGroupName"]


def test_the_step_into_compatible_changes_the_mode_only() -> None:
    """ElastiCache takes nothing else in that step but the parameter group that the mode asks for.

    When the request is carried out is no change of the group.
    """
    first, second = _group().inputs, _group(cluster_mode="compatible").inputs
    changed = {key for key in {*first, *second} if first.get(key) != second.get(key)}
    assert changed - {"applyImmediately"} == {"clusterMode", "parameterGroupName"}


@pytest.mark.parametrize(
    ("mode", "endpoint"),
    [
        ("disabled", "primary"),
        ("compatible", "primary"),
        ("enabled", "configuration"),
    ],
)
def test_clients_begin_where_the_mode_answers(
    mode: str, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster has no primary endpoint."""
    answers = {"primaryEndpointAddress": "primary", "configurationEndpointAddress": "configuration"}
    real = cloud.outputs
    monkeypatch.setattr(cloud, "outputs", lambda *asked: {**real(*asked), **answers})
    found = _redis(cluster_mode=mode)
    assert found.of("axiom:monitoring:Redis")[0].outputs == {"host": endpoint}


def test_redis_is_encrypted_and_asks_for_the_token() -> None:
    """At rest with a key of its own, on the way always; the token is a secret."""
    found = _group().inputs
    assert (found["atRestEncryptionEnabled"], found["transitEncryptionEnabled"]) == (True, True)
    assert found["transitEncryptionMode"] == "required"
    assert "redis-storage-key" in found["kmsKeyId"]
    assert found["authToken"] == {cloud.SIGNATURE: cloud.SECRET, "value": "the token"}
    assert found["authTokenUpdateStrategy"] == "ROTATE"


def test_redis_tells_slow_commands() -> None:
    """As JSON, into the group that was made beforehand."""
    (delivery,) = _group().inputs["logDeliveryConfigurations"]
    assert delivery == {
        "destination": "/aws/elasticache/axiom-test/slow",
        "destinationType": "cloudwatch-logs",
        "logFormat": "json",
        "logType": "slow-log",
    }


def test_redis_parameters_have_one_order() -> None:
    """Two runs declare the same."""
    (found,) = inputs(_redis(), "elasticache/parameterGroup:ParameterGroup").values()
    assert [item["name"] for item in found["parameters"]] == ["maxmemory-policy", "reserved-memory-percent"]
    assert found["family"] == "redis7"


@pytest.mark.parametrize("protected", [True, False])
def test_a_protected_redis_leaves_a_snapshot(protected: bool) -> None:
    """It is kept from deletion, changes in its window, and leaves its data behind."""
    group = _group(protected=protected)
    found = (group.protect, group.inputs["applyImmediately"], group.inputs.get("finalSnapshotIdentifier"))
    assert found == (protected, not protected, "axiom-test-final" if protected else None)


@pytest.mark.parametrize("store", ["redis", "postgres"])
def test_a_store_is_reached_from_the_cluster_only(store: str) -> None:
    """One port for the cluster's security group, and no way out."""
    found, port = (_redis(), 6379) if store == "redis" else (_postgres(), 5432)
    rule = only(found, "vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"], rule["referencedSecurityGroupId"]) == (port, port, "cluster")
    assert "egress" not in only(found, "ec2/securityGroup:SecurityGroup").inputs
    assert not found.of("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")


def test_postgres_takes_log_settings_while_it_runs() -> None:
    """What needs a restart waits for one; applied at once it would be refused."""
    found = only(_postgres(), "rds/parameterGroup:ParameterGroup").inputs
    assert {item["name"]: item["applyMethod"] for item in found["parameters"]} == {
        "log_statement": "immediate",
        "shared_buffers": "pending-reboot",
    }
    assert found["family"] == "postgres17"


def test_postgres_is_closed_and_encrypted() -> None:
    """Not public, its storage and its insights under the component's key."""
    found = _instance().inputs
    assert (found["publiclyAccessible"], found["storageEncrypted"]) == (False, True)
    assert "postgres-storage-key" in found["kmsKeyId"]
    assert found["performanceInsightsKmsKeyId"] == found["kmsKeyId"]


@pytest.mark.parametrize("protected", [True, False])
def test_a_protected_database_outlives_its_stack(protected: bool) -> None:
    """Kept by the engine and by RDS, with backups and a last snapshot."""
    instance = _instance(protected=protected)
    found = instance.inputs
    assert (instance.protect, found["deletionProtection"]) == (protected, protected)
    assert (found["skipFinalSnapshot"], found["deleteAutomatedBackups"]) == (not protected, False)
    assert found["backupRetentionPeriod"] == 14


def test_the_master_password_is_secret_wherever_it_stands() -> None:
    """In the instance, and as a part of the master secret."""
    found = _postgres()
    password = only(found, "rds/instance:Instance").inputs["password"]
    assert password == {cloud.SIGNATURE: cloud.SECRET, "value": "the password"}
    value = only(found, "secretsmanager/secretVersion:SecretVersion").inputs["secretString"]
    assert value[cloud.SIGNATURE] == cloud.SECRET
    assert json.loads(value["value"])["password"] == "the password"
