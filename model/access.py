"""Decides who may reach what: folds over what servers, services and stores declare."""

from collections.abc import Iterable

from config.settings import Settings
from model.postgres_roles import roles_edge
from model.slices import AccessPlan
from model.spec import ServerSpec
from model.stores import POSTGRES_PORT


def access_plan(settings: Settings, servers: Iterable[ServerSpec]) -> AccessPlan:
    """Edges of NetworkPolicies, and AWS permissions by app."""
    every = tuple(servers)
    declared = [edge for server in every for edge in server.edges]
    edges = (*declared, roles_edge(settings.network.cidr, POSTGRES_PORT))
    permissions = {server.workload.app: server.permissions for server in every if server.permissions}
    return AccessPlan(edges=tuple(dict.fromkeys(edges)), permissions=permissions)
