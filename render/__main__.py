"""`python -m render --stack dev --out DIR`: writes every generated file of a stack.

Exit codes: 0 written, 1 the program failed, 2 wrong usage or settings.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from config import stackfile
from config.decode import decode
from config.errors import SettingsError
from config.files import DataError
from config.settings import Settings, load
from model.capacity import CapacityError, carried_plan
from model.slices import Plan

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Render one stack; the result is the exit code."""
    started = time.perf_counter()
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        plan = carried_plan(settings, stack=options.stack)
    except (SettingsError, CapacityError, DataError) as error:
        print(error, file=sys.stderr)
        return 2
    return _render(settings, plan, options.out, started)


def _render(settings: Settings, plan: Plan, out: Path, started: float) -> int:
    # Imported late: a problem with the settings is told at once, without loading the SDKs.
    from render.recorder import record  # noqa: PLC0415
    from render.tree import NotOurs, check_ours, files, write  # noqa: PLC0415

    try:
        check_ours(out)
        tree = files(record(plan), plan, settings)
        write(tree, out)
    except (NotOurs, OSError) as error:
        print(f"nothing written: {error}", file=sys.stderr)
        return 2 if isinstance(error, NotOurs) else 1
    seconds = time.perf_counter() - started
    counts = Counter(path.split("/", 1)[0] for path in tree)
    listed = ", ".join(f"{folder} {count}" for folder, count in sorted(counts.items()))
    print(f"{len(tree)} files in {out} in {seconds:.1f} s: {listed}")
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    path = options.file or ROOT / f"Pulumi.{options.stack}.yaml"
    overrides = [*options.overrides, *([f"tier={options.tier}"] if options.tier else [])]
    raw = stackfile.apply_overrides(stackfile.read(path, stack=options.stack), overrides, stack=options.stack)
    return load(decode(raw, stack=options.stack), stack=options.stack)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m render", description="Write every generated file.")
    parser.add_argument("--stack", default="dev", help="name of the stack")
    parser.add_argument("--tier", help="another tier than the stack's")
    parser.add_argument(
        "--set",
        dest="overrides",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="one-off settings, paths as in `pulumi config set --path`",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder that is made or replaced")
    parser.add_argument("--file", type=Path, help="stack file; else the stack's own in the project")
    return parser


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking the SDK's many modules apart one by one would cost a second for nothing.
    os._exit(status)
