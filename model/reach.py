"""Who may reach whom: namespaces, the ends of connections, and the connections that are allowed.

Everything that no edge names is denied, in both directions.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

ANYWHERE = "0.0.0.0/0"
# The agent of EKS Pod Identity on every node, which hands out AWS credentials.
_POD_IDENTITY = "169.254.170.23/32"


class Namespace(StrEnum):
    """The namespaces of the program."""

    MONITORING = "monitoring"
    MONITORING_AGENTS = "monitoring-agents"
    """For what must read the host; everything else is restricted."""
    AXIOM = "axiom"
    KEDA = "keda"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One end of an allowed connection: pods of a workload, every pod of a namespace, or CIDRs."""

    namespace: Namespace | None = None
    app: str | None = None
    cidr: str | None = None


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A connection that NetworkPolicies allow; everything else is denied."""

    source: Peer
    target: Peer
    port: int
    last_port: int | None = None
    """End of a range of ports that begins at `port`."""
    protocol: Literal["TCP", "UDP"] = "TCP"
    why: str
    """What the source wants there, in a few words: `docs/network.md` shows them."""


# It asks every server, and most of them let nobody else in.
PROMETHEUS = Peer(namespace=Namespace.MONITORING, app="prometheus")


def scraped(target: Peer, port: int) -> Edge:
    """Prometheus reads a target's metrics."""
    return Edge(source=PROMETHEUS, target=target, port=port, why="metrics")


def from_balancers(sources: Iterable[Peer], target: Peer, port: int) -> tuple[Edge, ...]:
    """What users send, by way of the load balancers of these ranges."""
    return tuple(Edge(source=source, target=target, port=port, why="users") for source in sources)


def to_internet(source: Peer, why: str) -> Edge:
    """HTTPS to addresses that nobody knows beforehand: Slack, PagerDuty, DataDog, S3's gateway."""
    return Edge(source=source, target=Peer(cidr=ANYWHERE), port=443, why=why)


def to_aws(source: Peer, network: str) -> tuple[Edge, ...]:
    """The AWS APIs by the endpoints in the network, with credentials from Pod Identity."""
    identity = Edge(source=source, target=Peer(cidr=_POD_IDENTITY), port=80, why="credentials of AWS")
    return (identity, Edge(source=source, target=Peer(cidr=network), port=443, why="APIs of AWS"))


def to_kubernetes(source: Peer, network: str, services: str) -> tuple[Edge, ...]:
    """The Kubernetes API: its Service, the first of the Services' addresses, and what is behind it.

    Policies are enforced before a Service's address is replaced by that of an endpoint.
    """
    first = next(ipaddress.IPv4Network(services).hosts())
    return tuple(
        Edge(source=source, target=Peer(cidr=cidr), port=443, why="Kubernetes API")
        for cidr in (f"{first}/32", network)
    )


def to_ranges(source: Peer, ranges: Iterable[str]) -> tuple[Edge, ...]:
    """Every TCP port of ranges: databases listen where their owners want."""
    return tuple(
        Edge(source=source, target=Peer(cidr=cidr), port=1, last_port=65535, why="data sources")
        for cidr in ranges
    )
