"""The Kubernetes stand-in: server-side apply on a real API server.

Check applies with a dry run and strict field validation, so a preview already names a wrong
field. There are no controllers: nothing becomes ready, and nothing is awaited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import yaml

from local.plugins import live
from local.plugins.api import ApiError, KubernetesApi, UnknownKind
from local.plugins.backend import UNKNOWN, Checked, Failure, Properties, Refused, State
from local.plugins.charts import Charts
from local.plugins.diff import differences
from local.plugins.releases import RELEASE, Releases
from local.plugins.wire import has_unknown

# What the API server refuses to change in place. Source: the validation of each kind in
# k8s.io/kubernetes pkg/apis/*/validation (1.35).
_IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("spec.selector",),
    "DaemonSet": ("spec.selector",),
    "StatefulSet": (
        "spec.selector",
        "spec.serviceName",
        "spec.podManagementPolicy",
        "spec.volumeClaimTemplates",
    ),
    "Job": ("spec.selector", "spec.template", "spec.completions"),
    "PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.storageClassName",
        "spec.volumeMode",
        "spec.volumeName",
        "spec.selector",
    ),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
    "Service": ("spec.clusterIP",),
    "Secret": ("type", "immutable"),
    "ConfigMap": ("immutable",),
}
_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_CONTENT = ("data", "binaryData", "stringData")


class ApiServers(Protocol):
    """The API servers that this target runs."""

    def api(self, endpoint: str) -> KubernetesApi | None:
        """A client for the API server at `endpoint`, or None if it is not one of ours."""


@dataclass(frozen=True)
class Session:
    """One provider instance: its API server, and whether content changes in place."""

    api: KubernetesApi
    mutable: Mapping[str, bool]


class KubernetesBackend:
    """Decides for every kind that the API server has; of Helm releases it makes what their charts define."""

    name = "kubernetes"
    lives_in_state = False

    def __init__(self, servers: ApiServers, version: str, releases: Releases, charts: Charts) -> None:
        self._servers = servers
        self._releases = releases
        self._charts = charts
        self.version = version

    def configure(self, settings: Properties) -> Session:
        endpoint = _endpoint(settings.get("kubeconfig"))
        api = self._servers.api(endpoint)
        if api is None:
            raise Refused(f"{endpoint} is no API server of the embedded target, which speaks to no other")
        return Session(
            api,
            {
                "ConfigMap": settings.get("enableConfigMapMutable") is True,
                "Secret": settings.get("enableSecretMutable") is True,
            },
        )

    def check(self, session: Session, urn: str, kind: str, inputs: Properties, old: Properties) -> Checked:
        if kind == RELEASE:
            return self._releases.check(urn, inputs, old)
        named = _with_name(urn, inputs)
        if named == old or has_unknown(named):
            # Applied as it stands already, or to be judged once its values are known.
            return Checked(named)
        try:
            warnings = self._tried(session, kind, named, old)
        except UnknownKind as error:
            # In a preview its definition may be about to be made; a creation is refused all the same.
            return Checked(named, warnings=(f"not checked: {error.message}",))
        except ApiError as error:
            return Checked(named, failures=(Failure("", error.message),))
        return Checked(named, warnings=warnings)

    def _tried(self, session: Session, kind: str, inputs: Properties, old: Properties) -> Sequence[str]:
        """Warnings of a dry run; a replacement is tried beside the object that it replaces."""
        beside = {**inputs, "metadata": _renamed(inputs["metadata"])}
        if any(self.replaced_by(session, kind, path) for path in differences(old, inputs)) and old:
            return session.api.dry_run(beside).warnings
        try:
            return session.api.dry_run(inputs).warnings
        except ApiError:
            # The engine asks about a replacement once more, as if nothing were there yet.
            if old or session.api.get(inputs) is None:
                raise
            return session.api.dry_run(beside).warnings

    def replaced_by(self, session: Session, kind: str, path: str) -> bool:
        if kind == RELEASE:
            return self._releases.replaced_by(path)
        short = kind.rsplit(":", 1)[-1]
        paths = _IDENTITY + _IMMUTABLE.get(short, ())
        if short in session.mutable and not session.mutable[short]:
            paths += _CONTENT
        return any(path == fixed or path.startswith((f"{fixed}.", f"{fixed}[")) for fixed in paths)

    def named_by_program(self, kind: str, inputs: Properties) -> bool:
        return True

    def preview_outputs(self, session: Session, kind: str, inputs: Properties) -> Properties:
        if kind == RELEASE:
            return self._releases.preview_outputs(inputs)
        metadata = {**inputs.get("metadata", {}), "uid": UNKNOWN, "resourceVersion": UNKNOWN}
        return {**inputs, "metadata": metadata}

    def create(self, session: Session, urn: str, kind: str, inputs: Properties) -> State:
        if kind == RELEASE:
            self._define(session, inputs)
            return self._releases.create(session.api.endpoint, urn, inputs)
        return self._apply(session, inputs)

    def update(
        self, session: Session, urn: str, kind: str, id: str, old: Properties, inputs: Properties
    ) -> State:
        if kind == RELEASE:
            self._define(session, inputs)
            return self._releases.update(session.api.endpoint, urn, id, inputs)
        return self._apply(session, inputs)

    def _define(self, session: Session, inputs: Properties) -> None:
        for definition in self._charts.definitions(inputs["chart"]):
            self._apply(session, definition)

    def _apply(self, session: Session, inputs: Properties) -> State:
        try:
            applied = session.api.apply(inputs)
        except ApiError as error:
            raise Refused(error.message) from None
        return State(_id(applied.body), live.outputs(applied.body, inputs), inputs, applied.warnings)

    def read(self, session: Session, urn: str, kind: str, id: str, inputs: Properties) -> State | None:
        if kind == RELEASE:
            return self._releases.read(session.api.endpoint, id, inputs)
        wanted = inputs or _imported(kind, id)
        try:
            found = session.api.get(wanted)
            if found is None:
                return None
            canonical = session.api.canonical(inputs) if inputs else {}
        except ApiError as error:
            raise Refused(error.message) from None
        seen = live.drifted(inputs, canonical, found) if inputs else live.importable(found)
        return State(_id(found), live.outputs(found, seen), seen)

    def delete(self, session: Session, urn: str, kind: str, id: str, inputs: Properties) -> None:
        if kind == RELEASE:
            self._releases.delete(session.api.endpoint, id)
        # As of a chart that has its definitions among its templates.
        gone = self._charts.definitions(inputs["chart"]) if kind == RELEASE else (inputs,)
        try:
            for manifest in gone:
                session.api.delete(manifest)
        except ApiError as error:
            raise Refused(error.message) from None

    def invoke(self, session: Session, token: str, arguments: Properties) -> Properties:
        raise Refused(f"the embedded target answers no Kubernetes function, so not {token}")


def _endpoint(kubeconfig: Any) -> str:
    document = yaml.safe_load(kubeconfig) if isinstance(kubeconfig, str) else kubeconfig
    try:
        return str(document["clusters"][0]["cluster"]["server"])
    except (KeyError, IndexError, TypeError):
        raise Refused("kubernetes provider: the kubeconfig names no server") from None


def _with_name(urn: str, inputs: Properties) -> Properties:
    metadata = inputs.get("metadata") or {}
    if "name" in metadata or "generateName" in metadata:
        return inputs
    return {**inputs, "metadata": {**metadata, "name": live.autoname(urn)}}


def _renamed(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**metadata, "name": f"{metadata['name'][:50]}-next"}


def _id(body: Mapping[str, Any]) -> str:
    metadata = body["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def _imported(kind: str, id: str) -> dict[str, Any]:
    """The least that names an object: for an import there is only its id."""
    _, group_version, short = kind.split(":")
    version = group_version.removeprefix("core/")
    group, _, bare = version.partition("/")
    if bare and "." not in group and group not in ("apps", "batch", "autoscaling", "policy"):
        version = f"{group}.k8s.io/{bare}"
    namespace, _, name = id.rpartition("/")
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": short, "metadata": metadata}
