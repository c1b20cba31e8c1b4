"""Helm releases of the Kubernetes stand-in: recorded, never rendered.

No chart is fetched: of a release only what its chart defines is in the cluster
(:mod:`local.plugins.charts`). What the stand-in holds to is what Helm holds to: a name belongs to
one release of a namespace, and a chart has a version.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.plugins import live
from local.plugins.backend import UNKNOWN, Checked, Failure, Properties, Refused, State
from local.plugins.recorder import Record, Recorder, digest

RELEASE = "kubernetes:helm.sh/v3:Release"
# Source: the documentation of Release in pulumi-kubernetes 4.
_REPLACES = ("name", "namespace")
# These may hold passwords, of the chart or of its repository: kept as digests only.
_SENSITIVE = ("values", "valueYamlFiles", "repositoryOpts")


class Releases:
    """The releases recorded under a folder; `cluster` tells one API server's from another's."""

    def __init__(self, folder: Path) -> None:
        self._records = Recorder(folder)

    def check(self, urn: str, inputs: Properties, old: Properties) -> Checked:
        """Fill in name and namespace; a release without a chart or its version is refused."""
        name = inputs.get("name") or old.get("name") or live.autoname(urn)
        filled = {**inputs, "name": name, "namespace": inputs.get("namespace") or "default"}
        failures = [Failure(key, "is required") for key in ("chart", "version") if not inputs.get(key)]
        return Checked(filled, failures)

    def replaced_by(self, path: str) -> bool:
        """Whether a change of the property replaces the release."""
        return path in _REPLACES

    def preview_outputs(self, inputs: Properties) -> Properties:
        """What is known before an installation."""
        return {**inputs, "status": UNKNOWN}

    def create(self, cluster: str, urn: str, inputs: Properties) -> State:
        """Record an installation.

        Raises:
            Refused: the name is another release's.
        """
        found = self._find(cluster, _id(inputs))
        if found and found.urn != urn:
            raise Refused(f"cannot re-use the name {_id(inputs)}: a release has it already")
        return self._keep(cluster, urn, inputs, revision=1)

    def update(self, cluster: str, urn: str, id: str, inputs: Properties) -> State:
        """Record an upgrade.

        Raises:
            Refused: there is nothing to upgrade.
        """
        found = self._find(cluster, id)
        if found is None:
            raise Refused(f"release {id} does not exist: `pulumi refresh` takes it out of the state")
        state = self._keep(cluster, urn, inputs, revision=found.outputs["status"]["revision"] + 1)
        if found.urn != urn:
            # The resource was renamed in the program: it is one release still.
            self._records.delete(found)
        return state

    def read(self, cluster: str, id: str, inputs: Properties) -> State | None:
        """What is recorded, or None; of what is kept as a digest, the state's value goes on."""
        found = self._find(cluster, id)
        if found is None:
            return None
        known = {key: inputs[key] for key in _SENSITIVE if key in inputs and key in found.inputs}
        stored = {key: value for key, value in found.inputs.items() if key not in _SENSITIVE}
        seen = {key: value for key, value in stored.items() if key in inputs or not inputs}
        return State(id, {**stored, **known, **found.outputs}, {**seen, **known})

    def delete(self, cluster: str, id: str) -> None:
        """Forget a release; what is gone already is no error."""
        found = self._find(cluster, id)
        if found:
            self._records.delete(found)

    def _find(self, cluster: str, id: str) -> Record | None:
        wanted = _unique(cluster, id)
        return next((record for record in self._records.all() if record.unique == wanted), None)

    def _keep(self, cluster: str, urn: str, inputs: Properties, *, revision: int) -> State:
        id = _id(inputs)
        stored = {key: digest(value) if key in _SENSITIVE else value for key, value in inputs.items()}
        outputs = {"status": _status(inputs, revision)}
        unique = _unique(cluster, id)
        self._records.put(Record(urn=urn, kind=RELEASE, id=id, inputs=stored, outputs=outputs, unique=unique))
        return State(id, {**inputs, **outputs})


def _id(inputs: Properties) -> str:
    return f"{inputs['namespace']}/{inputs['name']}"


def _unique(cluster: str, id: str) -> str:
    return f"{cluster}/{id}"


def _status(inputs: Properties, revision: int) -> Mapping[str, Any]:
    told = {key: inputs[key] for key in ("name", "namespace", "chart", "version")}
    return {**told, "revision": revision, "status": "deployed"}
