"""The plan of a stack: every decision in one value, made of five slices."""

from config.data import tier
from config.settings import Settings, required_secrets
from model.access import access_plan
from model.observability import observability_plan
from model.platform import platform_plan
from model.slices import Identity, Load, Plan
from model.stores import stores_plan
from model.workloads import workloads_plan


def build_plan(settings: Settings) -> Plan:
    """Decide everything; the same settings always give the same plan."""
    stores = stores_plan(settings)
    workloads = workloads_plan(settings)
    observability = observability_plan(settings)
    return Plan(
        identity=_identity(settings),
        load=_load(settings),
        platform=platform_plan(settings),
        stores=stores,
        workloads=workloads,
        observability=observability,
        access=access_plan(settings, stores, workloads, observability.servers),
        secrets=required_secrets(settings),
    )


def _load(settings: Settings) -> Load:
    promised = tier(settings.tier)
    return Load(users=promised.users, requests_per_day=promised.requests_per_day)


def _identity(settings: Settings) -> Identity:
    return Identity(
        environment=settings.environment,
        tier=settings.tier,
        region=settings.region,
        tags={
            "project": "axiom-monitoring",
            "environment": settings.environment,
            "tier": settings.tier,
            "owner": settings.tags.owner,
            "cost-centre": settings.tags.cost_centre,
        },
        sinks=tuple(settings.log_sinks),
    )
