"""Finds the pinned tools, or makes them once: Go modules are built, Python packages installed.

Of some modules only files are wanted; these are copied.

A Go tool on PATH whose version fits (same major and minor) is used as it is. Any other is made
in a scratch folder of the cache and moved into place whole, so an interruption leaves nothing
half-made.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local import pythontool
from local.gotoolchain import go_command
from local.layout import cache_root
from local.processes import Problem, locked
from local.pythontool import PythonTool

# A third build at once only makes all of them slower on two cores.
_BUILDS_AT_ONCE = 2
_PROGRESS_SECONDS = 20.0
_NEEDED_GIBIBYTES = 6
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
Report = Callable[[str], None]


@dataclass(frozen=True)
class Tool:
    """One Go module, the binaries made of it, and the folders taken from it."""

    name: str
    folder: Path
    module: str
    version: str
    binaries: Mapping[str, str]
    variables: Mapping[str, str]
    tags: tuple[str, ...]
    show: tuple[str, ...]
    folders: Mapping[str, str]
    """Name -> folder of the module."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Everything that it is called by."""
        return (*self.binaries, *self.folders)

    def link_flags(self) -> str:
        """Flags of the linker: stripped, with the version where the tool looks for it."""
        values = (f"-X {key}={text.format(version=self.version)}" for key, text in self.variables.items())
        return " ".join(["-s", "-w", *values])

    def digest(self) -> str:
        """Changes whenever the build would give something else."""
        sources = sorted(self.folder.glob("*.go"))
        parts = [path.read_bytes() for path in (self.folder / "go.mod", self.folder / "go.sum", *sources)]
        parts.append(repr((self.link_flags(), self.tags, sorted(self.binaries.items()))).encode())
        if self.folders:
            parts.append(repr(sorted(self.folders.items())).encode())
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def load(folder: Path) -> dict[str, Tool | PythonTool]:
    """The tools that `folder/tools.yaml` lists and those with a lock file, by name."""
    table = yaml.safe_load((folder / "tools.yaml").read_text())
    built = {name: _tool(name, folder / name, entry) for name, entry in table.items()}
    return {**built, **pythontool.load(folder)}


def _tool(name: str, folder: Path, entry: Mapping[str, Any]) -> Tool:
    module = re.escape(entry["module"])
    found = re.search(rf"^(?:require)?\s*{module} (v\S+)", (folder / "go.mod").read_text(), re.MULTILINE)
    if not found:
        raise Problem(f"{folder / 'go.mod'} does not require {entry['module']}")
    return Tool(
        name=name,
        folder=folder,
        module=entry["module"],
        version=_released(entry["module"], found.group(1)),
        binaries=entry.get("binaries", {}),
        folders=entry.get("folders", {}),
        variables=entry.get("variables", {}),
        tags=tuple(entry.get("tags", ())),
        show=tuple(entry.get("show", ())),
    )


def _released(module: str, version: str) -> str:
    """The released version: Prometheus 3.16.0 is version 0.316.0 of its module."""
    bare = version.removeprefix("v")
    renumbered = re.fullmatch(r"0\.(\d)(\d\d)\.(\d+)", bare)
    if module.endswith("/prometheus") and renumbered:
        major, minor, patch = renumbered.groups()
        return f"{major}.{int(minor)}.{patch}"
    return bare


def ensure(tools: Iterable[Tool | PythonTool], report: Report) -> Path:
    """A folder in which every part of `tools` is found by its name; makes what is missing.

    Raises:
        Problem: a build or an installation failed; the message ends with its last lines.
    """
    wanted = list(tools)
    root = cache_root() / "tools"
    homes = {
        tool.name: _on_path(tool) or root / f"{tool.name}-{tool.version}-{tool.digest()}" for tool in wanted
    }
    missing = [tool for tool in wanted if not _complete(tool, homes[tool.name])]
    if missing:
        with locked(root / "build.lock", waiting=lambda: report("waiting for another build of the tools")):
            _make_all([tool for tool in missing if not _complete(tool, homes[tool.name])], homes, report)
    return _linked(root, {part: homes[tool.name] / part for tool in wanted for part in tool.parts})


def _complete(tool: Tool | PythonTool, home: Path) -> bool:
    return all(os.access(home / part, os.X_OK) for part in tool.parts)


def _on_path(tool: Tool | PythonTool) -> Path | None:
    """The folder on PATH that holds every binary of a Go tool in a fitting version; none holds files."""
    if isinstance(tool, PythonTool) or tool.folders:
        return None
    first = shutil.which(next(iter(tool.binaries)))
    if not first:
        return None
    home = Path(first).resolve().parent
    fits = _complete(tool, home) and all(_fits(tool, home / binary) for binary in tool.binaries)
    return home if fits else None


