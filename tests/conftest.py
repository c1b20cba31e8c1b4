"""What every worker of the tests needs before a module is read."""

import gc
import os
from collections import Counter

import pytest

# Some servers start as another user, which forks; gRPC's own preparation for that (the SDK has loaded it by
# then) can end the child before it runs anything.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

# The collector of cycles walks the SDK's many classes each time: a tenth of the time of most tests.
gc.set_threshold(100_000, 20, 50)

LONG = {"engine", "servers"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start engines and servers come first, then those with the most tests.

    Each file is one worker's; a long one that came last would be waited for alone.
    """
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.parent.name not in LONG, -sizes[item.path], item.path))
