"""What an update does to data: single changes, and every step between two tiers."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import permutations
from typing import Any

import pytest

from config.files import HERE
from config.holders import Effect, holder, holders, unknown_acknowledgement
from config.scalars import Disk, Environment, Tier
from config.settings import load
from local.plugins.aws_table import type_row
from model.plan import build_plan
from model.transitions import Change, Finding, is_refused, judge, told
from model.transitions.differ import changed
from model.transitions.finding import HIDDEN
from render.recorder import Recording, record
from stacks.guard import plain

RDS = "aws:rds/instance:Instance"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SET = "kubernetes:apps/v1:StatefulSet"
SINGLE = {"clusterMode": "disabled", "numCacheClusters": 1, "automaticFailoverEnabled": False}
READY = {"clusterMode": "disabled", "numCacheClusters": 2, "automaticFailoverEnabled": True}
COMPATIBLE = {**READY, "clusterMode": "compatible"}
CLUSTER = {
    "clusterMode": "enabled",
    "numNodeGroups": 1,
    "replicasPerNodeGroup": 1,
    "automaticFailoverEnabled": True,
}


def neo4j(image: str, servers: int) -> dict[str, Any]:
    """Inputs of Neo4j's set."""
    return {"spec": {"replicas": servers, "template": {"spec": {"containers": [{"image": image}]}}}}


def claim(size: str) -> dict[str, Any]:
    """Inputs of a claim."""
    return {"spec": {"resources": {"requests": {"storage": size}}}}