def _fits(tool: Tool, binary: Path) -> bool:
    arguments = ("version", "--client") if binary.name == "kubectl" else tool.show
    try:
        shown = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    found = _VERSION.search(shown.stdout + shown.stderr)
    pinned = _VERSION.search(tool.version)
    return bool(found and pinned and found.groups()[:2] == pinned.groups()[:2])


def _make_all(tools: list[Tool | PythonTool], homes: Mapping[str, Path], report: Report) -> None:
    for left_over in (cache_root() / "tools").glob("*.partial"):
        shutil.rmtree(left_over)
    _build_all([tool for tool in tools if isinstance(tool, Tool)], homes, report)
    for tool in tools:
        if isinstance(tool, PythonTool):
            pythontool.install(tool, homes[tool.name], report)


def _build_all(tools: list[Tool], homes: Mapping[str, Path], report: Report) -> None:
    if not tools:
        return
    root = cache_root() / "tools"
    free = shutil.disk_usage(root).free / 2**30
    if free < _NEEDED_GIBIBYTES:
        raise Problem(
            f"building {', '.join(tool.name for tool in tools)} needs about {_NEEDED_GIBIBYTES} GiB and"
            f" {free:.1f} GiB are free under {root}: free some, or set EMBEDDED_CACHE to another disk"
        )
    go = go_command(report)
    failed = threading.Event()
    with ThreadPoolExecutor(_BUILDS_AT_ONCE) as pool:
        builds = [pool.submit(_build, tool, homes[tool.name], go, report, failed) for tool in tools]
        for build in builds:
            build.result()


def _build(tool: Tool, home: Path, go: str, report: Report, failed: threading.Event) -> None:
    if failed.is_set():
        return
    partial = home.with_name(f"{home.name}.partial")
    partial.mkdir(parents=True)
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    start = time.monotonic()
    if tool.folders:
        _copy_folders(tool, partial, go, environment)
    if tool.binaries:
        report(f"{tool.name} {tool.version}: building from its Go module, once")
    for binary, package in tool.binaries.items():
        command = [go, "build", "-trimpath", "-tags", ",".join(tool.tags), "-ldflags", tool.link_flags()]
        process = subprocess.Popen(
            [*command, "-o", str(partial / binary), package],
            cwd=tool.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = _wait(process, tool, start, report)
        if process.returncode != 0:
            failed.set()
            shutil.rmtree(partial)
            last = "\n  ".join(output.strip().splitlines()[-5:])
            raise Problem(f"building {binary} {tool.version} failed:\n  {last}")
    partial.replace(home)
    report(f"{tool.name} {tool.version}: made in {time.monotonic() - start:.0f} s")


def _copy_folders(tool: Tool, target: Path, go: str, environment: Mapping[str, str]) -> None:
    """Copy what is taken from the module, once its checksum is found right."""
    command = [go, "mod", "download", "-json", tool.module]
    done = subprocess.run(
        command, cwd=tool.folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        shutil.rmtree(target)
        raise Problem(f"downloading {tool.module} failed:\n  {(done.stdout + done.stderr).strip()}")
    module = Path(json.loads(done.stdout)["Dir"])
    for name, folder in tool.folders.items():
        (target / name).mkdir()
        for file in (module / folder).iterdir():
            # Its mode stays behind: nothing in the cache of modules may be written.
            shutil.copyfile(file, target / name / file.name)


def _wait(process: subprocess.Popen[str], tool: Tool, start: float, report: Report) -> str:
    """Wait for a build, saying now and then that it goes on; returns what it printed."""
    while True:
        try:
            return process.communicate(timeout=_PROGRESS_SECONDS)[0]
        except subprocess.TimeoutExpired:
            report(f"{tool.name} {tool.version}: building, {time.monotonic() - start:.0f} s so far")


def _linked(root: Path, parts: Mapping[str, Path]) -> Path:
    """A folder of links to exactly these parts of tools, named by what it holds."""
    listing = "\n".join(f"{name} {path}" for name, path in sorted(parts.items()))
    folder = root / f"bin-{hashlib.sha256(listing.encode()).hexdigest()[:12]}"
    with locked(root / "links.lock"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in parts.items():
            link = folder / name
            if not link.is_symlink() or link.readlink() != path:
                link.unlink(missing_ok=True)
                link.symlink_to(path)
    return folder
