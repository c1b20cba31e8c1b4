"""An engine that dies in the middle of an update, and the command that goes on."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from checkout import Checkout

MOMENTS = [pytest.param(seconds, marks=[] if seconds == 3.0 else pytest.mark.long)
           for seconds in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)]  # fmt: skip


@pytest.mark.parametrize("seconds", MOMENTS)
def test_the_next_up_takes_over_where_a_killed_one_stopped(checkout: Checkout, seconds: float) -> None:
    """The lock is cleared, what exists is taken over, and nothing is left to do."""
    checkout.local("down")
    checkout.local("env")
    process = subprocess.Popen(
        checkout.command("up", "--stack", "dev"),
        cwd=checkout.path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    engine = _wait_for_engine(process.pid)
    time.sleep(seconds)
    os.kill(engine, signal.SIGKILL)
    process.wait()
    resumed = checkout.local("up", "--stack", "dev")
    assert re.search(r"cleared the lock of process \d+|unchanged", resumed), resumed
    again = checkout.local("up", "--stack", "dev")
    assert " unchanged" in again
    assert " created" not in again
    assert not checkout.state("dev").get("pending_operations")


def test_a_living_engine_keeps_its_lock(checkout: Checkout) -> None:
    """A second update of the same stack is refused while the first one works."""
    process = subprocess.Popen(
        checkout.command("up", "--stack", "staging"),
        cwd=checkout.path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _wait_for_engine(process.pid)
    time.sleep(1.0)
    seen = checkout.local("up", "--stack", "staging", expect=1)
    assert "is being worked on by process" in seen
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.wait()


def _wait_for_engine(parent: int) -> int:
    """The process id of the `pulumi up` below `parent`."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                above = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if above == parent and b"up" in words and words[0].endswith(b"pulumi"):
                return int(folder.name)
        time.sleep(0.02)
    raise AssertionError("no engine was started")
