"""A planned server run for real on this machine, with its files laid out as its pod mounts them.

Every mount path of the workload becomes a folder below a temporary one, in arguments and files
alike: a server that looks for a file elsewhere than it is mounted does not start. It runs with
a pod's environment and nothing of this machine's, on loopback.
"""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.settings import load
from local.processes import free_port, spawn, stop
from model.container import HostMount, HttpProbe
from model.plan import build_plan
from model.slices import ObservabilityPlan
from model.spec import WorkloadSpec

ENVIRONMENTS = ("dev", "staging", "prod")
BINARIES = {
    "alertmanager": "alertmanager",
    "blackbox-exporter": "blackbox_exporter",
    "cloudwatch-exporter": "yace",
    "kube-state-metrics": "kube-state-metrics",
    "loki": "loki",
    "node-exporter": "node_exporter",
    "otel-collector": "otelcol",
    "prometheus": "prometheus",
}
_LOOPBACK = "127.0.0.1"
_ADDRESS = "127.0.0.1:{%s}"
# Where each listens: flags that take the place of the plan's, with its ports by their names.
LISTEN: Mapping[str, Mapping[str, str]] = {
    "alertmanager": {
        "--web.listen-address": _ADDRESS % "http",
        "--cluster.listen-address": _ADDRESS % "gossip-tcp",
        "--cluster.advertise-address": _ADDRESS % "gossip-tcp",
        "--cluster.peer": _ADDRESS % "gossip-tcp",
    },
    "blackbox-exporter": {"--web.listen-address": _ADDRESS % "http"},
    "cloudwatch-exporter": {"--listen-address": _ADDRESS % "http"},
    "kube-state-metrics": {
        "--host": _LOOPBACK,
        "--port": "{metrics}",
        "--telemetry-host": _LOOPBACK,
        "--telemetry-port": "{telemetry}",
    },
    "loki": {
        "-server.http-listen-address": _LOOPBACK,
        "-server.http-listen-port": "{http}",
        "-server.grpc-listen-address": _LOOPBACK,
        "-server.grpc-listen-port": "{grpc}",
    },
    "node-exporter": {"--web.listen-address": _ADDRESS % "metrics"},
    "otel-collector": {
        "--set=receivers.otlp.protocols.grpc.endpoint": _ADDRESS % "otlp-grpc",
        "--set=receivers.otlp.protocols.http.endpoint": _ADDRESS % "otlp-http",
        "--set=extensions.health_check.endpoint": _ADDRESS % "health",
        "--set=service.telemetry.metrics.readers": (
            "[{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {metrics}" + "}}" * 4 + "]"
        ),
    },
    "prometheus": {"--web.listen-address": _ADDRESS % "http"},
}
# What a downward field gives here.
_POD = {"status.podIP": _LOOPBACK, "spec.nodeName": "node"}
# For servers that don't start without credentials; and no service of AWS where a client would look for it.
NOBODY = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}
_NO_CLOUD = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": f"https://{_LOOPBACK}:9"}
_START_SECONDS = 40.0
# Receivers and the like are given as addresses: one where nothing answers.
_SECRET = f"http://{_LOOPBACK}:9/none"


def tool(name: str) -> str:
    """The path of a tool; its absence is a failure, not a reason to skip."""
    found = shutil.which(name, path=f"{os.environ.get('TOOLS_BIN', '')}:{os.environ.get('PATH', '')}")
    assert found, f"{name} is not there: run `make test`, or set TOOLS_BIN to the last line of `make tools`"
    return found


def observability(environment: str, **raw: object) -> ObservabilityPlan:
    """The plan of an environment's monitoring stack, with these settings."""
    return build_plan(load({"neo4j": {"acceptLicense": True}, **raw}, stack=environment)).observability


def workload(name: str, environment: str, **raw: object) -> WorkloadSpec:
    """The planned workload of a server."""
    servers = observability(environment, **raw).servers
    return next(server.workload for server in servers if server.workload.name == name)