COMMUNITY, ENTERPRISE = "neo4j:5.26.30", "neo4j:5.26.30-enterprise"
# Type, name, old, new, and the effect at a path.
CASES = [
    (RDS, "postgres-instance", {"username": "a"}, {"username": "b"}, "username", Effect.REPLACEMENT),
    (RDS, "postgres-instance", {"allocatedStorage": 200}, {"allocatedStorage": 100}, "allocatedStorage",
     Effect.IMPOSSIBLE),
    (RDS, "postgres-instance", {"allocatedStorage": 100}, {"allocatedStorage": 200}, "allocatedStorage",
     Effect.IN_PLACE),
    (RDS, "postgres-instance", {"instanceClass": "a", "multiAz": False},
     {"instanceClass": "b", "multiAz": False}, "instanceClass", Effect.RESTART),
    (RDS, "postgres-instance", {"instanceClass": "a", "multiAz": True},
     {"instanceClass": "b", "multiAz": True}, "instanceClass", Effect.FAILOVER),
    # The standby that this very change makes is not there yet.
    (RDS, "postgres-instance", {"instanceClass": "a", "multiAz": False},
     {"instanceClass": "b", "multiAz": True}, "instanceClass", Effect.RESTART),
    (RDS, "postgres-instance", {"engineVersion": "17.10"}, {"engineVersion": "17.6"}, "engineVersion",
     Effect.IMPOSSIBLE),
    (RDS, "postgres-instance", {"engineVersion": "17.6"}, {"engineVersion": "17.10"}, "engineVersion",
     Effect.RESTART),
    (RDS, "postgres-instance", {"engineVersion": "17.6"}, {"engineVersion": "18.1"}, "engineVersion",
     Effect.IMPOSSIBLE),
    (REDIS, "redis-group", SINGLE, CLUSTER, "clusterMode", Effect.IMPOSSIBLE),
    (REDIS, "redis-group", SINGLE, COMPATIBLE, "clusterMode", Effect.IMPOSSIBLE),
    (REDIS, "redis-group", READY, COMPATIBLE, "clusterMode", Effect.ONE_WAY),
    (REDIS, "redis-group", READY, {**COMPATIBLE, "nodeType": "x"}, "clusterMode", Effect.IMPOSSIBLE),
    (REDIS, "redis-group", READY, {**COMPATIBLE, "numCacheClusters": 3}, "clusterMode", Effect.IMPOSSIBLE),
    (REDIS, "redis-group", COMPATIBLE, {**COMPATIBLE, "numCacheClusters": 3}, "numCacheClusters",
     Effect.IMPOSSIBLE),
    (REDIS, "redis-group", COMPATIBLE, CLUSTER, "clusterMode", Effect.ONE_WAY),
    (REDIS, "redis-group", COMPATIBLE, {**CLUSTER, "numNodeGroups": 3}, "clusterMode", Effect.IMPOSSIBLE),
    (REDIS, "redis-group", CLUSTER, {**CLUSTER, "numNodeGroups": 3}, "numNodeGroups", Effect.IN_PLACE),
    (REDIS, "redis-group", {**CLUSTER, "numNodeGroups": 3}, CLUSTER, "numNodeGroups", Effect.IN_PLACE),
    (REDIS, "redis-group", CLUSTER, READY, "clusterMode", Effect.IMPOSSIBLE),
    (REDIS, "redis-group", COMPATIBLE, READY, "clusterMode", Effect.IMPOSSIBLE),
    (REDIS, "redis-group", {"engineVersion": "7.1"}, {"engineVersion": "7.0"}, "engineVersion",
     Effect.REPLACEMENT),
    (REDIS, "redis-group", {"engine": "redis"}, {"engine": "valkey"}, "engine", Effect.FAILOVER),
    (REDIS, "redis-group", {"engine": "valkey"}, {"engine": "redis"}, "engine", Effect.REPLACEMENT),
    (SET, "neo4j-pods", neo4j(COMMUNITY, 1), neo4j(ENTERPRISE, 1), "spec.template", Effect.RESTART),
    (SET, "neo4j-pods", neo4j(COMMUNITY, 1), neo4j(ENTERPRISE, 3), "spec.template", Effect.IMPOSSIBLE),
    (SET, "neo4j-pods", neo4j(COMMUNITY, 1), neo4j(ENTERPRISE, 3), "spec.replicas", Effect.IMPOSSIBLE),
    (SET, "neo4j-pods", neo4j(ENTERPRISE, 1), neo4j(ENTERPRISE, 3), "spec.replicas", Effect.ONE_WAY),
    (SET, "neo4j-pods", neo4j(ENTERPRISE, 3), neo4j(ENTERPRISE, 5), "spec.replicas", Effect.IN_PLACE),
    (SET, "neo4j-pods", neo4j(ENTERPRISE, 5), neo4j(ENTERPRISE, 3), "spec.replicas", Effect.ONE_WAY),
    (SET, "neo4j-pods", neo4j(ENTERPRISE, 1), neo4j(COMMUNITY, 1), "spec.template", Effect.ONE_WAY),
    (SET, "neo4j-pods", neo4j(COMMUNITY, 1), neo4j("neo4j:5.26.31", 1), "spec.template", Effect.RESTART),
    (SET, "neo4j-pods", neo4j(COMMUNITY, 1), neo4j("neo4j:5.26.9", 1), "spec.template", Effect.ONE_WAY),
    (SET, "neo4j-pods", neo4j(COMMUNITY, 1), neo4j("neo4j:2026.1.0", 1), "spec.template", Effect.ONE_WAY),
    (SET, "neo4j-pods", neo4j(COMMUNITY, 1), neo4j(f"{COMMUNITY}@sha256:0", 1), "spec.template",
     Effect.RESTART),
    (CLAIM, "prometheus-volumes-0", claim("60Gi"), claim("100Gi"), "spec.resources.requests.storage",
     Effect.IN_PLACE),
    (CLAIM, "prometheus-volumes-0", claim("1Ti"), claim("524288Mi"), "spec.resources.requests.storage",
     Effect.IMPOSSIBLE),
    (CLAIM, "neo4j-volumes-2", {"spec": {"storageClassName": "a"}}, {"spec": {"storageClassName": "b"}},
     "spec.storageClassName", Effect.REPLACEMENT),
    (SET, "tempo-pods", {"spec": {"serviceName": "a"}}, {"spec": {"serviceName": "b"}}, "spec.serviceName",
     Effect.REPLACEMENT),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "old", "new", "path", "effect"), CASES)
def test_a_change_has_its_effect(
    kind: str, name: str, old: dict[str, Any], new: dict[str, Any], path: str, effect: Effect
) -> None:
    """Each rule, with the change that is just harmless beside the one that is not."""
    found = {finding.path: finding for finding in judge(Change(kind=kind, name=name, old=old, new=new))}
    assert found[path].effect is effect, found


