"""What servers refer to in each other: ends of connections, targets of scrape jobs. All must be there."""

from collections.abc import Iterable, Iterator, Mapping

from config.files import DataError
from model.postgres_roles import NAME as ROLES_JOB
from model.reach import Edge, Namespace, Peer
from model.scrape import service_jobs
from model.spec import ScrapeJob, ServerSpec, WorkloadSpec

# What the pods of a workload listen on: number and protocol.
_Listening = Mapping[tuple[Namespace, str], frozenset[tuple[int, str]]]


def check_references(edges: Iterable[Edge], servers: Iterable[ServerSpec]) -> None:
    """Refuse a plan whose parts miss each other.

    Raises:
        DataError: with every end of a connection and every scrape job that leads to nothing.
    """
    every = tuple(servers)
    jobs = (*service_jobs(), *(job for server in every for job in server.scrape))
    problems = [*dangling(edges, every), *aimless(jobs, every)]
    if problems:
        raise DataError("\n".join(problems))


def dangling(edges: Iterable[Edge], servers: Iterable[ServerSpec]) -> Iterator[str]:
    """The connections that begin or end at no workload, or at a port that nobody listens on."""
    known = _listening(server.workload for server in servers)
    for edge in edges:
        for end in (edge.source, edge.target):
            if end.app and _place(end) not in known:
                yield f"{_told(edge)}: {_no_workload(end.app, end.namespace, known)}"
        ports = known.get(_place(edge.target))
        wanted = range(edge.port, (edge.last_port or edge.port) + 1)
        strange = [] if ports is None else [port for port in wanted if (port, edge.protocol) not in ports]
        if ports is not None and strange:
            listed = ", ".join(f"{number}/{protocol}" for number, protocol in sorted(ports)) or "no port"
            yield f"{_told(edge)}: {edge.target.app} listens on {listed}, not on {strange[0]}/{edge.protocol}"


def aimless(jobs: Iterable[ScrapeJob], servers: Iterable[ServerSpec]) -> Iterator[str]:
    """The scrape jobs that would have no target for ever."""
    works = {(server.workload.namespace, server.workload.app): server.workload for server in servers}
    for job in jobs:
        if job.pods is None:
            if job.targets == 0:
                yield f"scrape job {job.name}: it has no targets"
            continue
        work = works.get((job.pods.namespace, job.pods.app))
        if work is None:
            yield f"scrape job {job.name}: {_no_workload(job.pods.app, job.pods.namespace, works)}"
        elif job.pods.port not in (names := _port_names(work)):
            listed = ", ".join(names)
            yield f"scrape job {job.name}: {work.app} has the ports {listed}, none called {job.pods.port}"


def _no_workload(app: str, namespace: Namespace | None, known: Iterable[tuple[Namespace, str]]) -> str:
    apps = ", ".join(sorted(other for where, other in known if where == namespace))
    return f"no workload {app!r} in {namespace}; there are {apps}"


def _listening(workloads: Iterable[WorkloadSpec]) -> _Listening:
    # The Job of the roles listens nowhere.
    found = {(Namespace.AXIOM, ROLES_JOB): frozenset[tuple[int, str]]()}
    for work in workloads:
        ports = (*work.ports, *(port for sidecar in work.sidecars for port in sidecar.ports))
        found[work.namespace, work.app] = frozenset((port.number, port.protocol) for port in ports)
    return found


def _port_names(work: WorkloadSpec) -> list[str]:
    return [port.name for port in (*work.ports, *(port for one in work.sidecars for port in one.ports))]


def _place(end: Peer) -> tuple[Namespace, str]:
    return (end.namespace or Namespace.AXIOM, end.app or "")


def _told(edge: Edge) -> str:
    source, target = (end.app or end.cidr or f"all of {end.namespace}" for end in (edge.source, edge.target))
    return f"a connection from {source} to {target} ({edge.why})"
