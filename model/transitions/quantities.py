"""Sizes and versions as AWS and Kubernetes write them, so that they compare."""

import math
import re
from typing import Any

# AWS' sizes are plain numbers of GiB.
_MEBIBYTES = {"": 1024, "Mi": 1, "Gi": 1024, "Ti": 1024 * 1024}


def gibibytes(size: Any) -> int:
    """A number of GiB, or a quantity such as `60Gi`, rounded up; nothing is none.

    Raises:
        ValueError: a quantity in another unit.
    """
    match = re.fullmatch(r"(\d+)(?:\.0)?(Mi|Gi|Ti|)", str(size or 0))
    if match is None:
        raise ValueError(f"{size} is no number of Mi, Gi or Ti")
    return math.ceil(int(match[1]) * _MEBIBYTES[match[2]] / 1024)


def version(text: object) -> tuple[int, ...]:
    """The numbers of a version, or of an image's tag: `17.10` is above `17.9`."""
    return tuple(int(part) for part in re.findall(r"\d+", str(text or "").rpartition(":")[2]))