@pytest.mark.parametrize("kind", list(holders()))
def test_every_replacement_of_the_table_is_refused(kind: str) -> None:
    """Line by line: a change of that property alone is a replacement, unless it is acknowledged."""
    name = real_name(kind)
    for path, rule in holders()[kind].properties.items():
        if rule.effect is not Effect.REPLACEMENT:
            continue
        (finding,) = judge(Change(kind=kind, name=name, old=nested(path, "a"), new=nested(path, "b")))
        assert is_refused(finding, ())
        assert rule.source in finding.reason
        assert not is_refused(finding, {f"{name}/delete"})


def test_the_table_and_the_target_agree_on_replacements() -> None:
    """Two tables, written apart: what forces a replacement in AWS is the same in both."""
    for kind, row in holders().items():
        if kind.startswith("aws:"):
            here = {path for path, rule in row.properties.items() if rule.effect is Effect.REPLACEMENT}
            assert set(type_row(kind).replaces) <= here, kind


def test_a_deletion_names_what_goes_and_may_be_acknowledged() -> None:
    """The reason says what is lost; naming this resource lets it pass, naming another does not."""
    (finding,) = judge(Change(kind=RDS, name="postgres-instance", old={"engine": "postgres"}, new=None))
    assert "databases of every service" in finding.reason
    assert is_refused(finding, {"redis-group/delete"})
    assert not is_refused(finding, {"postgres-instance/delete"})


def test_what_cannot_be_done_cannot_be_acknowledged() -> None:
    """No acknowledgement makes AWS shrink a disk."""
    (finding,) = judge(Change(kind=CLAIM, name="prometheus-volumes-0", old=claim("9Gi"), new=claim("8Gi")))
    assert finding.effect is Effect.IMPOSSIBLE
    assert is_refused(finding, {"prometheus-volumes-0/delete", "prometheus-volumes-0/"})
    assert "pulumi config set --path volumes.prometheus 9 --stack prod" in told(finding, "prod")


def test_a_secret_is_neither_told_nor_taken_for_a_change() -> None:
    """What is hidden forces nothing and shows nowhere; what a preview does not know yet is not judged."""
    old, new = {"password": HIDDEN, "kmsKeyId": "a"}, {"password": "b", "kmsKeyId": HIDDEN}
    assert judge(Change(kind=RDS, name="postgres-instance", old=old, new=new)) == ()
    assert plain({"password": object(), "size": 3.0}) == {"password": HIDDEN, "size": 3}


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("redis-group/cluster-mode", None),
        ("neo4j-volumes-4/delete", None),
        ("redis-group/everything", "redis-group/delete, redis-group/cluster-mode"),
        ("redis/delete", "no resource that holds data is called redis"),
        ("nothing", "no resource that holds data"),
    ],
)
def test_an_acknowledgement_names_something_that_can_happen(key: str, part: str | None) -> None:
    """Anything else is refused with what may be acknowledged."""
    found = unknown_acknowledgement(key)
    assert (found is None) == (part is None)
    assert found is None or (part is not None and part in found)


def test_every_disk_of_the_plan_may_be_kept_larger() -> None:
    """The setting `volumes` knows each server with a disk, and the plan takes its size."""
    kept = {str(disk): 4321 for disk in Disk}
    plan = build_plan(load({"logSinks": ["loki"], "volumes": kept}, stack="dev"))
    sizes = {s.workload.name: s.workload.claim.gibibytes for s in plan.servers if s.workload.claim}
    assert sizes == kept


# --- between tiers -------------------------------------------------------------------------------


@cache
def recording(environment: Environment, tier: Tier) -> Recording:
    """The program run for an environment at a tier."""
    raw = {"tier": str(tier), "neo4j": {"acceptLicense": True}}
    return record(build_plan(load(raw, stack=environment)))


def held(environment: Environment, tier: Tier) -> Mapping[str, tuple[str, str, Mapping[str, Any], bool]]:
    """What holds data, by URN: type, name, inputs, protection."""
    return {
        found.urn: (found.type, found.name, opened(found.inputs), found.protect)
        for found in recording(environment, tier).resources
        if holder(found.type, found.name)
    }


