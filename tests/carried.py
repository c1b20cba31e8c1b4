"""Stacks as the checks of their capacity see them."""

from typing import Any

from config.settings import load
from model.capacity import Check, Scene, checks
from model.plan import build_plan


def scene(environment: str = "prod", **raw: Any) -> Scene:
    """A stack with these settings, its licence acknowledged."""
    settings = load({**raw, "neo4j": {"acceptLicense": True, **raw.get("neo4j", {})}}, stack=environment)
    return Scene(build_plan(settings), settings)


def found(environment: str = "prod", **raw: Any) -> dict[str, Check]:
    """Its checks by name."""
    looked = scene(environment, **raw)
    return {check.name: check for check in checks(looked.plan, looked.settings)}
