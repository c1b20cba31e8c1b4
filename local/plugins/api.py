"""A small client for one Kubernetes API server: apply, read, delete, with its warnings."""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

FIELD_MANAGER = "pulumi"
# A dry run in a namespace that does not exist yet costs 50 ms of the server's patience; it is
# tried in `default` instead for this long.
_MISSING_NAMESPACE_SECONDS = 10.0
_NAMESPACE_TRIES = 50
_DEFINITION_TRIES = 100


class ApiError(Exception):
    """The API server's refusal, in its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class UnknownKind(ApiError):
    """The API server has no such kind: perhaps not yet, its definition may still have to be made."""


@dataclass(frozen=True)
class Applied:
    """An object as the server has it, and what the server warned about."""

    body: dict[str, Any]
    warnings: tuple[str, ...] = ()


@dataclass
class KubernetesApi:
    """The API server at `endpoint` (https), as the bearer of a client certificate."""

    endpoint: str
    ca_file: str
    cert_file: str
    key_file: str
    _pool: urllib3.PoolManager = field(init=False)
    _resources: dict[str, dict[str, tuple[str, bool]]] = field(init=False, default_factory=dict)
    _missing: dict[str, float] = field(init=False, default_factory=dict)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        context = ssl.create_default_context(cafile=self.ca_file)
        context.load_cert_chain(self.cert_file, self.key_file)
        self._pool = urllib3.PoolManager(ssl_context=context, maxsize=32, retries=False, timeout=30.0)

    def apply(self, manifest: Mapping[str, Any]) -> Applied:
        """Server-side apply with strict field validation.

        Raises:
            ApiError: refused, or a field belongs to another manager.
        """
        self._missing.pop(manifest.get("metadata", {}).get("name", ""), None)
        applied = self._patch(manifest, {})
        match applied.body["kind"]:
            case "PersistentVolumeClaim":
                return Applied(self._bound(manifest, applied.body), applied.warnings)
            case "CustomResourceDefinition":
                return Applied(self._established(manifest, applied.body), applied.warnings)
        return applied

    def _established(self, manifest: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        """Wait until the server serves what the definition defines: objects of it may follow at once."""
        for _ in range(_DEFINITION_TRIES):
            conditions = found.get("status", {}).get("conditions") or []
            if any((one["type"], one["status"]) == ("Established", "True") for one in conditions):
                break
            time.sleep(0.05)
            found = self._call("GET", self._path(manifest)).body
        return found

    def _bound(self, manifest: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        """Stand in for the volume controller: only a bound claim may grow."""
        if found.get("status", {}).get("phase") == "Bound":
            return found
        body = json.dumps({"status": {"phase": "Bound"}})
        content = "application/merge-patch+json"
        return self._call("PATCH", f"{self._path(manifest)}/status", body=body, content=content).body

    def dry_run(self, manifest: Mapping[str, Any]) -> Applied:
        """What `apply` would do, with every admission check, and nothing stored."""
        namespace = manifest.get("metadata", {}).get("namespace", "")
        if self._missing.get(namespace, 0.0) > time.monotonic():
            return self._patch(_in_default(manifest), {"dryRun": "All"})
        try:
            return self._patch(manifest, {"dryRun": "All"})
        except ApiError as error:
            if error.status != 404 or not namespace:
                raise
        self._missing[namespace] = time.monotonic() + _MISSING_NAMESPACE_SECONDS
        return self._patch(_in_default(manifest), {"dryRun": "All"})

    def canonical(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """What the server would store for the manifest, taking every field over."""
        return self._patch(manifest, {"dryRun": "All", "force": "true"}).body

    def get(self, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
        """The live object, or None."""
        try:
            return self._call("GET", self._path(manifest)).body
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def delete(self, manifest: Mapping[str, Any]) -> None:
        """Delete, and stand in for the controllers that would clear finalizers."""
        path = self._path(manifest)
        for attempt in range(_NAMESPACE_TRIES):
            try:
                found = self._call("DELETE", path, {"propagationPolicy": "Background"}).body
                if found.get("kind") == "Status":
                    return
                self._finalize(path, found)
            except ApiError as error:
                if error.status == 404:
                    return
                if error.status != 409 or attempt == _NAMESPACE_TRIES - 1:
                    raise
            time.sleep(0.05)

    def _finalize(self, path: str, found: Mapping[str, Any]) -> None:
        if found["kind"] == "Namespace":
            body = {**found, "spec": {"finalizers": []}}
            self._call("PUT", f"{path}/finalize", body=json.dumps(body), content="application/json")
        elif found["metadata"].get("finalizers"):
            body = {"metadata": {"finalizers": None}}
            self._call("PATCH", path, body=json.dumps(body), content="application/merge-patch+json")

    def _patch(self, manifest: Mapping[str, Any], query: Mapping[str, str]) -> Applied:
        annotations = manifest.get("metadata", {}).get("annotations") or {}
        force = {"force": "true"} if annotations.get("pulumi.com/patchForce") == "true" else {}
        return self._call(
            "PATCH",
            self._path(manifest),
            {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict", **force, **query},
            # As it is: YAML knows no escapes outside the basic plane, and there are emoji.
            body=json.dumps(manifest, ensure_ascii=False),
            content="application/apply-patch+yaml",
        )

    def _path(self, manifest: Mapping[str, Any]) -> str:
        version, kind = str(manifest["apiVersion"]), str(manifest["kind"])
        plural, namespaced = self._resource(version, kind)
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        metadata = manifest["metadata"]
        inside = f"/namespaces/{quote(metadata.get('namespace', 'default'))}" if namespaced else ""
        return f"{root}{inside}/{plural}/{quote(metadata['name'])}"

    def _resource(self, version: str, kind: str) -> tuple[str, bool]:
        with self._lock:
            known = self._resources.get(version, {})
            if kind not in known:
                root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
                listing = self._listing(root)
                known = {
                    entry["kind"]: (entry["name"], entry["namespaced"])
                    for entry in listing
                    if "/" not in entry["name"]
                }
                self._resources[version] = known
        if kind not in known:
            raise UnknownKind(404, f"the API server has no kind {kind} in {version}")
        return known[kind]

    def _listing(self, root: str) -> list[dict[str, Any]]:
        try:
            return list(self._call("GET", root).body.get("resources", []))
        except ApiError as error:
            if error.status == 404:
                return []
            raise

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: str | None = None,
        content: str = "application/json",
    ) -> Applied:
        url = f"{self.endpoint}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            response = self._pool.request(
                method, url, body=body.encode() if body else None, headers={"Content-Type": content}
            )
        except urllib3.exceptions.HTTPError as error:
            raise ApiError(503, f"the API server at {self.endpoint} does not answer: {error}") from None
        answer = _decoded(response.data)
        if response.status >= 400:
            raise ApiError(response.status, answer.get("message", response.reason or "refused"))
        return Applied(answer, _warnings(response.headers.getlist("Warning")))


def _decoded(data: bytes) -> dict[str, Any]:
    """The answer; the server speaks plain text where it knows no such path."""
    try:
        return dict(json.loads(data or b"{}"))
    except json.JSONDecodeError:
        return {"message": data.decode(errors="replace").strip()}


def _warnings(headers: list[str]) -> tuple[str, ...]:
    """The texts of `299 - "text"` headers, in which quotes are escaped."""
    quoted = (header[header.index('"') :] for header in headers if '"' in header)
    return tuple(str(json.loads(text)) for text in quoted)


def _in_default(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": "default"}}