@dataclass(frozen=True)
class Pod:
    """A workload's files below `root`, and its command line there."""

    work: WorkloadSpec
    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the node gives it beside what is planned."""

    def lay_out(self) -> None:
        """Write what is mounted, and make what is writable."""
        for mount in self.work.config:
            for file in mount.files:
                self._write(f"{mount.path}/{file.name}", self.local(file.text))
        for secret in self.work.secrets:
            for name in secret.files:
                self._write(f"{secret.path}/{name}", _SECRET)
        for path in self._writable():
            self.path(path).mkdir(parents=True, exist_ok=True)
        for shared in self._shared():
            self.path(shared.mount_path).parent.mkdir(parents=True, exist_ok=True)
            self.path(shared.mount_path).symlink_to(shared.path)

    def path(self, inside: str) -> Path:
        """Where a path of the container is here."""
        return self.root / inside.removeprefix("/")

    def local(self, text: str) -> str:
        """`text` with the mount paths of the container as they are here."""
        mounted = {
            *(mount.path for mount in self.work.config),
            *(mount.path for mount in self.work.secrets),
            *(mount.mount_path for mount in self._shared()),
            *self._writable(),
        }
        # The longest first: a mount may lie within another.
        paths = sorted(mounted, key=len, reverse=True)
        if not paths:
            return text
        anywhere = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, paths))})(?![\w-])")
        return anywhere.sub(lambda found: str(self.path(found.group())), text)

    def command(self, flags: Mapping[str, str]) -> list[str]:
        """The pod's command with its environment alone; `flags` take the place of the plan's."""
        planned = {name: self.local(value) for name, value in self.work.environment.items()}
        environment = {**planned, **self._fields(), **_NO_CLOUD, **self.environment}
        words = [f"{name}={value}" for name, value in environment.items()]
        binary = tool(BINARIES[self.work.name])
        return ["/usr/bin/env", "-i", *words, binary, *self._arguments(flags)]

    def _arguments(self, flags: Mapping[str, str]) -> list[str]:
        found = []
        for written in self.work.args:
            # As the kubelet does.
            expanded = re.sub(r"\$\((\w+)\)", lambda match: self._fields()[match.group(1)], written)
            name, _, value = expanded.partition("=")
            found.append(f"{name}={flags.get(name, self.local(value))}" if value else name)
        named = {written.partition("=")[0] for written in self.work.args}
        return found + [f"{name}={value}" for name, value in flags.items() if name not in named]

    def _fields(self) -> dict[str, str]:
        known = {**_POD, "metadata.name": f"{self.work.name}-0"}
        return {name: known[field] for name, field in self.work.pod_fields.items()}

    def _shared(self) -> tuple[HostMount, ...]:
        return self.work.host.mounts if self.work.host else ()

    def _writable(self) -> list[str]:
        return [*self.work.scratch, *((self.work.claim.path,) if self.work.claim else ())]

    def _write(self, path: str, text: str) -> None:
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text)


@dataclass(frozen=True)
class Running:
    """A server that was started; `ports` are those of its workload by name, as they are here."""

    pod: Pod
    ports: Mapping[str, int]
    process: subprocess.Popen[bytes]
    output: Path

    def url(self, port: str, path: str = "") -> str:
        """The address of a path on a named port."""
        return f"http://{_LOOPBACK}:{self.ports[port]}{path}"

    def text(self, port: str, path: str, body: bytes | None = None, kind: str = "application/json") -> str:
        """What a GET, or a POST, answers as soon as it is a success; an ended server fails."""
        end = time.monotonic() + _START_SECONDS
        request = urllib.request.Request(self.url(port, path), body, {"Content-Type": kind})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=5) as response:
                    return str(response.read().decode())
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"{path} does not answer\n{self.log()[-3000:]}") from None
                time.sleep(0.1)

    def json(self, port: str, path: str) -> Any:
        """The JSON that a GET answers, as soon as it answers with 200."""
        return json.loads(self.text(port, path))

    def log(self) -> str:
        """What it has printed."""
        return self.output.read_text(errors="replace")

    def assert_probes_answer(self) -> None:
        """Each probe of the plan, at its path and port."""
        probes = self.pod.work.probes
        for probe in (probes.startup, probes.readiness, probes.liveness):
            if probe:
                assert isinstance(probe, HttpProbe)
                self.text(probe.port, probe.path)


@contextmanager
def running(pod: Pod, *, flags: Mapping[str, str] | None = None) -> Iterator[Running]:
    """The server of a pod that is laid out, with the plan's arguments and these; ended afterwards."""
    ports = {port.name: free_port() for port in pod.work.ports}
    here = {name: value.format(**ports) for name, value in LISTEN[pod.work.name].items()}
    output = pod.root / "output"
    process = spawn(pod.command({**here, **(flags or {})}), log=output)
    try:
        yield Running(pod, ports, process, output)
    finally:
        stop(process)


def refusal(pod: Pod, *arguments: str) -> str:
    """What the server prints that ends by itself with an error for its arguments."""
    command = [*pod.command({}), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0, f"{arguments} are accepted"
    return done.stdout + done.stderr
