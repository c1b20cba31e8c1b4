"""Makes a workload of the plan on the platform; both layers that run pods use it."""

from collections.abc import Iterable, Mapping

import pulumi

from components.identity import Identity, IdentityArgs
from components.workload import Workload, WorkloadArgs
from config.secrets import SecretKey
from model.slices import Plan
from model.spec import WorkloadSpec
from stacks.platform import Platform
from stacks.stores import Stores

Secrets = Mapping[SecretKey, pulumi.Output[str]]


def deploy_workloads(
    specs: Iterable[WorkloadSpec], plan: Plan, platform: Platform, stores: Stores, secrets: Secrets
) -> dict[str, pulumi.Output[str]]:
    """Make each workload, and give the address of its Service by its name."""
    return {spec.name: _workload(spec, plan, platform, stores, secrets).address for spec in specs}


def _workload(
    spec: WorkloadSpec, plan: Plan, platform: Platform, stores: Stores, secrets: Secrets
) -> Workload:
    args = WorkloadArgs(
        spec=spec,
        namespaces=platform.namespaces,
        late=stores.late,
        secrets=secrets,
        storage_class=platform.storage_class,
        protect_volumes=plan.stores.postgres.protected,
        after=(*platform.policies, *_identity(spec, plan, platform)),
    )
    return Workload(spec.name, args, platform.kubernetes_options)


def _identity(spec: WorkloadSpec, plan: Plan, platform: Platform) -> list[pulumi.Resource]:
    permissions = plan.access.permissions.get(spec.app, ())
    if not permissions:
        return []
    args = IdentityArgs(
        cluster_name=platform.cluster.name,
        namespace=platform.namespaces[spec.namespace],
        service_account=spec.name,
        permissions=permissions,
    )
    return [Identity(f"{spec.name}-identity", args, platform.aws_options).association]
