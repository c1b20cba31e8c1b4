"""Runs the program in this process and keeps every registration that it sends.

Ordinary mocks hide what matters most: parents, providers, protection, and which values are
secret. The requests themselves show it all.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks
from pulumi.runtime.settings import configure, set_root_resource
from pulumi.runtime.stack import run_in_stack

from config.secrets import SecretKey
from model.spec import Plan
from render import cloud
from stacks.deploy import deploy
from stacks.outputs import export_all

PROJECT = "axiom-monitoring"
STACK = "rendered"


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


class _Cloud(mocks.Mocks):
    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return cloud.answer(args.token, args.args), []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"<{args.name}>", cloud.outputs(args.typ, args.name, args.inputs)


class _Monitor(mocks.MockMonitor):
    """Keeps the requests; the stack's own registration included, for its outputs."""

    def __init__(self) -> None:
        super().__init__(_Cloud())
        self.recording = Recording()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self.recording.resources.append(
            Registration(
                urn=response.urn,
                type=request.type,
                name=request.name,
                inputs=plain(json_format.MessageToDict(request.object)),
                parent=request.parent,
                provider=request.provider,
                protect=request.protect,
                custom=request.custom,
                dependencies=tuple(sorted(request.dependencies)),
                aliases=len(request.aliases),
            )
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.recording.named(request.urn).outputs = plain(json_format.MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """A protocol value with whole numbers as integers: the wire knows only floating point."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def planted(plan: Plan) -> dict[SecretKey, pulumi.Output[str]]:
    """A stand-in for each secret that says which key it stands for."""
    return {key: pulumi.Output.secret(f"<secret:{key}>") for key in plan.secrets}


def record(plan: Plan) -> Recording:
    """Run the program for `plan`.

    Raises:
        Exception: what the program raised.
    """
    return run(lambda: export_all(deploy(plan, planted(plan))))


def run(program: Callable[[], None], *, config: Mapping[str, str] | None = None) -> Recording:
    """Run any program the same way, in a context of its own so that runs leave no trace."""
    return copy_context().run(_run, program, config or {})


def _run(program: Callable[[], None], config: Mapping[str, str]) -> Recording:
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
    pulumi.runtime.set_all_config(dict(config), [])
    asyncio.run(run_in_stack(program))
    monitor.recording.resources.sort(key=lambda found: (found.type, found.name))
    return monitor.recording
