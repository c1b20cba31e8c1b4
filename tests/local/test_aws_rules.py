"""What the AWS stand-in refuses among the inputs of one resource, and of a change of it."""

from pathlib import Path
from typing import Any

import pytest
from aws_standin import CLUSTER, REDIS, Aws

from local.plugins.backend import UNKNOWN, Refused

AUTO_MODE = {
    "name": "c",
    "roleArn": "r",
    "vpcConfig": {"subnetIds": ["s"]},
    "bootstrapSelfManagedAddons": False,
    "computeConfig": {"enabled": True, "nodePools": ["system"], "nodeRoleArn": "n"},
    "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}},
    "storageConfig": {"blockStorage": {"enabled": True}},
}
CACHE = {
    "replicationGroupId": "r",
    "description": "d",
    "numCacheClusters": 2,
    "automaticFailoverEnabled": True,
    "multiAzEnabled": True,
    "transitEncryptionEnabled": True,
    "authToken": "a" * 16,
}


@pytest.fixture
def aws(tmp_path: Path) -> Aws:
    return Aws(tmp_path)


def without(inputs: dict[str, Any], *keys: str, **changed: Any) -> dict[str, Any]:
    """The inputs without some and with others changed."""
    return {**{key: value for key, value in inputs.items() if key not in keys}, **changed}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (CLUSTER, AUTO_MODE),
        (CLUSTER, without(AUTO_MODE, "computeConfig", "kubernetesNetworkConfig", "storageConfig")),
        (CLUSTER, without(AUTO_MODE, storageConfig=UNKNOWN)),
        (REDIS, CACHE),
        (REDIS, without(CACHE, "numCacheClusters", numNodeGroups=3, replicasPerNodeGroup=1)),
        (REDIS, without(CACHE, "numCacheClusters", nodeGroupConfigurations=[{"replicaCount": 1}])),
        (REDIS, without(CACHE, authToken=UNKNOWN, transitEncryptionEnabled=UNKNOWN)),
    ],
)
def test_what_aws_takes_passes(aws: Aws, kind: str, inputs: dict[str, Any]) -> None:
    """Each mode that is whole, and whatever is not known yet."""
    assert aws.check(kind, inputs)[1] == []


@pytest.mark.parametrize("part", ["computeConfig", "kubernetesNetworkConfig", "storageConfig"])
def test_auto_mode_is_enabled_as_a_whole(aws: Aws, part: str) -> None:
    """Each part left out is refused, and named."""
    (problem,) = aws.check(CLUSTER, without(AUTO_MODE, part))[1]
    assert problem.startswith(part)
    assert "all enabled or all disabled together" in problem


@pytest.mark.parametrize("inputs", [without(AUTO_MODE, "bootstrapSelfManagedAddons"),
                                    without(AUTO_MODE, bootstrapSelfManagedAddons=True)])  # fmt: skip
def test_auto_mode_brings_its_own_addons(aws: Aws, inputs: dict[str, Any]) -> None:
    """AWS's default is the self-managed ones, so it has to be said."""
    assert aws.check(CLUSTER, inputs)[1] == ["computeConfig.enabled needs bootstrapSelfManagedAddons = false"]


def test_only_another_node_role_replaces_an_auto_mode_cluster(aws: Aws) -> None:
    """Pools and the switch itself change in place."""
    changes = ("computeConfig.enabled", "computeConfig.nodePools[1]", "computeConfig.nodeRoleArn")
    assert [aws.backend.replaced_by(aws.session, CLUSTER, path) for path in changes] == [False, False, True]


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        (without(CACHE, numCacheClusters=1), "numCacheClusters of at least 2 or numNodeGroups"),
        (without(CACHE, "numCacheClusters"), "numCacheClusters of at least 2 or numNodeGroups"),
        (without(CACHE, automaticFailoverEnabled=False), "multiAzEnabled needs automaticFailoverEnabled"),
        (without(CACHE, transitEncryptionEnabled=False), "authToken needs transitEncryptionEnabled = true"),
        (without(CACHE, authToken="a" * 15), "authToken does not match"),
        (without(CACHE, authToken="a" * 129), "authToken does not match"),
        (without(CACHE, authToken="a" * 16 + "@"), "authToken does not match"),
    ],
)
def test_redis_is_refused_what_elasticache_refuses(aws: Aws, inputs: dict[str, Any], problem: str) -> None:
    """One planted violation each, and no other complaint."""
    (found,) = aws.check(REDIS, inputs)[1]
    assert problem in found


def test_a_refusal_does_not_tell_a_token(aws: Aws) -> None:
    """What is wrong is said without the value."""
    assert "PLANTED" not in "".join(aws.check(REDIS, without(CACHE, authToken="PLANTED"))[1])


@pytest.mark.parametrize(
    ("before", "after", "passes"),
    [
        (None, "disabled", True),
        ("disabled", "compatible", True),
        ("compatible", "enabled", True),
        ("enabled", None, True),
        (None, "enabled", False),
        ("disabled", "enabled", False),
        ("compatible", "disabled", False),
        ("enabled", "compatible", False),
    ],
)
def test_cluster_mode_goes_a_step_at_a_time(
    aws: Aws, before: str | None, after: str | None, passes: bool
) -> None:
    """Through `compatible`, and never back; left out, it is disabled at first and stays what it is."""
    old, new = (without(CACHE, clusterMode=mode) if mode else CACHE for mode in (before, after))
    made = aws.create(REDIS, old)
    if passes:
        aws.update(REDIS, made.id, old, new)
        return
    with pytest.raises(Refused, match="disabled → compatible → enabled, a step at a time"):
        aws.update(REDIS, made.id, old, new)
