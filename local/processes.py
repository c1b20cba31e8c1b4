"""Child processes that never outlive their parent, and locks that never outlive their holder."""

import fcntl
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")


class Problem(Exception):
    """Something the user can act on; the message says what and how.

    `usage` marks wrong usage or settings, which end with status 2 instead of 1.
    """

    def __init__(self, message: str, *, usage: bool = False) -> None:
        super().__init__(message)
        self.usage = usage


def spawn(command: Sequence[str], *, log: Path) -> subprocess.Popen[bytes]:
    """Start a child that the kernel ends with its parent; its output goes to `log`."""
    with log.open("ab") as output:
        # By way of a small program of its own: running Python between fork and exec may
        # deadlock in a process that has threads.
        return subprocess.Popen(
            [sys.executable, "-S", "-E", str(_LEASH), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
        )


def stop(process: subprocess.Popen[bytes], *, seconds: float = 10.0) -> None:
    """Ask a child to end, and end it when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_running(pid: int, marker: str) -> bool:
    """Whether `pid` is a live process whose command line holds `marker` (ids are used again)."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return marker in command and state != "Z"


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str, alive: Callable[[], bool]) -> None:
    """Poll until `ready`; `alive` tells an early death from a slow start.

    Raises:
        Problem: dead, or not ready in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        if not alive():
            raise Problem(f"{what} ended while it was starting")
        time.sleep(0.05)
    raise Problem(f"{what} was not ready after {seconds:.0f} s")


def answers(url: str, context: ssl.SSLContext | None = None) -> bool:
    """Whether a GET of `url` on loopback is answered with 200."""
    try:
        with urllib.request.urlopen(url, context=context, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@contextmanager
def locked(path: Path, *, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the kernel frees it when the holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def busy(path: Path) -> Iterator[None]:
    """Share the lock on `path` with others that are busy; `locked` waits for all of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


def is_free(port: int) -> bool:
    """Whether nothing listens on the loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
