"""The whole stack: four layers, each on the ones before."""

from components.secret_files import SecretValues
from model.slices import Plan
from stacks.observability import deploy_observability
from stacks.outputs import Outputs
from stacks.platform import deploy_platform
from stacks.secrets import deploy_secrets
from stacks.stores import deploy_stores
from stacks.workloads import deploy_services


def deploy(plan: Plan, given: SecretValues) -> Outputs:
    """Declare every resource of the plan; `given` are the secrets that it was given."""
    secrets = deploy_secrets(plan, given)
    platform = deploy_platform(plan)
    stores = deploy_stores(plan, platform, secrets)
    observability = deploy_observability(plan, platform, stores, secrets)
    services = deploy_services(plan, platform, stores, secrets)
    return Outputs(
        environment=plan.identity.environment,
        tier=plan.identity.tier,
        sinks=list(plan.identity.sinks),
        region=plan.identity.region,
        cluster=platform.cluster.name,
        servers=observability.addresses,
        services=services,
        postgres_host=stores.postgres_host,
        redis_host=stores.redis_host,
        log_groups=observability.log_groups,
        buckets=observability.buckets,
    )
