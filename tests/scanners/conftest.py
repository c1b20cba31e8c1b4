"""Each stack, recorded once for all that look at it."""

from collections.abc import Mapping

import pytest
from scanners.findings import STACKS
from scanners.rendered import Rendered, render


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Rendered]:
    """Every scanned stack by its name."""
    return {stack: render(stack, tmp_path_factory.mktemp(stack)) for stack in STACKS}