def opened(value: Any) -> Any:
    """Inputs with hidden secrets, as a hook sees them."""
    if isinstance(value, dict):
        secret = "4dabf18193072939515e22adb298388d" in value
        return HIDDEN if secret else {key: opened(item) for key, item in value.items()}
    return [opened(item) for item in value] if isinstance(value, list) else value


def transitions(environment: Environment, before: Tier, after: Tier) -> Iterator[tuple[Finding, bool]]:
    """What the step finds, and whether it stops there: refused by us, or protected."""
    old, new = held(environment, before), held(environment, after)
    for urn, (kind, name, inputs, protected) in sorted(old.items()):
        wanted = new[urn][2] if urn in new else None
        for finding in judge(Change(kind=kind, name=name, old=inputs, new=wanted)):
            going = finding.effect in (Effect.DELETION, Effect.REPLACEMENT)
            yield finding, protected if going else is_refused(finding, ())


@pytest.mark.parametrize("environment", list(Environment))
def test_every_step_between_tiers_is_judged(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    """All ordered pairs: nothing is replaced, every changed property has a rule, losses are guarded."""
    lines = [f"\n{environment}: what each step between tiers does to what holds data"]
    for before, after in permutations(Tier, 2):
        lines.append(f"  {before} → {after}")
        for finding, stops in transitions(environment, before, after):
            assert finding.effect is not Effect.REPLACEMENT, finding
            loses = finding.effect in (Effect.ONE_WAY, Effect.IMPOSSIBLE, Effect.DELETION)
            # An unprotected stack has said that its data may go: deletions alone pass there.
            assert stops == loses or (finding.effect is Effect.DELETION and environment != "prod")
            mark = "refused" if stops else "allowed: protectStores is false" if loses else ""
            where = f"{finding.name} {finding.path}".strip()
            lines.append(f"    {finding.effect:<11} {where}  {mark}".rstrip())
    with capsys.disabled():
        print("\n".join(lines))


@pytest.mark.parametrize("environment", list(Environment))
def test_no_changed_property_of_a_holder_is_without_a_rule(environment: Environment) -> None:
    """A property that a tier changes and the table does not know would pass unseen."""
    harmless = {REDIS: {"applyImmediately"}, "aws:s3/bucket:Bucket": {"forceDestroy"}}
    for before, after in permutations(Tier, 2):
        old, new = held(environment, before), held(environment, after)
        for urn in old.keys() & new.keys():
            kind, name, inputs, _ = old[urn]
            wanted = new[urn][2]
            ruled = [finding.path for finding in judge(Change(kind=kind, name=name, old=inputs, new=wanted))]
            for path in changed(inputs, wanted):
                known = any(path == rule or path.startswith(f"{rule}.") for rule in ruled)
                assert known or path in harmless.get(kind, ()), f"{name}: {path}"


@pytest.mark.parametrize("tier", list(Tier))
def test_what_is_protected_is_a_holder(tier: Tier) -> None:
    """Each resource that the program protects has its row, and so a reason when it is refused."""
    for found in recording(Environment.PROD, tier).resources:
        assert not found.protect or holder(found.type, found.name), f"{found.type} {found.name}"


def test_no_row_of_the_table_is_dead() -> None:
    """Each row names resources that the program declares."""
    kinds = {kind for tier in Tier for kind, *_ in held(Environment.PROD, tier).values()}
    assert kinds == set(holders())


def real_name(kind: str) -> str:
    """A logical name of a resource of the type."""
    return next(name for of, name, *_ in held(Environment.PROD, Tier.TWO_YEARS).values() if of == kind)


def nested(path: str, value: str) -> dict[str, Any]:
    """Inputs with one value at a path."""
    first, _, rest = path.partition(".")
    return {first: nested(rest, value) if rest else value}


def test_every_line_of_the_table_cites_its_source() -> None:
    """A line begins with one of the sources that the head of the file names."""
    head = "".join(re.findall(r"^# .*\n", (HERE / "transitions.yaml").read_text(), re.MULTILINE))
    for row in holders().values():
        for path, rule in row.properties.items():
            source = rule.source.split()[0]
            assert source in head, path
