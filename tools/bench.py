"""The project's own performance table: medians of five in one run, on a target of its own.

A preview of prod and a preview of an empty program are timed by turns; their difference is what
the program's resources cost, without what any command costs. What its rules cost a Prometheus
is measured once the target is gone.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.processes import Problem
from tools import rule_cost

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5
STACK = "prod"
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "rendered", "tests")
_QUIET = ("--non-interactive", "--suppress-permalink")


@dataclass(frozen=True)
class Bench:
    """A copy of the checkout with its environment."""

    checkout: Path
    environment: dict[str, str]

    def pulumi(self, *arguments: str) -> None:
        """Run pulumi in the copy; its output is not wanted."""
        program = shutil.which("pulumi", path=self.environment["PATH"])
        assert program is not None
        done = subprocess.run(
            [program, *arguments], cwd=self.checkout, env=self.environment, capture_output=True, check=False
        )
        if done.returncode != 0:
            sys.exit((done.stdout + done.stderr).decode())


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        checkout = Path(folder) / "checkout"
        shutil.copytree(ROOT, checkout, ignore=_LEFT_OUT)
        try:
            rows = _measured(checkout)
        finally:
            _local(checkout, "down")
    for line in _table(*rows, *(row for tier in rule_cost.TIERS for row in _rules(tier))):
        print(line, flush=True)


def _rules(tier: str) -> Iterable[Sequence[str]]:
    try:
        return rule_cost.rows(rule_cost.measured(tier, rule_cost.progress))
    except Problem as problem:
        # The other figures took minutes.
        return [(f"rules of {STACK} at {tier}", str(problem), "")]


def _measured(checkout: Path) -> list[Sequence[str]]:
    first = _timed(lambda: _local(checkout, "up", "--stack", STACK))
    bench = Bench(checkout, {**os.environ, **_environment(checkout)})
    resources = _resource_count(bench)
    program = checkout / "__main__.py"
    whole = program.read_text()
    full, empty = [], []
    for _ in range(RUNS):
        full.append(_timed(lambda: bench.pulumi("preview", "--stack", STACK, *_QUIET)))
        program.write_text("")
        empty.append(_timed(lambda: bench.pulumi("preview", "--stack", "dev", *_QUIET)))
        program.write_text(whole)
    with _Peak() as peak:
        again = [
            _timed(lambda: bench.pulumi("up", "--yes", "--skip-preview", "--stack", STACK, *_QUIET))
            for _ in range(RUNS)
        ]
    rendered = [_timed(lambda: _render(checkout)) for _ in range(RUNS)]
    base = statistics.median(empty)
    each = (statistics.median(full) - base) / resources * 1000
    again_each = (statistics.median(again) - base) / resources * 1000
    return [
        ("resources of prod", f"{resources}", ""),
        ("preview of prod, a resource", f"{each:.1f} ms", "at most 20, aim 12"),
        ("`up` without a change, a resource", f"{again_each:.1f} ms", ""),
        ("preview of prod", _seconds(full), ""),
        ("preview of an empty program", _seconds(empty), ""),
        ("`up` without a change", _seconds(again), ""),
        ("first `up`, nothing running", f"{first:.2f} s", "about 45"),
        ("peak memory of CLI and program", f"{peak.mebibytes:.0f} MiB", ""),
        ("render of prod", _seconds(rendered), "under 3"),
    ]


def _table(*rows: Sequence[str]) -> list[str]:
    head = ("what", f"median of {RUNS} (lowest to highest)", "bar")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(3)]
    written = ["| " + " | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) + " |"
               for row in (head, *rows)]  # fmt: skip
    return [written[0], "| " + " | ".join("-" * width for width in widths) + " |", *written[1:]]


def _seconds(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f})"


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _local(checkout: Path, command: str, *arguments: str) -> str:
    secrets = ["--secrets-command", f"{sys.executable} -m render.secrets"] if command in ("up", "env") else []
    done = subprocess.run(
        [sys.executable, "-m", "local", command, *secrets, *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


def _environment(checkout: Path) -> dict[str, str]:
    exports = _local(checkout, "env", "--stack", STACK)
    shown = subprocess.run(
        ["bash", "-c", f"{exports}\nenv -0"], capture_output=True, text=True, check=True
    ).stdout
    return dict(line.split("=", 1) for line in shown.split("\0") if "=" in line)


def _resource_count(bench: Bench) -> int:
    program = shutil.which("pulumi", path=bench.environment["PATH"])
    assert program is not None
    exported = subprocess.run(
        [program, "stack", "export", "--stack", STACK],
        cwd=bench.checkout,
        env=bench.environment,
        capture_output=True,
        check=True,
    ).stdout
    return len(json.loads(exported)["deployment"]["resources"])


def _render(checkout: Path) -> None:
    command = [sys.executable, "-m", "render", "--stack", STACK, "--out", str(checkout / "out")]
    subprocess.run(command, cwd=checkout, capture_output=True, check=True)


class _Peak:
    """The highest sum of memory of the engine's processes while it is open."""

    mebibytes = 0.0

    def __enter__(self) -> "_Peak":
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            total = sum(_resident(folder) for folder in Path("/proc").glob("[0-9]*"))
            self.mebibytes = max(self.mebibytes, total / 1024)


def _resident(folder: Path) -> int:
    """Resident KiB of a process of the engine; 0 for any other."""
    try:
        command = (folder / "cmdline").read_bytes()
        if b"plugins/runner.py" not in command and b"/pulumi\0" not in command:
            return 0
        lines = (folder / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


if __name__ == "__main__":
    main()
