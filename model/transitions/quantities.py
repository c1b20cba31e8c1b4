"""Sizes, as AWS and Kubernetes write them, in one unit."""

import re
from typing import Any

_FACTORS = {"": 1, "Gi": 1, "Ti": 1024}


def gibibytes(size: Any) -> int:
    """A number of GiB, or a quantity such as `60Gi`; nothing is none.

    Raises:
        ValueError: a quantity in another unit.
    """
    match = re.fullmatch(r"(\d+)(?:\.0)?(Gi|Ti|)", str(size or 0))
    if match is None:
        raise ValueError(f"{size} is no number of GiB")
    return int(match[1]) * _FACTORS[match[2]]
