"""Runs the program in this process and keeps every registration that it sends.

Ordinary mocks hide what matters most: parents, providers, protection, and which values are
secret. The requests themselves show it all.
"""

import asyncio
import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import SETTINGS, configure, set_root_resource
from pulumi.runtime.stack import run_in_stack

from model.generated import SecretSource
from model.slices import Plan
from render import cloud
from stacks.deploy import deploy
from stacks.outputs import export_all

PROJECT = "axiom-monitoring"
STACK = "rendered"
STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass
class Registration:
    """One resource as the program declared it. `inputs` hold secrets in their envelopes."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    provider: str
    protect: bool
    retain: bool
    custom: bool
    dependencies: tuple[str, ...]
    aliases: int
    outputs: dict[str, Any] | None = None
    """Outputs that a component registered; None while it has not."""


@dataclass
class Recording:
    """Everything that one run of the program declared, in the order of its names."""

    resources: list[Registration] = field(default_factory=list)

    def of(self, kind: str) -> list[Registration]:
        """The resources of a type token."""
        return [found for found in self.resources if found.type == kind]

    def named(self, urn: str) -> Registration:
        """The resource with a URN."""
        return next(found for found in self.resources if found.urn == urn)


class _Monitor(mocks.MockMonitor):
    """Keeps the requests, and answers them without an event loop of its own."""

    def __init__(self) -> None:
        super().__init__(mocks=None)  # type: ignore[arg-type]  # every call that uses it is replaced
        self.recording = Recording()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        urn = _urn(request.parent, request.type, request.name)
        inputs = plain(json_format.MessageToDict(request.object))
        self.recording.resources.append(
            Registration(
                urn=urn,
                type=request.type,
                name=request.name,
                inputs=inputs,
                parent=request.parent,
                provider=request.provider,
                protect=request.protect,
                retain=request.retainOnDelete,
                custom=request.custom,
                dependencies=tuple(sorted(request.dependencies)),
                aliases=len(request.aliases),
            )
        )
        outputs = cloud.outputs(request.type, request.name, inputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"<{request.name}>", object=_struct(outputs))

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.recording.named(request.urn).outputs = plain(json_format.MessageToDict(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        found = cloud.answer(request.tok, json_format.MessageToDict(request.args))
        return resource_pb2.ResourceInvokeResponse(**{"return": _struct(found)})


def _struct(values: Mapping[str, Any]) -> Any:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


def _urn(parent: str, kind: str, name: str) -> str:
    """The name that the engine would give: the types of the ancestors, without the stack's."""
    above = parent.split("::")[2] if parent else STACK_TYPE
    chain = kind if above == STACK_TYPE else f"{above}${kind}"
    return f"urn:pulumi:{STACK}::{PROJECT}::{chain}::{name}"


def plain(value: Any) -> Any:
    """A protocol value with whole numbers as integers: the wire knows only floating point."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def planted(plan: Plan) -> dict[SecretSource, pulumi.Output[str]]:
    """A stand-in for each secret that says which key it stands for."""
    return {key: pulumi.Output.secret(f"<secret:{key}>") for key in plan.secrets}


def record(plan: Plan) -> Recording:
    """Run the program for `plan`.

    Raises:
        Exception: what the program raised.
    """
    return run(lambda: export_all(deploy(plan, planted(plan))))


def run(
    program: Callable[[], None],
    *,
    config: Mapping[str, str] | None = None,
    secret_keys: Sequence[str] = (),
) -> Recording:
    """Run any program the same way, in a context of its own so that runs leave no trace.

    `config` is the stack's configuration by full key; `secret_keys` are those marked secret.
    """
    # The collector of cycles would walk every generated SDK class many times over: a third of the
    # time of a run. What one run leaves is collected afterwards.
    collecting = gc.isenabled()
    gc.disable()
    try:
        # In a thread, for a short stack: the SDK notes all of it for each resource.
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(copy_context().run, _run, program, config or {}, secret_keys).result()
    finally:
        if collecting:
            gc.enable()


async def _settled(program: Callable[[], None]) -> None:
    """Run the program and wait for all its values at once.

    The SDK waits for one at a time, and looks at all others each time: a sixth of a run. What has failed
    stays in its list, and is raised by it.
    """
    program()
    while pending := [value for value in SETTINGS.outputs if not value.done()]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if any(value.cancelled() or value.exception() for value in done):
            return


def _run(program: Callable[[], None], config: Mapping[str, str], secret_keys: Sequence[str]) -> Recording:
    monitor = _Monitor()
    info = monitor.GetDeploymentInfo(None)  # type: ignore[no-untyped-call]
    settings = mocks.MockSettings(  # type: ignore[no-untyped-call]
        monitor=monitor,
        monitor_features=set(info.supportedFeatures),
        engine=mocks.MockEngine(logging.getLogger("render")),
        project=PROJECT,
        stack=STACK,
        dry_run=False,
    )
    configure(settings)
    set_root_resource(None)  # type: ignore[arg-type]  # each run has a stack of its own
    pulumi.runtime.set_all_config(dict(config), list(secret_keys))
    asyncio.run(run_in_stack(partial(_settled, program)))
    monitor.recording.resources.sort(key=lambda found: (found.type, found.name))
    return monitor.recording
