"""What the AWS stand-in keeps: records, secrets, names that are taken, drift."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aws_standin import (
    ADDON,
    CLUSTER,
    DATABASE,
    GROUP,
    INSTANCE,
    REDIS,
    ROLE,
    ROLE_POLICY,
    SECRET,
    SUBNET,
    SUBNET_INPUTS,
    TEMPLATE,
    VERSION,
    Access,
    Aws,
    Clusters,
    urn,
)

from local.plugins.aws import AwsBackend
from local.plugins.backend import UNKNOWN, Refused
from local.plugins.recorder import Record, Recorder


@pytest.fixture
def aws(tmp_path: Path) -> Aws:
    return Aws(tmp_path)


def stored(root: Path) -> str:
    return "".join(path.read_text() for path in sorted(root.glob("*.json")))


def test_a_write_that_is_cut_off_leaves_the_old_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Death between writing and renaming: the last whole record stands, on disk and in memory."""
    recorder = Recorder(tmp_path)
    old = Record(urn=urn(SUBNET, "a"), kind=SUBNET, id="s", inputs={"n": 1}, outputs={})
    recorder.put(old)

    def dies(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    new = Record(urn=old.urn, kind=SUBNET, id="s", inputs={"n": 2}, outputs={})
    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        recorder.put(new)
    assert Recorder(tmp_path).all() == [old]
    assert recorder.all() == [old]


def test_what_was_made_for_a_stack_can_be_listed(aws: Aws, tmp_path: Path) -> None:
    """Recovery asks by stack, and each record tells URN, id and tags."""
    other = urn(ROLE, "r", stack="prod")
    aws.create(SUBNET, SUBNET_INPUTS)
    aws.backend.create(aws.session, other, ROLE, {"name": "r", "assumeRolePolicy": "{}"})
    found = Recorder(tmp_path).of_stack("prod")
    assert [(record.urn, record.id, record.tags) for record in found] == [(other, "r", {"team": "x"})]


def test_no_secret_is_stored(aws: Aws, tmp_path: Path) -> None:
    """Passwords and secret strings reach the engine, and the folder holds none of them."""
    instance = aws.create(INSTANCE, DATABASE)
    aws.create(VERSION, {"secretId": "arn", "secretString": SECRET})
    aws.create(REDIS, {"replicationGroupId": "r", "description": "d", "authToken": SECRET})
    assert instance.outputs["password"] == SECRET
    assert stored(tmp_path).count("sha256:") == 3
    assert SECRET not in stored(tmp_path)


@pytest.mark.parametrize(
    ("kind", "inputs", "problem"),
    [
        (SUBNET, {}, "vpcId is required"),
        (GROUP, {"name": "g", "retentionInDays": 8}, "retentionInDays 8 is none of 0, 1, 3, 5, 7"),
        (ROLE, {"name": "r" * 65, "assumeRolePolicy": "{}"}, "65 characters; AWS allows 64"),
        (INSTANCE, {"identifier": "Db", "instanceClass": "x"}, "Db has to be in lower case"),
        ("aws:kms/alias:Alias", {"name": "k", "targetKeyId": "k"}, "does not start with alias/"),
    ],
)
def test_a_check_refuses_what_aws_would(aws: Aws, kind: str, inputs: dict[str, Any], problem: str) -> None:
    """Missing inputs, values outside the list, names that AWS would not take."""
    assert problem in "; ".join(aws.check(kind, inputs)[1])


def test_values_that_are_not_known_yet_pass_a_check(aws: Aws) -> None:
    """A preview must not refuse what it cannot see."""
    inputs = {"name": UNKNOWN, "retentionInDays": UNKNOWN}
    assert aws.check(GROUP, inputs)[1] == []


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (GROUP, {"name": "/x"}),
        (ADDON, {"clusterName": "c", "addonName": "vpc-cni"}),
        (ROLE, {"name": "r", "assumeRolePolicy": "{}"}),
    ],
)
def test_a_second_one_of_a_fixed_name_is_refused(aws: Aws, kind: str, inputs: dict[str, Any]) -> None:
    """Also for the URN that has it: an engine that died did not learn of it, AWS did."""
    aws.create(kind, inputs)
    for name in ("a", "b"):
        with pytest.raises(Refused, match="already exists"):
            aws.create(kind, inputs, name)


def test_of_two_creations_at_once_one_wins(tmp_path: Path) -> None:
    """The name is taken from the moment its creation begins, not only once it is recorded."""
    aws = Aws(tmp_path)
    refused: list[str] = []

    class Slow(Clusters):
        def ensure(self, name: str) -> Access:
            time.sleep(0.05)
            return super().ensure(name)

    aws.backend = AwsBackend(tmp_path, Slow())

    def create(name: str) -> None:
        try:
            aws.create(CLUSTER, {"name": "c", "roleArn": "r", "vpcConfig": {"subnetIds": []}}, name)
        except Refused as error:
            refused.append(str(error))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(create, "abcd"))
    assert refused == ["Cluster c already exists"] * 3


