"""What only the cloud knows, named: members of one closed set stand in planned text.

`components.config_files` is the one place that puts the real values in; a rendered file shows the
names. They are names of hosts that can't exist (RFC 2606), so that the servers' own checks take
a rendered file as it is.
"""

import re
from enum import StrEnum

_NAME = re.compile(r"late\.[a-z-]+\.invalid")


class Late(StrEnum):
    """A value that exists only after the cloud made something; its text is what stands for it."""

    POSTGRES_HOST = "late.postgres-host.invalid"
    REDIS_HOST = "late.redis-host.invalid"
    METRICS_WORKSPACE = "https://late.metrics-workspace.invalid/"
    """Address of the managed Prometheus workspace, up to and with its last slash."""


def late_values(text: str) -> tuple[Late, ...]:
    """The late values that `text` waits for, each once, in the order of the enum.

    Raises:
        ValueError: the text holds a name that is part of no member of the enum.
    """
    for name in _NAME.findall(text):
        if not any(name in late for late in Late):
            raise ValueError(f"{name} is no late value: may be {', '.join(Late)}")
    return tuple(late for late in Late if late in text)
