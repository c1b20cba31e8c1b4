"""`python -m render.pages`: writes every generated page of `docs/`, and says which were changed."""

import sys
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

from config import reference
from config.files import DataError
from render import capacity, dashboards, logs, network, runbook_heads, runbooks, slos, waiting

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/settings.md": reference.page,
    "docs/capacity.md": capacity.page,
    "docs/network.md": network.page,
    "docs/logs.md": logs.page,
    "docs/slos.md": slos.page,
    "docs/runbooks/README.md": runbooks.page,
    "docs/dashboards.md": dashboards.page,
    "docs/metrics-to-add.md": waiting.page,
}


def main() -> int:
    """Nothing is written before every page is made; the status is 1 where a data file is wrong."""
    made = ((Path(name), page()) for name, page in PAGES.items())
    try:
        found = dict(chain(made, runbook_heads.pages()))
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    changed = [file for file, text in found.items() if not file.exists() or file.read_text() != text]
    for file in changed:
        file.write_text(found[file])
        print(file)
    print(f"{len(found)} pages, {len(changed)} of them changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
