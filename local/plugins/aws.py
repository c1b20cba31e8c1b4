"""The AWS stand-in: records what is asked for, fills in what AWS would, refuses what it would.

What it knows of each type stands in `aws_types.yaml`. An EKS cluster is a real API server of
the target.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from local.plugins.aws_network import looked_up
from local.plugins.aws_policy import policy_document
from local.plugins.aws_rules import failures, refuse_change
from local.plugins.aws_table import (
    ACCOUNT,
    autoname,
    hexadecimal,
    made_id,
    templated,
    type_row,
    unique_key,
    variant,
)
from local.plugins.backend import UNKNOWN, Checked, Properties, Refused, State
from local.plugins.recorder import Record, Recorder, digest
from local.processes import busy

_CLUSTER = "aws:eks/cluster:Cluster"
_HERE = Path(__file__).name


class ClusterAccess(Protocol):
    """Where an API server is."""

    @property
    def endpoint(self) -> str:
        """Its address."""

    @property
    def certificate_authority(self) -> str:
        """Its CA, PEM in base64."""


class Clusters(Protocol):
    """The API servers of the target, by cluster name."""

    def ensure(self, name: str) -> ClusterAccess:
        """Start it if it does not run."""

    def discard(self, name: str) -> None:
        """Stop and forget it."""


@dataclass(frozen=True)
class Session:
    """One provider instance: its region and default tags."""

    region: str
    tags: Mapping[str, str]


class AwsBackend:
    """Decides for every type in the table."""

    name = "aws"
    lives_in_state = False

    def __init__(self, records: Path, clusters: Clusters) -> None:
        self._records = Recorder(records)
        self._clusters = clusters
        self.version = version("pulumi-aws")

    def configure(self, settings: Properties) -> Session:
        default = settings.get("defaultTags") or {}
        # The engine hands over a provider's nested arguments as JSON.
        tags = (json.loads(default) if isinstance(default, str) else default).get("tags") or {}
        region = settings.get("region")
        if not region:
            raise Refused("aws provider: no region is set")
        return Session(str(region), dict(tags))

    def check(self, session: Session, urn: str, kind: str, inputs: Properties, old: Properties) -> Checked:
        row = type_row(kind)
        filled = dict(inputs)
        if row.name and not filled.get(row.name):
            filled[row.name] = old.get(row.name) or autoname(row, urn)
        return Checked(filled, failures(row, filled))

    def replaced_by(self, session: Session, kind: str, path: str) -> bool:
        return any(
            path == fixed or path.startswith((f"{fixed}.", f"{fixed}[")) for fixed in type_row(kind).replaces
        )

    def named_by_program(self, kind: str, inputs: Properties) -> bool:
        # A name that was filled in ends in digits of the URN, and another could be made; the
        # table keeps one name a URN, so the old resource has to go first in both cases.
        row = type_row(kind)
        return bool(row.name or row.unique) or not row.generated

    def preview_outputs(self, session: Session, kind: str, inputs: Properties) -> Properties:
        row = type_row(kind)
        computed = [*(row.outputs or {}), *row.counts, *variant(row, inputs), *_CLUSTER_OUTPUTS.get(kind, ())]
        computed += [key for key, has in (("arn", row.arn), ("tagsAll", row.tagged)) if has]
        return {**inputs, **dict.fromkeys(computed, UNKNOWN)}

    def create(self, session: Session, urn: str, kind: str, inputs: Properties) -> State:
        # An engine may die while this goes on: whoever settles that waits for the record.
        with busy(self._records.busy_file):
            return self._create(session, urn, kind, inputs)

    def _create(self, session: Session, urn: str, kind: str, inputs: Properties) -> State:
        row = type_row(kind)
        unique = unique_key(row, inputs, session.region)
        with self._records.reserving(kind, unique) as free:
            if not free:
                raise Refused(f"{_short(kind)} {inputs.get(row.name or '') or unique} already exists")
            seed = self._records.unused_seed(
                kind, urn, lambda seed: made_id(row, seed, inputs, session.region)
            )
            return self._keep(session, urn, kind, made_id(row, seed, inputs, session.region), inputs, seed)

    def read(self, session: Session, urn: str, kind: str, id: str, inputs: Properties) -> State | None:
        record = self._records.get(kind, id, urn)
        if record is None:
            return None
        hidden = type_row(kind).sensitive
        seen = {
            key: value if key in hidden else record.inputs.get(key)
            for key, value in inputs.items()
            if key in record.inputs
        }
        # A record holds no secret: the value that the state knows goes on.
        known = {key: value for key, value in inputs.items() if key in hidden and key in record.inputs}
        return State(id, {**self._outputs(record), **known}, seen or record.inputs)

    def update(
        self, session: Session, urn: str, kind: str, id: str, old: Properties, inputs: Properties
    ) -> State:
        refuse_change(type_row(kind), old, inputs)
        before = self._records.get(kind, id, urn)
        if before is None:
            raise Refused(f"{_short(kind)} {id} does not exist: `pulumi refresh` takes it out of the state")
        unique = unique_key(type_row(kind), inputs, session.region)
        with self._records.reserving(kind, "" if unique == before.unique else unique) as free:
            if not free:
                raise Refused(f"{_short(kind)} {unique} already exists")
            state = self._keep(session, urn, kind, id, inputs, before.seed, before)
        if before.urn != urn:
            # The resource was renamed in the program: it is one resource still.
            self._records.delete(before)
        return state

    def delete(self, session: Session, urn: str, kind: str, id: str, inputs: Properties) -> None:
        record = self._records.get(kind, id, urn)
        if record is None:
            return
        if record.inputs.get("deletionProtection") is True:
            raise Refused(f"{id} has deletion protection: turn that off first")
        if kind == _CLUSTER:
            self._clusters.discard(id)
        self._records.delete(record)

    def invoke(self, session: Session, token: str, arguments: Properties) -> Properties:
        match token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                arn = f"arn:aws:iam::{ACCOUNT}:user/embedded"
                return {"accountId": ACCOUNT, "arn": arn, "id": ACCOUNT, "userId": "embedded"}
            case "aws:index/getRegion:getRegion":
                return {"id": session.region, "name": session.region, "region": session.region}
            case "aws:iam/getPolicyDocument:getPolicyDocument":
                return policy_document(arguments)
            case "aws:index/getPartition:getPartition":
                return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com"}
            case "aws:eks/getCluster:getCluster":
                return self._existing_cluster(session, str(arguments["name"]))
            case _:
                found = looked_up(token, arguments, session.region, self._records)
                if found is None:
                    raise Refused(f"the embedded target does not know {token}: teach it in {_HERE}")
                return found

    def _existing_cluster(self, session: Session, name: str) -> Properties:
        """A cluster that a program takes as given: here it begins to exist when it is asked for."""
        record = self._records.get(_CLUSTER, name)
        if record:
            return {**self._outputs(record), "id": name}
        network = {"vpcId": f"vpc-{hexadecimal(name)}", "clusterSecurityGroupId": f"sg-c{hexadecimal(name)}"}
        identity = {"name": name, "id": name, "arn": f"arn:aws:eks:{session.region}:{ACCOUNT}:cluster/{name}"}
        return {**identity, **self._cluster(name), "vpcConfig": network, "status": "ACTIVE"}

    def _cluster(self, name: str) -> dict[str, Any]:
        access = self._clusters.ensure(name)
        authority = {"data": access.certificate_authority}
        return {
            "endpoint": access.endpoint,
            "certificateAuthority": authority,
            "certificateAuthorities": [authority],
        }

    def _keep(
        self,
        session: Session,
        urn: str,
        kind: str,
        id: str,
        inputs: Properties,
        seed: str,
        before: Record | None = None,
    ) -> State:
        row = type_row(kind)
        stored = {key: digest(value) if key in row.sensitive else value for key, value in inputs.items()}
        values = {**stored, "id": id, "hex": hexadecimal(seed), "region": session.region, "account": ACCOUNT}
        outputs = dict(templated({**(row.outputs or {}), **variant(row, inputs)}, values))
        outputs |= {key: before.outputs.get(key, 1) + 1 if before else 1 for key in row.counts}
        if row.arn:
            outputs["arn"] = templated(row.arn, values)
        if row.tagged:
            outputs["tagsAll"] = {**session.tags, **(inputs.get("tags") or {})}
        if kind == _CLUSTER:
            outputs |= self._cluster(id)
            group = {"clusterSecurityGroupId": f"sg-c{hexadecimal(seed)}"}
            outputs["vpcConfig"] = {**inputs["vpcConfig"], **group}
        unique = unique_key(row, inputs, session.region)
        record = Record(urn=urn, kind=kind, id=id, inputs=stored, outputs=outputs, seed=seed, unique=unique)
        self._records.put(record)
        # The engine marks as secret what the program marked: outputs carry the value itself.
        return State(id, {**inputs, **record.outputs})

    def _outputs(self, record: Record) -> Properties:
        if record.kind == _CLUSTER:
            self._clusters.ensure(record.id)
        return {**record.inputs, **record.outputs}


_CLUSTER_OUTPUTS = {_CLUSTER: ("endpoint", "certificateAuthority", "certificateAuthorities")}


def _short(kind: str) -> str:
    return kind.rsplit(":", 1)[-1]
