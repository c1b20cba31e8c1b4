"""NetworkPolicies from the plan's edges: every connection is allowed at both of its ends.

One policy for each set of pods, with its ways in and its ways out. Namespaces are closed by
default, so what no edge names does not pass.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyPeerArgsDict,
    NetworkPolicySpecArgsDict,
)

from components.base import Component
from components.fragments import present
from components.labels import labels, selector
from model.reach import Edge, Namespace, Peer

Subject = tuple[Namespace, str | None]


@dataclass(frozen=True, kw_only=True)
class NetworkPoliciesArgs:
    """All edges, and the names of the namespaces."""

    edges: tuple[Edge, ...]
    namespaces: Mapping[Namespace, pulumi.Input[str]]


class NetworkPolicies(Component):
    """One policy for each workload that an edge names."""

    policies: tuple[NetworkPolicy, ...]

    def __init__(
        self, name: str, args: NetworkPoliciesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("axiom:monitoring:NetworkPolicies", name, opts)
        self.policies = tuple(self._policy(subject, args) for subject in subjects(args.edges))
        self.finish(count=len(self.policies))

    def _policy(self, subject: Subject, args: NetworkPoliciesArgs) -> NetworkPolicy:
        namespace, app = subject
        title = app or "every-pod"
        ingress, egress = ways(args.edges, subject)
        spec: NetworkPolicySpecArgsDict = {
            "pod_selector": {"match_labels": selector(app)} if app else {},
            "policy_types": [*(["Ingress"] if ingress else []), *(["Egress"] if egress else [])],
            "ingress": ingress or None,
            "egress": egress or None,
        }
        return NetworkPolicy(
            self.named(f"{namespace}-{title}"),
            metadata={
                "name": title,
                "namespace": args.namespaces[namespace],
                "labels": labels(title, "network-policy"),
            },
            spec=present(spec),
            opts=self.child(),
        )


def subjects(edges: Iterable[Edge]) -> list[Subject]:
    """The sets of pods at either end of an edge, in a fixed order."""
    ends = (end for edge in edges for end in (edge.source, edge.target))
    found = {(end.namespace, end.app) for end in ends if end.namespace is not None}
    return sorted(found, key=lambda subject: (subject[0], subject[1] or ""))


def ways(edges: Iterable[Edge], subject: Subject) -> tuple[list[Any], list[Any]]:
    """The rules of one policy: who may come in on which ports, and where its pods may go."""
    known = list(edges)
    ingress = [(edge.source, edge) for edge in known if (edge.target.namespace, edge.target.app) == subject]
    egress = [(edge.target, edge) for edge in known if (edge.source.namespace, edge.source.app) == subject]
    return _rules("from", ingress), _rules("to", egress)


def _rules(side: Literal["from", "to"], ends: list[tuple[Peer, Edge]]) -> list[Any]:
    by_peer: dict[Peer, set[tuple[int, int, str]]] = {}
    for peer, edge in ends:
        by_peer.setdefault(peer, set()).add((edge.port, edge.last_port or edge.port, edge.protocol))
    key = "from_" if side == "from" else side
    return [
        {
            key: [_peer(peer)],
            "ports": [_ports(*port) for port in sorted(ports)],
        }
        for peer, ports in sorted(by_peer.items(), key=lambda item: _order(item[0]))
    ]


def _ports(first: int, last: int, protocol: str) -> Any:
    ports = {"port": first, "protocol": protocol}
    return ports if first == last else {**ports, "end_port": last}


def _order(peer: Peer) -> tuple[str, str, str]:
    return (peer.namespace or "", peer.app or "", peer.cidr or "")


def _peer(peer: Peer) -> NetworkPolicyPeerArgsDict:
    if peer.cidr is not None:
        return {"ip_block": {"cidr": peer.cidr}}
    if peer.namespace is None:
        raise ValueError("a peer names a namespace or a range: one that names nothing would be anyone")
    found: NetworkPolicyPeerArgsDict = {
        "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": peer.namespace.value}},
        "pod_selector": {"match_labels": selector(peer.app)} if peer.app else None,
    }
    return present(found)
