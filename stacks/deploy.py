"""The whole stack: four layers, each on the ones before."""

from collections.abc import Mapping

import pulumi

from config.secrets import SecretKey
from model.slices import Plan
from stacks.observability import deploy_observability
from stacks.outputs import Outputs
from stacks.platform import deploy_platform
from stacks.stores import deploy_stores
from stacks.workloads import deploy_services


def deploy(plan: Plan, secrets: Mapping[SecretKey, pulumi.Output[str]]) -> Outputs:
    """Declare every resource of the plan."""
    platform = deploy_platform(plan)
    stores = deploy_stores(plan.stores, platform, secrets)
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
        log_groups=observability.log_groups,
    )
