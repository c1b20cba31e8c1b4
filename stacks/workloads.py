"""The services of Axiom, and the way in to them."""

from collections.abc import Mapping

from components.secret_files import SecretValues
from model.slices import Plan
from stacks.platform import Platform
from stacks.pods import deploy_ingress, deploy_servers
from stacks.stores import Stores


def deploy_services(
    plan: Plan, platform: Platform, stores: Stores, secrets: SecretValues
) -> Mapping[str, str]:
    """Make the services, and give the address of each by its name."""
    deploy_ingress(plan.workloads.ingress, platform)
    return deploy_servers(
        plan.workloads.services, plan, platform, late=stores.late, secrets=secrets, after=(stores.ready,)
    )
