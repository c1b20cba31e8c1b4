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
    match = re.fullmatch(r"(\d{1,18})(?:\.0)?(Mi|Gi|Ti|)", str(size or 0))
    if match is None:
        raise ValueError(f"{str(size)[:40]} is no number of Mi, Gi or Ti")
    return math.ceil(int(match[1]) * _MEBIBYTES[match[2]] / 1024)


def version(text: object) -> tuple[int, ...]:
    """The numbers of a version, or of an image's tag: `17.10` is above `17.9`."""
    return tuple(int(part) for part in re.findall(r"\d{1,18}", str(text or "").rpartition(":")[2]))


def whole(value: object, default: int) -> int:
    """A whole number, however it is written (`3`, `3.0`, `"3"`); the default where it is none."""
    if isinstance(value, bool):
        return default
    match = re.fullmatch(r"(\d{1,9})(?:\.0)?", str(value)) if isinstance(value, str | float) else None
    if match:
        return int(match[1])
    return value if isinstance(value, int) else default
