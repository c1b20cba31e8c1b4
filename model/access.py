"""Decides who may reach what: folds over what servers, services and stores declare."""

from collections.abc import Iterable, Iterator, Mapping

from config.files import DataError
from config.settings import Settings
from model.postgres_roles import NAME as ROLES_JOB
from model.postgres_roles import roles_edge
from model.reach import Edge, Namespace, Peer
from model.slices import AccessPlan
from model.spec import ServerSpec, WorkloadSpec
from model.stores import POSTGRES_PORT

# What pods of a workload listen on: number and protocol.
_Ports = Mapping[tuple[Namespace, str], frozenset[tuple[int, str]]]


def access_plan(settings: Settings, servers: Iterable[ServerSpec]) -> AccessPlan:
    """Edges of NetworkPolicies, and AWS permissions by app.

    Raises:
        DataError: an edge begins or ends at a workload that the stack lacks, or at a port that
            nobody listens on.
    """
    every = tuple(servers)
    declared = [edge for server in every for edge in server.edges]
    edges = (*declared, roles_edge(settings.network.cidr, POSTGRES_PORT))
    problems = list(dangling(edges, every))
    if problems:
        raise DataError("\n".join(problems))
    permissions = {server.workload.app: server.permissions for server in every if server.permissions}
    return AccessPlan(edges=tuple(dict.fromkeys(edges)), permissions=permissions)


def dangling(edges: Iterable[Edge], servers: Iterable[ServerSpec]) -> Iterator[str]:
    """What is wrong with the ends of these edges."""
    known = _listening(server.workload for server in servers)
    for edge in edges:
        for end in (edge.source, edge.target):
            if end.app and _place(end) not in known:
                apps = ", ".join(sorted(app for namespace, app in known if namespace == end.namespace))
                yield f"{_told(edge)}: no workload {end.app!r} in {end.namespace}; there are {apps}"
        ports = known.get(_place(edge.target), frozenset())
        if ports and (edge.port, edge.protocol) not in ports:
            listed = ", ".join(f"{number}/{protocol}" for number, protocol in sorted(ports))
            yield f"{_told(edge)}: {edge.target.app} listens on {listed}, not on {edge.port}/{edge.protocol}"


def _listening(workloads: Iterable[WorkloadSpec]) -> _Ports:
    # The Job of the roles listens nowhere.
    found = {(Namespace.AXIOM, ROLES_JOB): frozenset[tuple[int, str]]()}
    for workload in workloads:
        ports = (*workload.ports, *(port for sidecar in workload.sidecars for port in sidecar.ports))
        found[workload.namespace, workload.app] = frozenset((port.number, port.protocol) for port in ports)
    return found


def _place(end: Peer) -> tuple[Namespace, str]:
    return (end.namespace or Namespace.AXIOM, end.app or "")


def _told(edge: Edge) -> str:
    source, target = (end.app or end.cidr or f"all of {end.namespace}" for end in (edge.source, edge.target))
    return f"a connection from {source} to {target} ({edge.why})"
