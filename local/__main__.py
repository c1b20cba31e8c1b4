"""The embedded target from the command line.

Runs the real Pulumi CLI on this checkout's program with no cloud: a file state backend, a real
Kubernetes API server, stand-in providers. Status: 0 done, 1 the program or the engine failed,
2 wrong usage or settings.
"""

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from local import target, tools
from local.layout import TargetLayout, target_of
from local.processes import Problem
from local.session import Session

# The longest builds first: two go at once.
_ENGINE_TOOLS = ("pulumi", "kubernetes", "etcd", "keda")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its status."""
    chosen = _parser().parse_args(arguments)
    start = time.monotonic()
    try:
        status: int = chosen.run(chosen)
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2 if problem.usage else 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"error: {error.strerror or error}{where}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: run the same command again to go on", file=sys.stderr)
        return 1
    if chosen.timed:
        _report(f"done in {time.monotonic() - start:.0f} s")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__.split("\n\n")[0])
    parser.set_defaults(timed=False)
    parser.add_argument("--project", type=Path, default=Path.cwd(), help="the checkout (default: here)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("up", _up, "start what is missing, run `pulumi up`, print a summary"),
        ("preview", _preview, "run `pulumi preview --diff`"),
        ("env", _env, "print what a shell needs for plain `pulumi` and `kubectl`"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        _stack_arguments(command)
        command.set_defaults(run=run, timed=name != "env")
    status = commands.add_parser("status", help="say what runs")
    status.set_defaults(run=_status)
    down = commands.add_parser("down", help="stop everything and discard the target's state")
    down.set_defaults(run=_down)
    find = commands.add_parser("tools", help="find or build every pinned tool; prints their folder last")
    find.add_argument("names", nargs="*", help="only these tools")
    find.set_defaults(run=_tools)
    return parser


def _stack_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--stack", default="dev", help="the stack (default: dev)")
    command.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="a setting for this run only"
    )
    command.add_argument(
        "--secrets-command",
        type=shlex.split,
        default=[],
        help="prints the secrets that --stack needs, one a line; unset ones get placeholders",
    )
    command.add_argument(
        "--first-port",
        type=int,
        default=target.FIRST_PORT,
        help=f"where API servers look for a free port (default: {target.FIRST_PORT})",
    )


def _session(chosen: argparse.Namespace) -> Session:
    checkout = chosen.project.resolve()
    layout = target_of(checkout)
    session = Session.check(checkout, layout, chosen.stack)
    folder = _ensure_tools(checkout, _ENGINE_TOOLS)
    start = time.monotonic()
    session.start(folder, first_port=chosen.first_port)
    _report(f"embedded target ready ({time.monotonic() - start:.1f} s): no cloud is involved")
    session.prepare(chosen.set, chosen.secrets_command, _report)
    return session


def _up(chosen: argparse.Namespace) -> int:
    return _session(chosen).up(_report)


def _preview(chosen: argparse.Namespace) -> int:
    return _session(chosen).preview(_report)


def _env(chosen: argparse.Namespace) -> int:
    for line in _session(chosen).exports():
        print(line)
    return 0


def _status(chosen: argparse.Namespace) -> int:
    for line in target.status(_layout(chosen)):
        print(line)
    return 0


def _down(chosen: argparse.Namespace) -> int:
    stopped = target.discard(_layout(chosen))
    print("stopped; the target's state is gone" if stopped else "nothing was running")
    return 0


def _tools(chosen: argparse.Namespace) -> int:
    print(_ensure_tools(chosen.project.resolve(), chosen.names))
    return 0


def _layout(chosen: argparse.Namespace) -> TargetLayout:
    return target_of(chosen.project.resolve())


def _ensure_tools(checkout: Path, names: Sequence[str]) -> Path:
    known = tools.load(checkout / "tools")
    unknown = set(names) - known.keys()
    if unknown:
        raise Problem(f"no tool {', '.join(sorted(unknown))}; there are {', '.join(known)}", usage=True)
    return tools.ensure([known[name] for name in names or known], _report)


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
