"""The AWS tags of every resource; servers find the stack's own resources by the first two."""

from config.scalars import Environment
from config.settings import Settings

# The name that traces, Sentry and the services know an environment by.
APP_ENV = {
    Environment.DEV: "development",
    Environment.STAGING: "staging",
    Environment.PROD: "production",
}

# Before the name of a service in jobs and in traces: axiom-core.
SERVICE_PREFIX = "axiom-"


def identifying_tags(settings: Settings) -> dict[str, str]:
    """What tells this stack's resources from those of others in the account."""
    return {"project": "axiom-monitoring", "environment": str(settings.environment)}


def default_tags(settings: Settings) -> dict[str, str]:
    """What every resource carries."""
    return identifying_tags(settings) | {
        "tier": str(settings.tier),
        "owner": settings.tags.owner,
        "cost-centre": settings.tags.cost_centre,
    }
