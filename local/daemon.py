"""The one background process of a target: etcd, the stand-in providers, the language host.

Started by :mod:`local.target`. It writes `ready.json` once everything answers, ends its
children when it ends, and ends itself after long idleness.
"""

import argparse
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2_grpc, provider_pb2_grpc

from local.clusters import Clusters
from local.layout import TargetLayout
from local.plugins.aws import AwsBackend
from local.plugins.backend import Backend
from local.plugins.charts import Charts
from local.plugins.grafana import GrafanaBackend
from local.plugins.kubernetes import KubernetesBackend
from local.plugins.language import LanguageHost
from local.plugins.passwords import RandomBackend
from local.plugins.releases import Releases
from local.plugins.servicer import ProviderServicer
from local.processes import answers, free_port, spawn, stop, wait_until

_THREADS = 32
_ETCD_SECONDS = 30.0
_IDLE_SECONDS = 8 * 3600.0
_LARGEST_MESSAGE = 64 * 1024 * 1024


class Activity(grpc.ServerInterceptor):  # type: ignore[misc]  # gRPC is untyped
    """Notes when the engine last asked for anything."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        self.last = time.monotonic()
        return continuation(details)


def main() -> None:
    """Serve until a signal or until nobody has asked for anything for hours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--first-port", type=int, required=True)
    arguments = parser.parse_args()
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    _serve(TargetLayout(arguments.target), arguments.tools, arguments.first_port, ended)


def _serve(layout: TargetLayout, tools: Path, first_port: int, ended: Event) -> None:
    etcd, etcd_url = _start_etcd(layout, tools)
    clusters = Clusters(
        layout.clusters, apiserver=tools / "kube-apiserver", etcd=etcd_url, first_port=first_port
    )
    activity = Activity()
    servers: list[grpc.Server] = []
    try:
        clusters.resume()
        servers += _serve_plugins(layout, clusters, activity, Charts(tools))
        while not ended.wait(1.0):
            if etcd.poll() is not None or time.monotonic() - activity.last > _IDLE_SECONDS:
                break
    finally:
        layout.ready.unlink(missing_ok=True)
        for server in servers:
            server.stop(1.0)
        clusters.stop()
        stop(etcd)


def _start_etcd(layout: TargetLayout, tools: Path) -> tuple[subprocess.Popen[bytes], str]:
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    command = [
        str(tools / "etcd"),
        "--name=embedded",
        f"--data-dir={layout.etcd}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        # A second start finds its member under another peer address: a cluster of one follows.
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=embedded={peer}",
        # A target is thrown away, never recovered after a power cut.
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]
    process = spawn(command, log=layout.log("etcd"))
    wait_until(
        lambda: answers(f"{client}/health"),
        seconds=_ETCD_SECONDS,
        what=f"etcd (log: {layout.log('etcd')})",
        alive=lambda: process.poll() is None,
    )
    return process, client


def _serve_plugins(
    layout: TargetLayout, clusters: Clusters, activity: Activity, charts: Charts
) -> list[grpc.Server]:
    releases = Releases(layout.records / "helm")
    backends: tuple[Backend, ...] = (
        KubernetesBackend(clusters, version("pulumi-kubernetes"), releases, charts),
        AwsBackend(layout.records / "aws", clusters),
        GrafanaBackend(layout.records / "grafana"),
        RandomBackend(),
    )
    servers, providers = [], {}
    for backend in backends:
        server, port = _server(activity)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(ProviderServicer(backend), server)
        providers[backend.name] = port
        servers.append(server)
    server, language = _server(activity)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(version("pulumi")), server)
    servers.append(server)
    for server in servers:
        server.start()
    _write_ready(layout, {"pid": os.getpid(), "providers": providers, "language": language})
    return servers


def _server(activity: Activity) -> tuple[grpc.Server, int]:
    server = grpc.server(
        ThreadPoolExecutor(_THREADS),
        interceptors=[activity],
        options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE)],
    )
    return server, server.add_insecure_port("127.0.0.1:0")


def _write_ready(layout: TargetLayout, ready: dict[str, Any]) -> None:
    partial = layout.ready.with_suffix(".tmp")
    partial.write_text(json.dumps(ready))
    partial.replace(layout.ready)


if __name__ == "__main__":
    main()
