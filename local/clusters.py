"""The Kubernetes API servers of the target: one for each cluster that a program makes or names.

All share one etcd, each under a prefix of its own, so stacks never meet. What belongs to a
cluster lies in one folder: keys, port, log. It starts again on the same port and data.
"""

import base64
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

import yaml

from local import pki
from local.plugins.api import KubernetesApi
from local.processes import Problem, answers, is_free, spawn, stop, wait_until

_START_SECONDS = 90.0
_HIGHEST_PORT = 65000


@dataclass(frozen=True)
class ClusterAccess:
    """Where a cluster's API server is, and how to know it."""

    endpoint: str
    certificate_authority: str
    """PEM, in base64, as EKS gives it."""


class Clusters:
    """Starts, finds and discards API servers under `root`.

    `first_port` is where the search for a free port begins; a port stays with its cluster.
    """

    def __init__(self, root: Path, *, apiserver: Path, etcd: str, first_port: int) -> None:
        self._root = root
        self._apiserver = apiserver
        self._etcd = etcd
        self._first_port = first_port
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._apis: dict[str, KubernetesApi] = {}
        self._lock = RLock()

    def resume(self) -> None:
        """Start every cluster that an earlier run left."""
        for folder in sorted(self._root.glob("*/port")):
            self.ensure(folder.parent.name)

    def ensure(self, name: str) -> ClusterAccess:
        """The cluster called `name`, started if it does not run."""
        with self._lock:
            folder = self._root / name
            if not (folder / "port").exists():
                pki.write(folder)
                self._take_port(folder)
            if name not in self._running or self._running[name].poll() is not None:
                self._start(name, folder)
        authority = base64.b64encode((folder / "ca.crt").read_bytes()).decode()
        return ClusterAccess(_endpoint(folder), authority)

    def api(self, endpoint: str) -> KubernetesApi | None:
        """A client for the API server at `endpoint`, or None if it is not one of these."""
        with self._lock:
            for folder in self._root.glob("*/port"):
                if _endpoint(folder.parent) == endpoint:
                    self.ensure(folder.parent.name)
                    return self._apis[folder.parent.name]
        return None

    def discard(self, name: str) -> None:
        """Stop the cluster called `name` and forget it; its keys in etcd go with the target."""
        with self._lock:
            if name in self._running:
                stop(self._running.pop(name))
            folder = self._root / name
            if folder.exists():
                # A cluster of the same name made later starts empty: a new prefix.
                generation = _generation(folder) + 1
                for file in folder.iterdir():
                    file.unlink()
                (folder / "generation").write_text(str(generation))

    def stop(self) -> None:
        """Stop every API server."""
        with self._lock:
            for process in self._running.values():
                process.terminate()
            for process in self._running.values():
                stop(process)

    def _take_port(self, folder: Path) -> None:
        taken = {int(path.read_text()) for path in self._root.glob("*/port")}
        for port in range(self._first_port, _HIGHEST_PORT):
            if port not in taken and is_free(port):
                (folder / "port").write_text(str(port))
                return
        raise Problem(f"no loopback port is free from {self._first_port} on")

    def _start(self, name: str, folder: Path) -> None:
        port = int((folder / "port").read_text())
        if not is_free(port):
            raise Problem(
                f"port {port}, where cluster {name} has its API server, is used by another program:"
                " end that, or discard the target with `make down`"
            )
        log = folder / "kube-apiserver.log"
        process = spawn(self._command(name, folder, port), log=log)
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        wait_until(
            lambda: answers(f"{_endpoint(folder)}/readyz", context),
            seconds=_START_SECONDS,
            what=f"the API server of cluster {name} (log: {log})",
            alive=lambda: process.poll() is None,
        )
        self._running[name] = process
        self._apis[name] = KubernetesApi(
            _endpoint(folder),
            ca_file=str(folder / "ca.crt"),
            cert_file=str(folder / "admin.crt"),
            key_file=str(folder / "admin.key"),
        )
        _write_kubeconfig(name, folder)

    def _command(self, name: str, folder: Path, port: int) -> list[str]:
        return [
            str(self._apiserver),
            f"--etcd-servers={self._etcd}",
            f"--etcd-prefix=/{name}-{_generation(folder)}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={port}",
            f"--tls-cert-file={folder / 'server.crt'}",
            f"--tls-private-key-file={folder / 'server.key'}",
            f"--client-ca-file={folder / 'ca.crt'}",
            f"--service-account-key-file={folder / 'tokens.pub'}",
            f"--service-account-signing-key-file={folder / 'tokens.key'}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            "--service-cluster-ip-range=10.96.0.0/16",
            # 127.0.0.1 is no valid endpoint of the `kubernetes` Service.
            "--endpoint-reconciler-type=none",
        ]


def _endpoint(folder: Path) -> str:
    return f"https://127.0.0.1:{(folder / 'port').read_text()}"


def _generation(folder: Path) -> int:
    path = folder / "generation"
    return int(path.read_text()) if path.exists() else 0


def _write_kubeconfig(name: str, folder: Path) -> None:
    """An administrator's kubeconfig for one cluster, in its folder."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [
            {
                "name": name,
                "cluster": {"server": _endpoint(folder), "certificate-authority": str(folder / "ca.crt")},
            }
        ],
        "users": [
            {
                "name": name,
                "user": {
                    "client-certificate": str(folder / "admin.crt"),
                    "client-key": str(folder / "admin.key"),
                },
            }
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))


def merged_kubeconfig(root: Path, current: str) -> dict[str, object]:
    """One kubeconfig with a context for every cluster under `root`; `current` is chosen if it exists."""
    configs = [yaml.safe_load(path.read_text()) for path in sorted(root.glob("*/kubeconfig"))]
    names = [config["current-context"] for config in configs]
    chosen = current if current in names else (names[0] if names else "")
    merged = {key: [config[key][0] for config in configs] for key in ("clusters", "users", "contexts")}
    return {"apiVersion": "v1", "kind": "Config", "current-context": chosen, **merged}


def describe(root: Path) -> list[str]:
    """One line a cluster: name and address."""
    return [f"{path.parent.name} at {_endpoint(path.parent)}" for path in sorted(root.glob("*/port"))]
