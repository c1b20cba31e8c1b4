"""The AWS stand-in: what it fills in, refuses, keeps and forgets."""

import re
from dataclasses import dataclass
from pathlib import Path

import pulumi_aws
import pytest

from local.plugins.aws import AwsBackend
from local.plugins.aws_table import types
from local.plugins.backend import Refused
from local.plugins.recorder import Recorder

GROUP = "aws:cloudwatch/logGroup:LogGroup"
DATABASE = "aws:rds/instance:Instance"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
CLUSTER = "aws:eks/cluster:Cluster"


@dataclass(frozen=True)
class Access:
    """An API server that is not there."""

    endpoint: str = "https://127.0.0.1:1"
    certificate_authority: str = "Y2E="


class Clusters:
    """Notes which clusters were asked for."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def ensure(self, name: str) -> Access:
        self.known.add(name)
        return Access()

    def discard(self, name: str) -> None:
        self.known.discard(name)


@pytest.fixture
def backend(tmp_path: Path) -> AwsBackend:
    """A stand-in with nothing recorded."""
    return AwsBackend(tmp_path, Clusters())


def session(backend: AwsBackend) -> object:
    """A provider in Seoul with one default tag."""
    return backend.configure({"region": "ap-northeast-2", "defaultTags": {"tags": {"owner": "us"}}})


def urn(kind: str, name: str = "thing") -> str:
    """A URN in stack dev."""
    return f"urn:pulumi:dev::project::{kind}::{name}"


def test_every_type_of_the_table_is_one_of_the_sdk() -> None:
    """A misspelled token would never be asked for."""
    sources = "".join(
        path.read_text()
        for folder in {kind.split(":")[1].split("/")[0] for kind in types()}
        for path in (Path(pulumi_aws.__file__).parent / folder).glob("*.py")
    )
    known = set(re.findall(r"'(aws:[a-z0-9]+/\w+:\w+)'", sources))
    assert set(types()) <= known


def test_an_unknown_type_or_function_is_refused(backend: AwsBackend) -> None:
    """With the place where it can be added."""
    with pytest.raises(Refused, match=r"aws:x/y:Y: add a row to aws_types\.yaml"):
        backend.check(session(backend), urn("aws:x/y:Y"), "aws:x/y:Y", {}, {})
    with pytest.raises(Refused, match="getNothing"):
        backend.invoke(session(backend), "aws:x/getNothing:getNothing", {})


def test_a_name_that_was_left_out_is_filled_in_and_stays(backend: AwsBackend) -> None:
    """The same one for the same resource, each time."""
    first = backend.check(session(backend), urn(GROUP), GROUP, {}, {}).inputs["name"]
    again = backend.check(session(backend), urn(GROUP), GROUP, {}, {"name": first}).inputs["name"]
    assert first == again
    assert first.startswith("thing-")


def test_a_name_that_is_taken_is_refused(backend: AwsBackend) -> None:
    """As AWS does."""
    backend.create(session(backend), urn(GROUP, "a"), GROUP, {"name": "/one"})
    with pytest.raises(Refused, match="LogGroup /one already exists"):
        backend.create(session(backend), urn(GROUP, "b"), GROUP, {"name": "/one"})


def test_a_retention_that_aws_does_not_offer_fails_the_check(backend: AwsBackend) -> None:
    """Any figure is not good enough."""
    failures = backend.check(session(backend), urn(GROUP), GROUP, {"retentionInDays": 31}, {}).failures
    assert [failure.path for failure in failures] == ["retentionInDays"]


def test_storage_never_shrinks(backend: AwsBackend) -> None:
    """RDS refuses it, so does this."""
    inputs = {"identifier": "db", "instanceClass": "db.m6g.large", "allocatedStorage": 100}
    made = backend.create(session(backend), urn(DATABASE), DATABASE, inputs)
    smaller = {**inputs, "allocatedStorage": 50}
    with pytest.raises(Refused, match="cannot shrink from 100 to 50"):
        backend.update(session(backend), urn(DATABASE), DATABASE, made.id, inputs, smaller)


def test_a_password_is_never_written_down(backend: AwsBackend, tmp_path: Path) -> None:
    """Only a digest of it is kept, and a read gives back what the program said."""
    inputs = {"identifier": "db", "instanceClass": "x", "password": "PLANTED"}
    made = backend.create(session(backend), urn(DATABASE), DATABASE, inputs)
    assert not any("PLANTED" in path.read_text() for path in tmp_path.glob("*.json"))
    seen = backend.read(session(backend), urn(DATABASE), DATABASE, made.id, inputs)
    assert seen is not None
    assert seen.inputs == inputs


def test_deletion_protection_protects(backend: AwsBackend) -> None:
    """Until it is turned off."""
    inputs = {"identifier": "db", "instanceClass": "x", "deletionProtection": True}
    made = backend.create(session(backend), urn(DATABASE), DATABASE, inputs)
    with pytest.raises(Refused, match="deletion protection"):
        backend.delete(session(backend), urn(DATABASE), DATABASE, made.id, inputs)


def test_what_forces_a_replacement_is_known_by_path(backend: AwsBackend) -> None:
    """A nested path counts, a neighbour does not."""
    assert backend.replaced_by(None, DATABASE, "kmsKeyId")
    assert backend.replaced_by(None, CLUSTER, "kubernetesNetworkConfig.ipFamily")
    assert not backend.replaced_by(None, DATABASE, "instanceClass")
    assert not backend.replaced_by(None, DATABASE, "engineVersion")


def test_a_replacement_lives_beside_what_it_replaces(backend: AwsBackend) -> None:
    """Another id; deleting the old one leaves the new one."""
    inputs = {"securityGroupId": "sg-1", "ipProtocol": "tcp"}
    old = backend.create(session(backend), urn(RULE), RULE, inputs)
    new = backend.create(session(backend), urn(RULE), RULE, {**inputs, "securityGroupId": "sg-2"})
    assert old.id != new.id
    backend.delete(session(backend), urn(RULE), RULE, old.id, inputs)
    assert backend.read(session(backend), urn(RULE), RULE, new.id, inputs) is not None


def test_a_cluster_is_an_api_server(tmp_path: Path) -> None:
    """Made and discarded with it."""
    clusters = Clusters()
    backend = AwsBackend(tmp_path, clusters)
    inputs = {"name": "one", "roleArn": "arn", "vpcConfig": {"subnetIds": ["a"]}}
    made = backend.create(session(backend), urn(CLUSTER), CLUSTER, inputs)
    assert made.outputs["endpoint"] == "https://127.0.0.1:1"
    assert clusters.known == {"one"}
    backend.delete(session(backend), urn(CLUSTER), CLUSTER, made.id, inputs)
    assert not clusters.known


def test_records_survive_the_process(backend: AwsBackend, tmp_path: Path) -> None:
    """Another process finds what was made, by stack and URN, with its tags."""
    backend.create(session(backend), urn(GROUP), GROUP, {"name": "/one", "tags": {"a": "b"}})
    record = Recorder(tmp_path).find(urn(GROUP))
    assert record is not None
    assert record.stack == "dev"
    assert record.tags == {"owner": "us", "a": "b"}


def test_a_half_written_record_is_not_read(backend: AwsBackend, tmp_path: Path) -> None:
    """A process that died while it wrote leaves the last whole record."""
    backend.create(session(backend), urn(GROUP), GROUP, {"name": "/one"})
    (tmp_path / "half.partial").write_text('{"urn": "urn:pul')
    assert len(Recorder(tmp_path).all()) == 1


def test_a_record_that_somebody_changed_is_drift(backend: AwsBackend, tmp_path: Path) -> None:
    """The next process reads what is there now."""
    made = backend.create(session(backend), urn(GROUP), GROUP, {"name": "/one", "retentionInDays": 7})
    file = next(tmp_path.glob("*.json"))
    file.write_text(file.read_text().replace('"retentionInDays": 7', '"retentionInDays": 30'))
    fresh = AwsBackend(tmp_path, Clusters())
    seen = fresh.read(session(fresh), urn(GROUP), GROUP, made.id, {"name": "/one", "retentionInDays": 7})
    assert seen is not None
    assert seen.inputs["retentionInDays"] == 30
