"""Starting, finding and discarding the target of a checkout."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.clusters import describe, merged_kubeconfig
from local.layout import TargetLayout
from local.processes import Problem, is_running, locked, wait_until

_START_SECONDS = 180.0
_STOP_SECONDS = 30.0
_MODULE = "local.daemon"
FIRST_PORT = 26443
PASSPHRASE = "embedded"  # noqa: S105 - protects nothing: the state is thrown away
_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Target:
    """A running target."""

    layout: TargetLayout
    providers: dict[str, int]
    language: int

    def environment(self, tools: Path) -> dict[str, str]:
        """Variables with which `pulumi` and `kubectl` work against this target."""
        attached = ",".join(f"{name}:{port}" for name, port in sorted(self.providers.items()))
        return {
            "PULUMI_HOME": str(self.layout.home),
            "PULUMI_BACKEND_URL": f"file://{self.layout.state}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_PROVIDERS": attached,
            "PULUMI_DEBUG_LANGUAGES": f"python:{self.language}",
            "KUBECONFIG": str(self.layout.kubeconfig),
            "PATH": f"{self.layout.bin}:{tools}:{os.environ.get('PATH', '')}",
        }


def running(layout: TargetLayout) -> Target | None:
    """The target at `layout`, if it runs."""
    ready = _ready(layout)
    if not ready or not is_running(int(ready["pid"]), _MODULE):
        return None
    return Target(layout, ready["providers"], ready["language"])


def ensure(layout: TargetLayout, tools: Path, *, first_port: int = FIRST_PORT) -> Target:
    """The running target at `layout`, started on what an earlier one left if need be.

    Raises:
        Problem: it does not start; the message ends with the last lines of its log.
    """
    with locked(layout.lock):
        found = running(layout)
        if found:
            return found
        for folder in (layout.state, layout.home, layout.project, layout.bin, layout.clusters):
            folder.mkdir(parents=True, exist_ok=True)
        # Else the engine packs and encrypts each of its inner messages into a file there: half of its time.
        (layout.home / "logs").touch()
        _start(layout, tools, first_port)
        started = running(layout)
        assert started is not None
        return started


def _start(layout: TargetLayout, tools: Path, first_port: int) -> None:
    log = layout.log("daemon")
    command = [sys.executable, "-m", _MODULE, f"--target={layout.root}", f"--tools={tools}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"--first-port={first_port}"],
            cwd=_HERE,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(
            layout.ready.exists,
            seconds=_START_SECONDS,
            what="the embedded target",
            alive=lambda: process.poll() is None,
        )
    except Problem as problem:
        last = log.read_text(errors="replace").strip().splitlines()[-3:]
        raise Problem("\n  ".join([f"{problem} (log: {log})", *last])) from None


def discard(layout: TargetLayout) -> bool:
    """Stop the target and delete all that it kept; False if there was nothing."""
    with locked(layout.lock):
        existed = layout.root.exists()
        ready = _ready(layout)
        if ready and is_running(int(ready["pid"]), _MODULE):
            _end(int(ready["pid"]))
        if existed:
            shutil.rmtree(layout.root)
    layout.lock.unlink(missing_ok=True)
    return existed


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    while is_running(pid, _MODULE) and time.monotonic() < end:
        time.sleep(0.05)
    if is_running(pid, _MODULE):
        # Its children go with it: the kernel sees to that.
        os.kill(pid, signal.SIGKILL)


def write_kubeconfig(layout: TargetLayout, current: str) -> None:
    """Renew the kubeconfig: a context for every cluster, `current` chosen."""
    partial = layout.kubeconfig.with_suffix(".tmp")
    partial.write_text(yaml.safe_dump(merged_kubeconfig(layout.clusters, current)))
    partial.chmod(0o600)
    partial.replace(layout.kubeconfig)


def status(layout: TargetLayout) -> list[str]:
    """What runs and what is kept, a line each."""
    found = running(layout)
    if not found:
        kept = "; its state is kept and the next command resumes it" if layout.root.exists() else ""
        return [f"not running{kept}"]
    lines = [f"running: process {_ready(layout)['pid']}, files in {layout.root}"]
    return lines + [f"  cluster {line}" for line in describe(layout.clusters)]


def _ready(layout: TargetLayout) -> dict[str, Any]:
    try:
        return dict(json.loads(layout.ready.read_text()))
    except FileNotFoundError:
        return {}
