"""Decides the size of a server's disk: what it is given, or more where the settings say so."""

from config.scalars import Disk
from config.settings import Settings
from model.container import Claim


def disk(owner: Disk, path: str, gibibytes: int, settings: Settings) -> Claim:
    """The disk of `owner`, mounted at `path`; a setting keeps it larger, since disks never shrink."""
    return Claim(path=path, gibibytes=max(gibibytes, settings.volumes.get(owner, 0)))
