"""Makes servers of the plan on the platform; every layer that runs pods uses it."""

from collections.abc import Iterable, Mapping, Sequence

import pulumi

from components.alias import Alias, AliasArgs
from components.config_files import LateValues
from components.identity import Identity, IdentityArgs
from components.ingress import Ingress, IngressArgs
from components.secret_files import SecretValues
from components.workload import Workload, WorkloadArgs
from model.slices import Plan
from model.spec import IngressSpec, ServerSpec, WorkloadSpec
from stacks.platform import INGRESS_CLASS, STORAGE_CLASS, Platform


def deploy_servers(
    servers: Iterable[ServerSpec],
    plan: Plan,
    platform: Platform,
    *,
    late: LateValues,
    secrets: SecretValues,
    after: Sequence[pulumi.Resource] = (),
    scaler: Sequence[pulumi.Resource] = (),
) -> Mapping[str, str]:
    """Make each server, and give the address of its Service by its name.

    `after` must stand before those servers start that use a database, `scaler` before autoscalers
    that follow more than CPU and memory.
    """
    addresses: dict[str, str] = {}
    for server in servers:
        spec = server.workload
        waits = after if _uses_database(spec) else ()
        args = WorkloadArgs(
            spec=spec,
            namespaces=platform.namespaces,
            late=late,
            secrets=secrets,
            storage_class=STORAGE_CLASS,
            protect_volumes=plan.platform.volumes_retained,
            after=(*platform.ready, *_identity(spec, plan, platform), *waits),
            scaler=tuple(scaler),
        )
        Workload(spec.name, args, platform.kubernetes_options)
        _ways_in(server, platform)
        if spec.kind != "DaemonSet":
            addresses[spec.name] = f"{spec.name}.{spec.namespace}.svc"
    return addresses


def deploy_ingress(spec: IngressSpec | None, platform: Platform) -> None:
    """Make the way in to a host, if there is one."""
    if spec is None:
        return
    args = IngressArgs(spec=spec, class_name=INGRESS_CLASS, namespaces=platform.namespaces)
    Ingress(f"{spec.name}-ingress", args, platform.kubernetes_options)


def _ways_in(server: ServerSpec, platform: Platform) -> None:
    deploy_ingress(server.ingress, platform)
    for alias in server.aliases:
        args = AliasArgs(spec=alias, namespaces=platform.namespaces)
        Alias(f"{alias.name}-alias", args, platform.kubernetes_options)


def _uses_database(spec: WorkloadSpec) -> bool:
    return any(mount.name.endswith("-postgres-ca") for mount in spec.config)


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
