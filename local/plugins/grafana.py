"""The Grafana stand-in: records folders, dashboards and data sources."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from local.plugins.backend import UNKNOWN, Checked, Failure, Properties, Refused, State
from local.plugins.recorder import Record, Recorder, digest


@dataclass(frozen=True, kw_only=True)
class TypeRow:
    """What is known of a type; `json` are inputs that hold JSON, `sensitive` ones are never stored."""

    required: tuple[str, ...]
    replaces: tuple[str, ...]
    json: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    tells_uid: str = ""
    """The JSON input whose text has the uid, where the uid is no input."""


# Source: the schemas of terraform-provider-grafana 4, which the real provider is built on.
TYPES: Mapping[str, TypeRow] = {
    "grafana:oss/folder:Folder": TypeRow(required=("title",), replaces=("uid", "orgId")),
    "grafana:oss/folderPermission:FolderPermission": TypeRow(
        required=("folderUid",), replaces=("folderUid", "orgId")
    ),
    "grafana:oss/dashboard:Dashboard": TypeRow(
        required=("configJson",), replaces=("orgId",), json=("configJson",), tells_uid="configJson"
    ),
    "grafana:oss/dataSource:DataSource": TypeRow(
        required=("type",),
        replaces=("orgId",),
        json=("jsonDataEncoded", "secureJsonDataEncoded"),
        sensitive=("secureJsonDataEncoded", "httpHeaders"),
    ),
}


class GrafanaBackend:
    """Decides for the types that a program of dashboards needs."""

    name = "grafana"
    lives_in_state = False

    def __init__(self, records: Path) -> None:
        self._records = Recorder(records)
        self.version = version("pulumiverse-grafana")

    def configure(self, settings: Properties) -> str:
        return str(settings.get("url") or "")

    def check(self, session: str, urn: str, kind: str, inputs: Properties, old: Properties) -> Checked:
        row = _row(kind)
        failures = [Failure(key, "is required") for key in row.required if key not in inputs]
        failures += [Failure(key, "is not JSON") for key in row.json if not _is_json(inputs.get(key))]
        return Checked(inputs, failures)

    def replaced_by(self, session: str, kind: str, path: str) -> bool:
        return path in _row(kind).replaces

    def named_by_program(self, kind: str, inputs: Properties) -> bool:
        return _given_uid(_row(kind), inputs) is not None

    def preview_outputs(self, session: str, kind: str, inputs: Properties) -> Properties:
        return {**inputs, "uid": _given_uid(_row(kind), inputs) or UNKNOWN, "url": UNKNOWN}

    def create(self, session: str, urn: str, kind: str, inputs: Properties) -> State:
        given = _given_uid(_row(kind), inputs)
        with self._records.reserving(kind, given or "") as free:
            if not free:
                raise Refused(f"{_short(kind)} with the uid {given} already exists")
            uid = given or _generated(self._records.unused_seed(kind, urn, _generated))
            return self._keep(session, urn, kind, uid, inputs)

    def read(self, session: str, urn: str, kind: str, id: str, inputs: Properties) -> State | None:
        record = self._records.get(kind, id, urn)
        if record is None:
            return None
        hidden = _row(kind).sensitive
        known = {key: value for key, value in inputs.items() if key in hidden and key in record.inputs}
        stored = {key: record.inputs[key] for key in inputs if key in record.inputs}
        outputs = {**record.inputs, **record.outputs, **known}
        return State(id, outputs, {**stored, **known} or record.inputs)

    def update(
        self, session: str, urn: str, kind: str, id: str, old: Properties, inputs: Properties
    ) -> State:
        before = self._records.get(kind, id, urn)
        if before is None:
            raise Refused(f"{_short(kind)} {id} does not exist: `pulumi refresh` takes it out of the state")
        state = self._keep(session, urn, kind, id, inputs)
        if before.urn != urn:
            # The resource was renamed in the program: it is one resource still.
            self._records.delete(before)
        return state

    def delete(self, session: str, urn: str, kind: str, id: str, inputs: Properties) -> None:
        record = self._records.get(kind, id, urn)
        if record:
            self._records.delete(record)

    def invoke(self, session: str, token: str, arguments: Properties) -> Properties:
        raise Refused(f"the embedded target answers no Grafana function, so not {token}")

    def _keep(self, session: str, urn: str, kind: str, id: str, inputs: Properties) -> State:
        hidden = _row(kind).sensitive
        stored = {key: digest(value) if key in hidden else value for key, value in inputs.items()}
        outputs = {"uid": id, "url": f"{session}/{_short(kind).lower()}/{id}"}
        self._records.put(Record(urn=urn, kind=kind, id=id, inputs=stored, outputs=outputs, unique=id))
        return State(id, {**inputs, **outputs})


def _row(kind: str) -> TypeRow:
    row = TYPES.get(kind)
    if row is None:
        raise Refused(f"the embedded target does not know {kind}: add it in {Path(__file__).name}")
    return row


def _given_uid(row: TypeRow, inputs: Properties) -> str | None:
    uid = inputs.get("uid")
    text = inputs.get(row.tells_uid)
    if uid is None and isinstance(text, str):
        uid = json.loads(text).get("uid")
    return uid if isinstance(uid, str) and uid else None


def _is_json(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        json.loads(value)
    except json.JSONDecodeError:
        return False
    return True


def _generated(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:14]


def _short(kind: str) -> str:
    return kind.rsplit(":", 1)[-1]
