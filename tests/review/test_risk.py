"""What is at risk: the judgement of the program itself, told with what to do."""

from dataclasses import replace
from typing import Any

import pytest
from preview_samples import DEPLOYMENT, RDS, REDIS, UNKNOWN, preview, step

from review.level import Level, Risk
from review.preview import Diagnostic
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
