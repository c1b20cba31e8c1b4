"""The services of Axiom."""

from collections.abc import Mapping

import pulumi

from model.slices import Plan
from stacks.platform import Platform
from stacks.pods import Secrets, deploy_workloads
from stacks.stores import Stores


def deploy_services(
    plan: Plan, platform: Platform, stores: Stores, secrets: Secrets
) -> Mapping[str, pulumi.Output[str]]:
    """Make the services, and give the address of each by its name."""
    return deploy_workloads(plan.workloads.services, plan, platform, stores, secrets)
