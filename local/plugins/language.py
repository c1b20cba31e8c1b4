"""A resident language host for Python programs: runs them in this interpreter's environment."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
)

RUNNER = Path(__file__).with_name("runner.py")
# The engine's convention: the program has already said what was wrong.
MESSAGE_WAS_SHOWN = 32


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine's calls about, and runs of, Python programs."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._engines: dict[str, str] = {}

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        # One connection an engine: its programs report to the address that it gave here.
        self._engines[context.peer()] = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._version)

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        # None: the target attaches its providers itself, and nothing is to be looked for.
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetRequiredPluginsResponse()

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        engine = self._engines.get(context.peer(), "")
        process = subprocess.Popen(
            [sys.executable, "-u", str(RUNNER)],
            cwd=request.pwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PULUMI_ERROR_OUTPUT_STRING": "1"},
        )
        # An engine that goes away takes its program with it.
        context.add_callback(process.kill)
        assert process.stdin is not None
        process.stdin.write(json.dumps(_run(request, engine)).encode())
        process.stdin.close()
        _forward_output(process, engine)
        match process.wait():
            case 0:
                return language_pb2.RunResponse()
            case code if code == MESSAGE_WAS_SHOWN:
                return language_pb2.RunResponse(bail=True)
            case code:
                return language_pb2.RunResponse(error=f"the program ended with status {code}")


def _run(request: Any, engine: str) -> dict[str, Any]:
    return {
        "project": request.project,
        "stack": request.stack,
        "organization": request.organization,
        "monitor": request.monitor_address,
        "engine": engine,
        "parallel": request.parallel,
        "dry_run": request.dryRun,
        "root_directory": request.info.root_directory,
        "program": str(Path(request.pwd) / request.program),
        "config": dict(request.config),
        "secret_keys": list(request.configSecretKeys),
    }


def _forward_output(process: subprocess.Popen[bytes], engine: str) -> None:
    """Show what the program prints as messages of the engine, until it closes its output."""
    channel = grpc.insecure_channel(engine)
    stub = engine_pb2_grpc.EngineStub(channel)

    def forward(stream: IO[bytes]) -> None:
        for line in stream:
            stub.Log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=line.decode(errors="replace")))

    assert process.stdout is not None
    assert process.stderr is not None
    with channel, ThreadPoolExecutor(2) as pool:
        pool.submit(forward, process.stdout)
        pool.submit(forward, process.stderr)
