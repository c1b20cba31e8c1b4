"""Runs one Pulumi program: reads the run from standard input, connects it to the engine."""

import asyncio
import gc
import json
import logging
import os
import runpy
import sys
import traceback
from functools import partial
from typing import Any

import pulumi
import pulumi.runtime
from pulumi.runtime.settings import SETTINGS

MESSAGE_WAS_SHOWN = 32


def main() -> int:
    """Run the program; the status is 0, or 32 when the engine has shown why not."""
    # A program lives for seconds and frees little: collecting cycles among the SDK's many
    # objects took two thirds of its time.
    gc.disable()
    run: dict[str, Any] = json.load(sys.stdin)
    pulumi.runtime.set_all_config(run["config"], run["secret_keys"])
    settings = (
        "project",
        "stack",
        "organization",
        "monitor",
        "engine",
        "parallel",
        "dry_run",
        "root_directory",
    )
    pulumi.runtime.configure(pulumi.runtime.Settings(**{name: run[name] for name in settings}))
    program = run["program"]
    # The program's own folder comes first, as when it is run by hand.
    sys.path[0] = program if os.path.isdir(program) else os.path.dirname(program)
    sys.argv = [program]
    # Each would be a call to the engine, which shows them to nobody.
    pulumi.log.debug = _unsaid
    # Futures that nobody awaits are the ordinary end of a program that failed half-way.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        asyncio.run(pulumi.runtime.run_in_stack(partial(_settled, program)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return MESSAGE_WAS_SHOWN
    except Exception:
        pulumi.log.error(traceback.format_exc())
        return MESSAGE_WAS_SHOWN
    return 0


def _unsaid(*_: Any, **__: Any) -> None:
    """What nobody reads."""


async def _settled(program: str) -> None:
    """Run the program and wait for its values together: the SDK would look at all of them after each."""
    runpy.run_path(program, run_name="__main__")
    while pending := [value for value in SETTINGS.outputs if not value.done()]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if any(value.cancelled() or value.exception() for value in done):
            # The SDK finds it in its list and raises it.
            return


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Threads of gRPC are not worth waiting for: all that matters has been awaited.
    os._exit(status)
