"""One command on one stack of the target: prepare, run the engine, say what came of it."""

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local import summary, target
from local.engine import Engine
from local.layout import TargetLayout
from local.plugins.recorder import Recorder
from local.processes import Problem, locked
from local.workspace import Workspace, missing_secrets, project_name, required_secrets

Report = Callable[[str], None]


@dataclass
class Session:
    """A stack of a checkout on its target."""

    workspace: Workspace
    stack: str
    engine: Engine = field(init=False)
    environment: dict[str, str] = field(init=False)
    file: Path = field(init=False)

    @classmethod
    def check(cls, checkout: Path, layout: TargetLayout, stack: str) -> "Session":
        """A session, once the checkout is known to have the stack.

        Raises:
            Problem: it has not.
        """
        workspace = Workspace(checkout, layout)
        if stack not in workspace.stacks():
            known = ", ".join(workspace.stacks()) or "none"
            raise Problem(
                f"no stack {stack!r}: Pulumi.{stack}.yaml does not exist; stacks: {known}", usage=True
            )
        return cls(workspace, stack)

    def start(self, tools: Path, *, first_port: int) -> None:
        """Have the target running."""
        layout = self.workspace.layout
        running = target.ensure(layout, tools, first_port=first_port)
        self.environment = running.environment(tools)
        self.engine = Engine(tools / "pulumi", layout.project, self.environment, layout.state)
        self.workspace.prepare(tools / "pulumi")

    def prepare(self, settings: Sequence[str], secrets_command: Sequence[str], report: Report) -> None:
        """Have the stack and its files in place, and settle what a dead engine left."""
        for stack in self.workspace.stacks():
            self._settle_locks(stack, report)
            self._prepare_stack(stack, secrets_command, report)
        self.engine.select(self.stack)
        self.file = self.workspace.stack_file(self.stack)
        if settings:
            self.file = self.workspace.one_off(self.stack)
            self.engine.set_config(self.file, self.stack, settings)
            self._set_placeholders(self.stack, self.file, secrets_command, report)
        with locked(self._records().busy_file):
            self.engine.recover(self.stack, self._created, report)
        self.workspace.layout.current_stack.write_text(self.stack)
        self._renew_kubeconfig()

    def _settle_locks(self, stack: str, report: Report) -> None:
        alive = self.engine.clear_dead_locks(stack, report)
        if alive is None:
            self.engine.mend_checkpoint(stack, report)
        elif stack == self.stack:
            raise Problem(f"stack {stack} is being worked on by process {alive}: wait for it, or end it")

    def _prepare_stack(self, stack: str, secrets_command: Sequence[str], report: Report) -> None:
        new, renewed = not self.engine.has(stack), self.workspace.copy_stack_file(stack)
        if renewed:
            report(f"Pulumi.{stack}.yaml changed: what `pulumi config` set on its copy is gone")
        if new:
            self.engine.create(stack)
        if new or renewed or stack == self.stack:
            file = self.workspace.stack_file(stack)
            self._set_placeholders(stack, file, secrets_command, report)

    def up(self, report: Report) -> int:
        """`pulumi up`, then the summary."""
        arguments = ("--yes", "--skip-preview", "--non-interactive", "--suppress-permalink")
        status = self.engine.show("up", "--stack", self.stack, "--config-file", str(self.file), *arguments)
        self._renew_kubeconfig()
        if status != 0:
            self._report_unaccounted(report)
            return 1
        deployment = self.engine.checkpoint(self.stack)
        outputs = json.loads(self.engine.call("stack", "output", "--json", "--stack", self.stack))
        for line in ("", *summary.lines(self.stack, deployment, outputs)):
            report(line)
        report("")
        report(f'next: make preview STACK={self.stack} · eval "$(make -s env)" · make status · make down')
        return 0

    def preview(self, report: Report) -> int:
        """`pulumi preview --diff`."""
        if not self._clusters_exist():
            report(
                "note: the cluster does not exist yet, so nothing inside Kubernetes is checked by this"
                " preview; it is once `make up` has made the cluster"
            )
        arguments = ("--diff", "--non-interactive", "--suppress-permalink")
        status = self.engine.show(
            "preview", "--stack", self.stack, "--config-file", str(self.file), *arguments
        )
        return 1 if status else 0

    def exports(self) -> list[str]:
        """Shell commands that set the environment."""
        return [f"export {key}={shlex.quote(value)}" for key, value in self.environment.items()]

    def _set_placeholders(self, stack: str, file: Path, command: Sequence[str], report: Report) -> None:
        required = required_secrets(command, stack, file)
        missing = missing_secrets(file, project_name(self.workspace.checkout), required)
        if missing:
            self.engine.set_placeholders(file, stack, missing)
            report(f"{stack}: placeholders for secrets that are not set: {', '.join(missing)}")

    def _records(self) -> Recorder:
        return Recorder(self.workspace.layout.records / "aws")

    def _created(self, urn: str) -> str | None:
        record = self._records().find(urn)
        return record.id if record else None

    def _report_unaccounted(self, report: Report) -> None:
        resources = self.engine.checkpoint(self.stack).get("resources", [])
        known = {resource["urn"] for resource in resources}
        for record in self._records().of_stack(self.stack):
            if record.urn not in known:
                tags = ", ".join(f"{key}={value}" for key, value in sorted(record.tags.items()))
                report(f"AWS made this and the state does not hold it: {record.urn} ({record.id}; {tags})")

    def _renew_kubeconfig(self) -> None:
        target.write_kubeconfig(self.workspace.layout, self._cluster())

    def _cluster(self) -> str:
        """The cluster of this stack, by the record of what was made for it."""
        records = self._records().of_stack(self.stack)
        return next((record.id for record in records if record.kind == "aws:eks/cluster:Cluster"), "")

    def _clusters_exist(self) -> bool:
        return any(self.workspace.layout.clusters.glob("*/port")) and bool(self._cluster())
