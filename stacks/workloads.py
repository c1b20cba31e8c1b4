"""The services of Axiom, what owns their autoscalers, and the way in to them."""

from collections.abc import Mapping

import pulumi

from components.release import Release, ReleaseArgs
from components.secret_files import SecretValues
from model.slices import Plan
from model.spec import ReleaseSpec
from stacks.platform import Platform
from stacks.pods import deploy_ingress, deploy_servers
from stacks.stores import Stores


def deploy_services(
    plan: Plan, platform: Platform, stores: Stores, secrets: SecretValues
) -> Mapping[str, str]:
    """Make the services, and give the address of each by its name."""
    deploy_ingress(plan.workloads.ingress, platform)
    return deploy_servers(
        plan.workloads.services,
        plan,
        platform,
        late=stores.late,
        secrets=secrets,
        after=(stores.ready,),
        scaler=(_release(plan.workloads.scaler, platform),),
    )


def _release(spec: ReleaseSpec, platform: Platform) -> pulumi.Resource:
    args = ReleaseArgs(spec=spec, namespace=platform.namespaces[spec.namespace], after=platform.ready)
    return Release(spec.name, args, platform.kubernetes_options).installed
