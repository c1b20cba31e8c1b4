"""`python -m render.secrets --stack dev`: the secrets that a stack needs, once its plan holds.

One key a line. Exit codes: 0 listed, 2 the settings are refused or do not carry their tier's load.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from config.errors import SettingsError
from config.files import DataError
from config.settings import load
from config.stackfile import read
from model.capacity import CapacityError, carried_plan

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """List the secrets of one stack; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m render.secrets", description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--file", type=Path, help="the stack file; else the stack's own in the project")
    chosen = parser.parse_args(arguments)
    file = chosen.file or ROOT / f"Pulumi.{chosen.stack}.yaml"
    try:
        settings = load(read(file, stack=chosen.stack), stack=chosen.stack)
        plan = carried_plan(settings, stack=chosen.stack)
    except (SettingsError, CapacityError, DataError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(plan.secrets))
    return 0


if __name__ == "__main__":
    sys.exit(main())
