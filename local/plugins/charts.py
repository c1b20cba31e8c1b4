"""What Helm charts define in a cluster: the kinds that an operator brings, in the chart's version or near it.

The rest of a release is only recorded. Objects of those kinds stand in the program, and the API
server judges them as strictly as its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml


@dataclass
class Charts:
    """The charts whose definitions lie in `folder`, each under `<chart>-definitions`."""

    folder: Path
    _known: dict[str, Sequence[dict[str, Any]]] = field(default_factory=dict)

    def definitions(self, chart: str) -> Sequence[dict[str, Any]]:
        """The CustomResourceDefinitions of a chart, by the last part of its name; none of an unknown one."""
        name = PurePosixPath(chart).name
        if name not in self._known:
            files = sorted((self.folder / f"{name}-definitions").glob("*.yaml"))
            self._known[name] = [document for file in files for document in _documents(file)]
        return self._known[name]


def _documents(file: Path) -> list[dict[str, Any]]:
    # Some have tens of thousands of lines: the reader in C takes a tenth of the time.
    return [document for document in yaml.load_all(file.read_text(), yaml.CSafeLoader) if document]
