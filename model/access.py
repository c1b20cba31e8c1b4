"""Decides who may reach what: folds over what servers, services and stores declare."""

from collections.abc import Iterable

from config.settings import Settings
from model.slices import AccessPlan, StoresPlan, WorkloadsPlan
from model.spec import Edge, Namespace, Peer, ServerSpec


def access_plan(
    settings: Settings, stores: StoresPlan, workloads: WorkloadsPlan, servers: Iterable[ServerSpec]
) -> AccessPlan:
    """Edges of NetworkPolicies, and AWS permissions by app."""
    every = tuple(servers)
    declared = [edge for server in every for edge in server.edges]
    edges = (*declared, *_to_postgres(settings, stores, workloads))
    permissions = {server.workload.app: server.permissions for server in every if server.permissions}
    return AccessPlan(edges=tuple(dict.fromkeys(edges)), permissions=permissions)


def _to_postgres(settings: Settings, stores: StoresPlan, workloads: WorkloadsPlan) -> list[Edge]:
    network = Peer(cidr=settings.network.cidr)
    return [
        Edge(
            source=Peer(namespace=Namespace.AXIOM, app=workload.app),
            target=network,
            port=stores.postgres.port,
        )
        for workload in workloads.services
        if "DATABASE_HOST" in workload.environment
    ]
