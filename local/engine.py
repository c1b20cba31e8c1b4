"""Runs the real Pulumi CLI on the target: stacks, settings, locks of dead processes, recovery."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.processes import Problem, is_running

Report = Callable[[str], None]


@dataclass(frozen=True)
class Engine:
    """The CLI in one scratch project with one environment."""

    pulumi: Path
    project: Path
    environment: Mapping[str, str]
    state: Path

    def call(self, *arguments: str, stdin: str | None = None) -> str:
        """Run the CLI to its end and return what it printed.

        Raises:
            Problem: it failed; its own words are the message.
        """
        done = subprocess.run(
            [self.pulumi, *arguments],
            cwd=self.project,
            env={**os.environ, **self.environment},
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise Problem(f"pulumi {arguments[0]} failed:\n{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def show(self, *arguments: str) -> int:
        """Run the CLI in front of the user; its exit status."""
        return subprocess.run(
            [self.pulumi, *arguments],
            cwd=self.project,
            env={**os.environ, **self.environment},
            check=False,
        ).returncode

    def has(self, stack: str) -> bool:
        """Whether the backend knows the stack. (The CLI would read every stack, also one being written.)"""
        return any(self.state.glob(f".pulumi/stacks/*/{stack}.json"))

    def create(self, stack: str) -> None:
        """Make the stack."""
        self.call("stack", "init", stack, "--no-select", "--non-interactive")

    def select(self, stack: str) -> None:
        """Make the stack the one that plain commands mean."""
        self.call("stack", "select", stack, "--non-interactive")

    def set_config(self, file: Path, stack: str, settings: Sequence[str]) -> None:
        """Put `path=value` settings into a stack file."""
        pairs = [argument for setting in settings for argument in ("--plaintext", setting)]
        self.call("config", "set-all", "--path", "--stack", stack, "--config-file", str(file), *pairs)

    def set_placeholders(self, file: Path, stack: str, keys: Sequence[str]) -> None:
        """Fill secrets that nobody set with values that name themselves."""
        pairs = [argument for key in keys for argument in ("--secret", f"{key}=placeholder-{key}")]
        self.call("config", "set-all", "--stack", stack, "--config-file", str(file), *pairs)

    def checkpoint(self, stack: str) -> dict[str, Any]:
        """The stack's state as the backend keeps it."""
        exported = json.loads(self.call("stack", "export", "--stack", stack))
        return dict(exported.get("deployment") or {})

    def clear_dead_locks(self, stack: str, report: Report) -> int | None:
        """Take away the locks of engines that are no more; the process of a living one keeps its own.

        Returns:
            The process id of the living engine, if there is one.
        """
        for lock in sorted(self.state.glob(f".pulumi/locks/organization/*/{stack}/*.json")):
            pid = int(json.loads(lock.read_text() or "{}").get("pid", 0))
            if is_running(pid, "pulumi"):
                return pid
            lock.unlink()
            report(f"cleared the lock of process {pid}, which is no more")
        return None

    def mend_checkpoint(self, stack: str, report: Report) -> None:
        """Put the backup in place of a checkpoint that an engine died in the middle of writing.

        The backup is one mutation older: what was being written is still under way in it, and
        `recover` settles that.
        """
        for checkpoint in self.state.glob(f".pulumi/stacks/*/{stack}.json"):
            backup = checkpoint.with_name(f"{checkpoint.name}.bak")
            if not _is_json(checkpoint) and _is_json(backup):
                backup.replace(checkpoint)
                report(f"the state of {stack} was cut off while it was written: its backup is in place")

    def recover(self, stack: str, created: Callable[[str], str | None], report: Report) -> None:
        """Settle what an engine was doing when it died.

        `created` gives the id of a thing that a cloud made for a URN without the engine learning
        of it. Such a thing is adopted; any other operation is dropped, and the next update does
        it again (the Kubernetes API takes over what is there, a deletion of nothing is done).
        """
        exported = json.loads(self.call("stack", "export", "--stack", stack))
        deployment = exported.get("deployment") or {}
        pending = deployment.pop("pending_operations", None) or []
        if not pending:
            return
        report(f"the last update of {stack} was interrupted with {len(pending)} operations under way")
        known = {resource["urn"] for resource in deployment.get("resources", [])}
        adopted = []
        for operation in pending:
            resource = operation["resource"]
            identifier = created(resource["urn"]) if operation["type"] == "creating" else None
            if identifier and resource["urn"] not in known:
                deployment["resources"].append({**resource, "id": identifier})
                adopted.append(resource["urn"])
        self.call("stack", "import", "--stack", stack, stdin=json.dumps(exported))
        if adopted:
            targets = [argument for urn in adopted for argument in ("--target", urn)]
            self.call("refresh", "--yes", "--skip-preview", "--stack", stack, *targets)
        for urn in adopted:
            report(f"adopted {urn}")


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return False
    return True
