"""Where things lie: the cache that outlives a target, and the target of one checkout."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


def cache_root() -> Path:
    """The cache, outside every checkout; `EMBEDDED_CACHE` or the user's cache folder."""
    chosen = os.environ.get("EMBEDDED_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pulumi-embedded"


def target_of(project: Path) -> "TargetLayout":
    """The target that belongs to the checkout at `project`."""
    digest = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:12]
    return TargetLayout(cache_root() / "targets" / digest)


@dataclass(frozen=True)
class TargetLayout:
    """The folder of one target; all of it goes when the target is discarded."""

    root: Path

    @property
    def etcd(self) -> Path:
        return self.root / "etcd"

    @property
    def clusters(self) -> Path:
        return self.root / "clusters"

    @property
    def records(self) -> Path:
        return self.root / "records"

    @property
    def state(self) -> Path:
        """Pulumi's file backend."""
        return self.root / "state"

    @property
    def home(self) -> Path:
        """Pulumi's home folder."""
        return self.root / "home"

    @property
    def project(self) -> Path:
        """The scratch project: copies of `Pulumi.yaml` and of the stack files."""
        return self.root / "project"

    @property
    def bin(self) -> Path:
        """The `pulumi` that stays in this target."""
        return self.root / "bin"

    @property
    def kubeconfig(self) -> Path:
        return self.root / "kubeconfig"

    @property
    def ready(self) -> Path:
        """Written when everything answers: process id and ports."""
        return self.root / "ready.json"

    @property
    def current_stack(self) -> Path:
        """The stack that the last command worked on."""
        return self.root / "current-stack"

    @property
    def lock(self) -> Path:
        return self.root.with_suffix(".lock")

    def log(self, name: str) -> Path:
        return self.root / f"{name}.log"
