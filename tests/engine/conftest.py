"""A running checkout for the tests of each module here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import Checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A copy of the checkout on a target of its own, discarded afterwards."""
    copy = Checkout.copy_to(Path(tmp_path_factory.mktemp("engine")) / "checkout")
    yield copy
    copy.local("down")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs the engine. (A module's tests share a target: `--dist loadfile`.)"""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)
