"""The scratch project: what the engine reads and writes in place of the checkout's files.

A file backend writes a salt into a stack file and drops a cloud key provider from it, so it
gets copies. The program itself is not copied: the scratch `Pulumi.yaml` points at the checkout.
"""

import hashlib
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.layout import TargetLayout
from local.processes import Problem

# What belongs to the real backend: its key provider, and values only that can decrypt.
_BACKEND_KEYS = ("secretsprovider", "encryptedkey", "encryptionsalt")

_WRAPPER = """#!/bin/sh
# Runs pulumi on the embedded target: in its scratch project wherever in the checkout it is called.
checkout={checkout}
case "$PWD/" in "$checkout"/*) ;; *) exec {pulumi} "$@" ;; esac
# Files that the user names are meant from here, not from the scratch project.
n=$#; previous=
while [ "$n" -gt 0 ]; do
  argument=$1; shift; n=$((n - 1))
  case "$previous" in
    --save-plan|--plan|--policy-pack|--policy-pack-config|--config-file|--file|-f)
      case "$argument" in /*) ;; *) argument="$PWD/$argument" ;; esac ;;
  esac
  previous=$argument
  set -- "$@" "$argument"
done
exec {pulumi} --cwd {project} "$@"
"""


@dataclass(frozen=True)
class Workspace:
    """The scratch project of one checkout."""

    checkout: Path
    layout: TargetLayout

    def prepare(self, pulumi: Path) -> None:
        """Write the scratch `Pulumi.yaml` and the `pulumi` that stays in it; copy every stack file."""
        source = self.checkout / "Pulumi.yaml"
        project = _document(source)
        project["main"] = str(self.checkout)
        (self.layout.project / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
        wrapper = self.layout.bin / "pulumi"
        places = {"checkout": self.checkout, "pulumi": pulumi, "project": self.layout.project}
        wrapper.write_text(_WRAPPER.format(**{key: shlex.quote(str(path)) for key, path in places.items()}))
        wrapper.chmod(0o755)

    def stacks(self) -> list[str]:
        """The stacks that the checkout has files for."""
        return sorted(path.name.split(".")[1] for path in self.checkout.glob("Pulumi.*.yaml"))

    def stack_file(self, stack: str) -> Path:
        """The scratch copy of a stack's file."""
        return self.layout.project / f"Pulumi.{stack}.yaml"

    def copy_stack_file(self, stack: str) -> bool:
        """Bring the scratch copy up to date; True if the checkout's file changed since it was copied.

        What was set on the copy with `pulumi config` stays until the checkout's file changes.

        Raises:
            Problem: there is no such stack, or its file is no mapping.
        """
        source = self.checkout / f"Pulumi.{stack}.yaml"
        if not source.exists():
            known = ", ".join(self.stacks())
            raise Problem(f"no stack {stack!r}: {source.name} does not exist; there are {known}", usage=True)
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        mark, copy = self.layout.project / f".{stack}.copied", self.stack_file(stack)
        if copy.exists() and mark.exists() and mark.read_text() == digest:
            return False
        document = _without_backend(_document(source))
        salt = _document(copy).get("encryptionsalt") if copy.exists() else None
        if salt:
            document["encryptionsalt"] = salt
        renewed = copy.exists()
        copy.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
        mark.write_text(digest)
        return renewed

    def one_off(self, stack: str) -> Path:
        """A copy of the copy, for the settings of one run."""
        copy = self.layout.project / f"one-off.{stack}.yaml"
        copy.write_bytes(self.stack_file(stack).read_bytes())
        return copy


def required_secrets(command: Sequence[str], stack: str, file: Path) -> list[str]:
    """The secrets that a stack file needs, as the project's own command lists them.

    Raises:
        Problem: the command refuses the file; its words are the message.
    """
    if not command:
        return []
    done = subprocess.run(
        [*command, "--stack", stack, "--file", str(file)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Problem(done.stderr.strip(), usage=done.returncode == 2)
    return done.stdout.split()


def missing_secrets(file: Path, project: str, required: Sequence[str]) -> list[str]:
    """Those of the required secrets that the stack file does not set."""
    config = _document(file).get("config") or {}
    return [key for key in required if f"{project}:{key}" not in config]


def project_name(checkout: Path) -> str:
    """The name in `Pulumi.yaml`."""
    return str(_document(checkout / "Pulumi.yaml")["name"])


def _document(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text()) or {}
    except FileNotFoundError:
        raise Problem(f"{path} does not exist: run this in a checkout", usage=True) from None
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f", line {place.line + 1}" if place else ""
        what = getattr(error, "problem", "cannot be read")
        raise Problem(f"{path.name}{line}: no valid YAML: {what}", usage=True) from None
    if not isinstance(document, dict):
        raise Problem(f"{path.name}: a mapping is expected, not {type(document).__name__}", usage=True)
    return document


def _without_backend(document: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in document.items() if key not in _BACKEND_KEYS}
    config = kept.get("config")
    if isinstance(config, dict):
        kept["config"] = {
            key: value
            for key, value in config.items()
            if not (isinstance(value, dict) and set(value) == {"secure"})
        }
    return kept
