"""Command lines written in Python, each in a virtual environment of its own in the cache.

A tool that pins many packages would hold back the program's own: its lock file lies beside the
Go modules, in `tools/<name>/requirements.lock`, and no other environment ever sees it.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.processes import Problem

# The environment moves once, from its scratch folder into place: its own scripts would still name
# the scratch folder, while its interpreter finds what lies beside it.
_CALLER = """#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/environment/bin/python" -m {module} "$@"
"""


@dataclass(frozen=True)
class PythonTool:
    """One package, its exact dependencies, and the command of the same name."""

    name: str
    folder: Path
    version: str

    @property
    def binaries(self) -> Mapping[str, str]:
        """File name -> the module that it runs: that of the request's `# module:`, else `main`."""
        request = self.folder / "requirements.in"
        text = request.read_text() if request.exists() else ""
        named = re.search(r"^# module: (\S+)$", text, re.MULTILINE)
        return {self.name: named.group(1) if named else f"{self.name}.main"}

    @property
    def parts(self) -> tuple[str, ...]:
        """Everything that it is called by."""
        return tuple(self.binaries)

    @property
    def lock(self) -> Path:
        return self.folder / "requirements.lock"

    def digest(self) -> str:
        """Changes whenever the environment would hold something else."""
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        parts = (self.lock.read_bytes(), python.encode(), _CALLER.encode())
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def load(folder: Path) -> dict[str, PythonTool]:
    """The tools below `folder` that have a lock file, by name."""
    locks = sorted(folder.glob("*/requirements.lock"))
    return {lock.parent.name: _tool(lock) for lock in locks}


def _tool(lock: Path) -> PythonTool:
    name = lock.parent.name
    found = re.search(rf"^{re.escape(name)}==(\S+)", lock.read_text(), re.MULTILINE)
    if not found:
        raise Problem(f"{lock} does not pin {name}")
    return PythonTool(name=name, folder=lock.parent, version=found.group(1))


def install(tool: PythonTool, home: Path, report: Callable[[str], None]) -> None:
    """Make the environment and put it in place whole.

    Raises:
        Problem: a package cannot be had; the message ends with the installer's last lines.
    """
    partial = home.with_name(f"{home.name}.partial")
    start = time.monotonic()
    report(f"{tool.name} {tool.version}: installing into an environment of its own, once")
    environment = partial / "environment"
    pip = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        _run(tool, [sys.executable, "-m", "venv", str(environment)])
        _run(tool, [*pip, "--require-hashes", "-r", str(tool.lock)])
    except Problem:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    for binary, module in tool.binaries.items():
        caller = partial / binary
        caller.write_text(_CALLER.format(module=module))
        caller.chmod(0o755)
    partial.replace(home)
    report(f"{tool.name} {tool.version}: installed in {time.monotonic() - start:.0f} s")


def _run(tool: PythonTool, command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        last = "\n  ".join(done.stdout.strip().splitlines()[-5:])
        raise Problem(f"installing {tool.name} {tool.version} failed:\n  {last}")
