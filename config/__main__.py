"""Settings from the command line: check a stack file, list its secrets, print the reference."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from config.errors import SettingsError
from config.settings import Settings, load, required_secrets
from config.stackfile import apply_overrides, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when done, 2 when the settings are refused."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("check", _check, "check the settings of a stack"),
        ("secrets", _secrets, "print the keys of the secrets that a stack needs, one a line"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--stack", required=True)
        command.add_argument("--file", type=Path, help="the stack file (default: Pulumi.<stack>.yaml)")
        command.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
        command.set_defaults(run=run)
    return parser


def _settings(chosen: argparse.Namespace) -> Settings:
    raw = read(chosen.file or Path(f"Pulumi.{chosen.stack}.yaml"), stack=chosen.stack)
    return load(apply_overrides(raw, chosen.set, stack=chosen.stack), stack=chosen.stack)


def _check(chosen: argparse.Namespace) -> None:
    settings = _settings(chosen)
    sinks = ", ".join(settings.log_sinks)
    print(f"stack {chosen.stack}: {settings.environment}, tier {settings.tier}, logs to {sinks}")


def _secrets(chosen: argparse.Namespace) -> None:
    for key in required_secrets(_settings(chosen)):
        print(key)


if __name__ == "__main__":
    sys.exit(main())
