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

    def stacks(self) -> set[str]:
        """The stacks that the backend knows."""
        listed = json.loads(self.call("stack", "ls", "--json", "--non-interactive"))
        return {str(entry["name"]).rsplit("/", 1)[-1] for entry in listed}

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

    def clear_dead_locks(self, stack: str, report: Report) -> None:
        """Take away the lock of an engine that is no more; a living one keeps its lock."""
        for lock in sorted(self.state.glob(f".pulumi/locks/organization/*/{stack}/*.json")):
            holder = json.loads(lock.read_text())
            pid = int(holder.get("pid", 0))
            if is_running(pid, "pulumi"):
                raise Problem(f"stack {stack} is being worked on by process {pid}: wait for it, or end it")
            lock.unlink()
            report(f"cleared the lock of process {pid}, which is no more")

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
