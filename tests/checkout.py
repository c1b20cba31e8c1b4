"""A copy of this checkout with a target of its own, driven as a user drives it."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 600
# Compiled modules come along: each copy would compile them anew.
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", "rendered", "tests", "docs")


@dataclass
class Checkout:
    """The copy at `path`; `down` must be called when it has served."""

    path: Path
    context: str = ""
    """That of `kubectl`, such as `axiom-prod`; none is the one of the stack that was made last."""
    checkpoints: bool = False
    """Whether the engine writes its state at each step, as it does for users: two thirds of an update's time.

    Without them a killed update leaves no trace, and one that ends is the same.
    """
    _environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def copy_to(cls, path: Path) -> "Checkout":
        """Copy the program, its settings and its tools table to `path`."""
        shutil.copytree(ROOT, path, ignore=_LEFT_OUT)
        return cls(path)

    def local(self, command: str, *arguments: str, expect: int = 0) -> str:
        """Run `python -m local COMMAND` and return all it printed; the status must be `expect`."""
        done = subprocess.run(
            self.command(command, *arguments),
            cwd=self.path,
            env={**os.environ, **self._pace()},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == expect, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def command(self, command: str, *arguments: str) -> list[str]:
        """The command line of `python -m local COMMAND`, as the Makefile types it."""
        on_stack = command in ("up", "preview", "env")
        secrets = ("--secrets-command", f"{sys.executable} -m render.secrets") if on_stack else ()
        return [sys.executable, "-m", "local", command, *secrets, *arguments]

    def pulumi(self, *arguments: str, expect: int = 0) -> str:
        """Run plain `pulumi` as after `eval "$(make -s env)"`."""
        return self._plain("pulumi", *arguments, expect=expect)

    def kubectl(self, *arguments: str, expect: int = 0) -> str:
        """Run plain `kubectl` as after `eval "$(make -s env)"`."""
        where = ("--context", self.context) if self.context else ()
        return self._plain("kubectl", *where, *arguments, expect=expect)

    def shell(self, line: str, expect: int = 0) -> str:
        """Run a line as it is printed for a user to type."""
        return self._plain(*shlex.split(line), expect=expect)

    def state(self, stack: str) -> Mapping[str, Any]:
        """The stack's state."""
        return dict(json.loads(self.pulumi("stack", "export", "--stack", stack))["deployment"])

    def environment(self) -> dict[str, str]:
        """What `make -s env` prints, applied."""
        if not self._environment:
            script = f'eval "$({" ".join(map(repr, self.command("env")))})" && env -0'
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.path,
                capture_output=True,
                text=True,
                errors="replace",
                check=True,
            )
            pairs = (line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)
            self._environment = dict(pairs)
        return self._environment

    def _pace(self) -> Mapping[str, str]:
        return {} if self.checkpoints else {"PULUMI_SKIP_CHECKPOINTS": "true"}

    def _plain(self, program: str, *arguments: str, expect: int) -> str:
        environment = self.environment()
        done = subprocess.run(
            [shutil.which(program, path=environment["PATH"]) or program, *arguments],
            cwd=self.path,
            env={**os.environ, **environment, **self._pace()},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == expect, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr
