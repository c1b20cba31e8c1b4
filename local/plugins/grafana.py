"""The Grafana stand-in: records folders, dashboards and data sources."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from local.plugins.backend import UNKNOWN, Checked, Failure, Properties, Refused, State
from local.plugins.recorder import Record, Recorder

# What each type cannot be without, and what replaces it. Source: the schemas of
# terraform-provider-grafana 4, which the real provider is built on.
_REQUIRED = {
    "grafana:oss/folder:Folder": ("title",),
    "grafana:oss/dashboard:Dashboard": ("configJson",),
    "grafana:oss/dataSource:DataSource": ("type",),
}
_REPLACES = {
    "grafana:oss/folder:Folder": ("uid", "orgId"),
    "grafana:oss/dashboard:Dashboard": ("orgId",),
    "grafana:oss/dataSource:DataSource": ("orgId",),
}


class GrafanaBackend:
    """Decides for the types that a program of dashboards needs."""

    name = "grafana"

    def __init__(self, records: Path) -> None:
        self._records = Recorder(records)
        self.version = version("pulumiverse-grafana")

    def configure(self, settings: Properties) -> str:
        return str(settings.get("url") or "")

    def check(self, session: str, urn: str, kind: str, inputs: Properties, old: Properties) -> Checked:
        if kind not in _REQUIRED:
            raise Refused(f"the embedded target does not know {kind}: add it in {Path(__file__).name}")
        missing = [Failure(key, "is required") for key in _REQUIRED[kind] if key not in inputs]
        return Checked(inputs, missing)

    def replaced_by(self, session: str, kind: str, path: str) -> bool:
        return path in _REPLACES.get(kind, ())

    def named_by_program(self, kind: str, inputs: Properties) -> bool:
        return "uid" in inputs

    def preview_outputs(self, session: str, kind: str, inputs: Properties) -> Properties:
        return {**inputs, "uid": inputs.get("uid", UNKNOWN), "url": UNKNOWN}

    def create(self, session: str, urn: str, kind: str, inputs: Properties) -> State:
        uid = inputs.get("uid") or hashlib.sha256(urn.encode()).hexdigest()[:14]
        return self._keep(session, urn, kind, str(uid), inputs)

    def read(self, session: str, urn: str, kind: str, id: str, inputs: Properties) -> State | None:
        record = self._records.get(kind, id)
        if record is None:
            return None
        seen = {key: record.inputs.get(key) for key in inputs if key in record.inputs}
        return State(id, {**record.inputs, **record.outputs}, seen or record.inputs)

    def update(
        self, session: str, urn: str, kind: str, id: str, old: Properties, inputs: Properties
    ) -> State:
        return self._keep(session, urn, kind, id, inputs)

    def delete(self, session: str, urn: str, kind: str, id: str, inputs: Properties) -> None:
        record = self._records.get(kind, id)
        if record:
            self._records.delete(record)

    def invoke(self, session: str, token: str, arguments: Properties) -> Properties:
        raise Refused(f"the embedded target answers no Grafana function, so not {token}")

    def _keep(self, session: str, urn: str, kind: str, id: str, inputs: Properties) -> State:
        outputs = {"uid": id, "url": f"{session}/{kind.rsplit(':', 1)[-1].lower()}/{id}"}
        self._records.put(Record(urn=urn, kind=kind, id=id, inputs=dict(inputs), outputs=outputs))
        return State(id, {**inputs, **outputs})
