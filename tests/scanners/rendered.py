"""A stack as the scanners see it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from config.settings import load
from model.plan import build_plan
from render.recorder import Recording, record
from render.tree import files


@dataclass(frozen=True)
class Rendered:
    """What a stack declares, and the folder with its Kubernetes objects as files."""

    recording: Recording
    manifests: Path

    @property
    def files(self) -> list[Path]:
        """The files of the Kubernetes objects."""
        return sorted(self.manifests.rglob("*.yaml"))

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The Kubernetes objects."""
        return [yaml.safe_load(file.read_text()) for file in self.files]


def render(stack: str, folder: Path) -> Rendered:
    """Record a stack and write its Kubernetes objects below `folder`."""
    settings = load({"environment": stack}, stack=stack)
    plan = build_plan(settings)
    recording = record(plan)
    for path, text in files(recording, plan, settings).items():
        if path.startswith("kubernetes/"):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return Rendered(recording, folder / "kubernetes")
