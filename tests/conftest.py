"""The order of the tests."""

from pathlib import Path

import pytest

# Their files are the longest: begun last, one of them would be waited for by every other worker
# (`--no-loadscope-reorder` keeps this order).
_FIRST = ("engine", "program", "servers", "scanners", "rules", "dashboards")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long goes first, as it stands otherwise."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return _FIRST.index(folder) if folder in _FIRST else len(_FIRST)

    items.sort(key=place)
