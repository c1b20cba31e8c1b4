"""What only the cloud knows, named: members of one closed set stand in planned text.

`components.config_files` is the one place that puts the real values in; a rendered file
shows the names.
"""

import re
from enum import StrEnum

_TOKEN = re.compile(r"<<late:([a-z-]+)>>")


class Late(StrEnum):
    """A value that exists only after the cloud made something; its text is its token."""

    POSTGRES_HOST = "<<late:postgres-host>>"
    REDIS_HOST = "<<late:redis-host>>"
    METRICS_WORKSPACE = "<<late:metrics-workspace>>"
    """Address of the managed Prometheus workspace, up to and with its last slash."""


def late_values(text: str) -> tuple[Late, ...]:
    """The late values that `text` waits for, each once, in the order of the enum.

    Raises:
        ValueError: the text holds a token that is no member of the enum.
    """
    found = {Late(match.group(0)) for match in _TOKEN.finditer(text)}
    return tuple(late for late in Late if late in found)
