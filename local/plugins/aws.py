"""The AWS stand-in: records what is asked for, fills in what AWS would, refuses what it would.

What it knows of each type stands in `aws_types.yaml`. An EKS cluster is a real API server of
the target.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import yaml

from local.plugins.backend import UNKNOWN, Checked, Failure, Properties, Refused, State, Unknown
from local.plugins.recorder import Record, Recorder
from local.processes import busy

# The account of AWS's own documentation.
ACCOUNT = "123456789012"
_CLUSTER = "aws:eks/cluster:Cluster"
_FIELD = re.compile(r"\{(\w+)\}")
_TABLE = Path(__file__).with_name("aws_types.yaml")


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


@dataclass(frozen=True)
class TypeRow:
    """A row of the table."""

    id: str
    arn: str | None = None
    name: str | None = None
    replaces: tuple[str, ...] = ()
    outputs: Mapping[str, Any] | None = None
    sensitive: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    grows: tuple[str, ...] = ()
    choices: Mapping[str, tuple[Any, ...]] | None = None


@cache
def _table() -> Mapping[str, TypeRow]:
    return {kind: TypeRow(**row) for kind, row in yaml.safe_load(_TABLE.read_text()).items()}


def type_row(kind: str) -> TypeRow:
    """What is known of a type.

    Raises:
        Refused: nothing is.
    """
    row = _table().get(kind)
    if row is None:
        raise Refused(f"the embedded target does not know {kind}: add a row to {_TABLE.name}")
    return row


class AwsBackend:
    """Decides for every type in the table."""

    name = "aws"

    def __init__(self, records: Path, clusters: Clusters) -> None:
        self._records = Recorder(records)
        self._clusters = clusters
        self.version = version("pulumi-aws")

    def configure(self, settings: Properties) -> Session:
        tags = (settings.get("defaultTags") or {}).get("tags") or {}
        region = settings.get("region")
        if not region:
            raise Refused("aws provider: no region is set")
        return Session(str(region), dict(tags))

    def check(self, session: Session, urn: str, kind: str, inputs: Properties, old: Properties) -> Checked:
        row = type_row(kind)
        filled = dict(inputs)
        if row.name and not filled.get(row.name):
            filled[row.name] = old.get(row.name) or _autoname(urn, row.name)
        failures = [Failure(key, "is required") for key in row.required if key not in filled]
        for key, choices in (row.choices or {}).items():
            value = filled.get(key)
            if value is not None and not isinstance(value, Unknown) and value not in choices:
                failures.append(Failure(key, f"{value} is none of {', '.join(map(str, choices))}"))
        return Checked(filled, failures)

    def replaced_by(self, session: Session, kind: str, path: str) -> bool:
        return any(
            path == fixed or path.startswith((f"{fixed}.", f"{fixed}[")) for fixed in type_row(kind).replaces
        )

    def named_by_program(self, kind: str, inputs: Properties) -> bool:
        # A name that was filled in ends in digits of the URN, and another could be made; the
        # table keeps one name a URN, so the old resource has to go first in both cases.
        return type_row(kind).name is not None

    def preview_outputs(self, session: Session, kind: str, inputs: Properties) -> Properties:
        row = type_row(kind)
        computed = [*(row.outputs or {}), *(["arn"] if row.arn else []), *_CLUSTER_OUTPUTS.get(kind, ())]
        return {**inputs, **dict.fromkeys(computed, UNKNOWN), "tagsAll": UNKNOWN}

    def create(self, session: Session, urn: str, kind: str, inputs: Properties) -> State:
        # An engine may die while this goes on: whoever settles that waits for the record.
        with busy(self._records.busy_file):
            return self._create(session, urn, kind, inputs)

    def _create(self, session: Session, urn: str, kind: str, inputs: Properties) -> State:
        row = type_row(kind)
        taken = row.name and self._records.named(kind, row.name, inputs[row.name])
        if taken:
            raise Refused(f"{kind.rsplit(':', 1)[-1]} {inputs[str(row.name)]} already exists")
        # A replacement lives beside what it replaces for a while, so it needs another id.
        seed = f"{urn}#{_digest(inputs)}" if self._records.find(urn) else urn
        return self._keep(session, urn, kind, _id(row, seed, inputs, session), inputs, seed)

    def read(self, session: Session, urn: str, kind: str, id: str, inputs: Properties) -> State | None:
        record = self._records.get(kind, id)
        if record is None:
            return None
        hidden = type_row(kind).sensitive
        seen = {
            key: value if key in hidden else record.inputs.get(key)
            for key, value in inputs.items()
            if key in record.inputs
        }
        return State(id, self._outputs(session, record), seen or record.inputs)

    def update(
        self, session: Session, urn: str, kind: str, id: str, old: Properties, inputs: Properties
    ) -> State:
        for key in type_row(kind).grows:
            if key in old and key in inputs and inputs[key] < old[key]:
                raise Refused(f"{key} cannot shrink from {old[key]} to {inputs[key]}")
        record = self._records.get(kind, id)
        return self._keep(session, urn, kind, id, inputs, record.seed if record else urn)

    def delete(self, session: Session, urn: str, kind: str, id: str, inputs: Properties) -> None:
        record = self._records.get(kind, id)
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
            case "aws:index/getPartition:getPartition":
                return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com"}
            case "aws:eks/getCluster:getCluster":
                return self._existing_cluster(session, str(arguments["name"]))
            case _:
                raise Refused(f"the embedded target does not know {token}: teach it in {Path(__file__).name}")

    def _existing_cluster(self, session: Session, name: str) -> Properties:
        """A cluster that a program takes as given: here it begins to exist when it is asked for."""
        network = {"vpcId": f"vpc-{_hex(name)}", "clusterSecurityGroupId": f"sg-c{_hex(name)}"}
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

    def _keep(self, session: Session, urn: str, kind: str, id: str, inputs: Properties, seed: str) -> State:
        row = type_row(kind)
        stored = {key: _digest(value) if key in row.sensitive else value for key, value in inputs.items()}
        values = {**stored, "id": id, "hex": _hex(seed), "region": session.region, "account": ACCOUNT}
        outputs = {key: _templated(value, values) for key, value in (row.outputs or {}).items()}
        if row.arn:
            outputs["arn"] = _templated(row.arn, values)
        tags = {**session.tags, **(inputs.get("tags") or {})}
        if kind == _CLUSTER:
            outputs |= self._cluster(id)
            group = {"clusterSecurityGroupId": f"sg-c{_hex(seed)}"}
            outputs["vpcConfig"] = {**inputs["vpcConfig"], **group}
        outputs["tagsAll"] = tags
        record = Record(urn=urn, kind=kind, id=id, inputs=stored, outputs=outputs, seed=seed)
        self._records.put(record)
        # The engine marks as secret what the program marked: outputs carry the value itself.
        return State(id, {**inputs, **record.outputs})

    def _outputs(self, session: Session, record: Record) -> Properties:
        if record.kind == _CLUSTER:
            self._clusters.ensure(record.id)
        return {**record.inputs, **record.outputs}


_CLUSTER_OUTPUTS = {_CLUSTER: ("endpoint", "certificateAuthority", "certificateAuthorities")}


def _id(row: TypeRow, seed: str, inputs: Properties, session: Session) -> str:
    values = {**inputs, "hex": _hex(seed), "region": session.region, "account": ACCOUNT}
    return str(_templated(row.id, values))


def _templated(template: Any, values: Mapping[str, Any]) -> Any:
    if not isinstance(template, str):
        return template
    return _FIELD.sub(lambda match: str(values[match.group(1)]), template)


def _autoname(urn: str, key: str) -> str:
    logical = urn.rsplit("::", 1)[-1]
    name = f"{logical}-{_hex(urn)[:7]}"
    # Of the names here these are the ones that AWS wants in lower case.
    return name.lower() if key in ("identifier", "bucket") else name


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:17]


def _digest(value: Any) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(value).encode()).hexdigest()}"
