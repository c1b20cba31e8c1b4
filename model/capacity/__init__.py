"""The arithmetic of a tier: what its load needs against what carries it."""

from config.settings import Settings
from model.capacity import metrics, neo4j, nodes, postgres, promises, redis, services, telemetry
from model.capacity.check import CapacityError, Check
from model.capacity.scene import Scene
from model.plan import build_plan
from model.slices import Plan

__all__ = ["CapacityError", "Check", "Scene", "carried_plan", "checks", "require"]

_PARTS = (postgres, redis, neo4j, metrics, telemetry, nodes, services, promises)


def checks(plan: Plan, settings: Settings) -> tuple[Check, ...]:
    """Every check of a stack."""
    scene = Scene(plan, settings)
    return tuple(check for part in _PARTS for check in part.checks(scene))


def carried_plan(settings: Settings, *, stack: str) -> Plan:
    """The plan of a stack that carries its load.

    Raises:
        CapacityError: with every binding check that fails.
    """
    plan = build_plan(settings)
    require(plan, settings, stack=stack)
    return plan


def require(plan: Plan, settings: Settings, *, stack: str) -> None:
    """Refuse a stack that does not carry its load.

    Raises:
        CapacityError: with every binding check that fails.
    """
    failing = [check for check in checks(plan, settings) if check.binding and not check.holds]
    if failing:
        raise CapacityError(failing, stack=stack, tier=settings.tier)