def test_the_same_name_may_stand_where_aws_allows_it(aws: Aws, tmp_path: Path) -> None:
    """Another region, another role: no clash, and each is read and deleted apart."""
    elsewhere = Aws(tmp_path, region="eu-west-1")
    here, there = aws.create(GROUP, {"name": "/x"}), elsewhere.create(GROUP, {"name": "/x"}, "b")
    assert here.outputs["arn"] != there.outputs["arn"]
    aws.create(ROLE_POLICY, {"role": "r1", "name": "p", "policy": "{}"})
    aws.create(ROLE_POLICY, {"role": "r2", "name": "p", "policy": "{}"}, "b")
    elsewhere.delete(GROUP, "/x", "b")
    assert aws.read(GROUP, "/x", {"name": "/x"}).outputs["arn"] == here.outputs["arn"]


def test_replacements_side_by_side_have_ids_of_their_own(aws: Aws) -> None:
    """Made again and again with the same inputs: deleting the old one leaves the new one."""
    made = [aws.create(SUBNET, SUBNET_INPUTS).id for _ in range(3)]
    assert len(set(made)) == 3
    aws.delete(SUBNET, made[1])
    assert aws.read(SUBNET, made[2], SUBNET_INPUTS) is not None


def test_what_the_program_identifies_is_deleted_before_it_is_replaced(aws: Aws) -> None:
    """Two of them could not live side by side; a generated id leaves room for both."""
    identified = {
        kind: aws.backend.named_by_program(kind, {}) for kind in (GROUP, ADDON, ROLE_POLICY, SUBNET)
    }
    assert identified == {GROUP: True, ADDON: True, ROLE_POLICY: True, SUBNET: False}


@pytest.mark.parametrize(
    ("kind", "path", "replaces"),
    [
        (SUBNET, "cidrBlock", True),
        (SUBNET, "tags.a", False),
        (INSTANCE, "engine", True),
        (INSTANCE, "engineVersion", False),
        (INSTANCE, "identifier", False),
        ("aws:eks/nodeGroup:NodeGroup", "subnetIds[1]", True),
        ("aws:eks/nodeGroup:NodeGroup", "launchTemplate.version", False),
        ("aws:eks/nodeGroup:NodeGroup", "launchTemplate.id", True),
    ],
)
def test_a_change_replaces_as_the_schemas_say(aws: Aws, kind: str, path: str, replaces: bool) -> None:
    """At the property, inside it, and not beside it."""
    assert aws.backend.replaced_by(aws.session, kind, path) is replaces


def test_a_launch_template_counts_its_versions(aws: Aws) -> None:
    """A node group that names the latest version rolls when the template changes."""
    made = aws.create(TEMPLATE, {"name": "t"})
    changed = aws.update(TEMPLATE, made.id, {"name": "t"}, {"name": "t", "instanceType": "m7g.large"})
    assert (made.outputs["latestVersion"], changed.outputs["latestVersion"]) == (1, 2)


def test_a_resource_renamed_in_the_program_stays_one_record(aws: Aws, tmp_path: Path) -> None:
    """An alias brings another URN with the same id."""
    made = aws.create(SUBNET, SUBNET_INPUTS)
    aws.update(SUBNET, made.id, SUBNET_INPUTS, SUBNET_INPUTS, "renamed")
    assert [record.urn for record in Recorder(tmp_path).all()] == [urn(SUBNET, "renamed")]


def test_a_change_in_the_store_shows_as_drift(aws: Aws, tmp_path: Path) -> None:
    """Only fields that the program set are shown, with what is there now."""
    inputs = {"name": "/x", "retentionInDays": 7, "tags": {"a": "b"}}
    made = aws.create(GROUP, inputs)
    recorder = Recorder(tmp_path)
    record = recorder.get(GROUP, made.id)
    assert record
    changed = {"name": "/x", "retentionInDays": 30, "kmsKeyId": "k"}
    recorder.put(Record(**{**vars(record), "inputs": changed}))
    assert Aws(tmp_path).read(GROUP, made.id, inputs).inputs == {"name": "/x", "retentionInDays": 30}


def test_a_read_keeps_the_secrets_that_the_state_knows(aws: Aws) -> None:
    """No digest takes a password's place, neither in the inputs nor in the outputs."""
    made = aws.create(INSTANCE, DATABASE)
    seen = aws.read(INSTANCE, made.id, DATABASE)
    assert seen.inputs == DATABASE
    assert seen.outputs["password"] == SECRET


def test_what_is_gone_reads_as_gone_and_cannot_be_changed(aws: Aws) -> None:
    """A deletion behind the program's back; deleting it once more is no error."""
    made = aws.create(SUBNET, SUBNET_INPUTS)
    aws.delete(SUBNET, made.id)
    aws.delete(SUBNET, made.id)
    assert aws.read(SUBNET, made.id, SUBNET_INPUTS) is None
    with pytest.raises(Refused, match="does not exist"):
        aws.update(SUBNET, made.id, SUBNET_INPUTS, SUBNET_INPUTS)
