"""Edges become rules at both of their ends."""

import pytest

from components.network_policy import subjects, ways
from model.reach import Edge, Namespace, Peer

API = Peer(namespace=Namespace.AXIOM, app="core-api")
SCRAPER = Peer(namespace=Namespace.MONITORING, app="prometheus")
DATABASE = Peer(cidr="10.0.0.0/16")
EDGES = (
    Edge(source=SCRAPER, target=API, port=8000, why="a reason"),
    Edge(source=API, target=DATABASE, port=5432, why="a reason"),
    Edge(source=API, target=DATABASE, port=53, protocol="UDP", why="a reason"),
)


def test_every_set_of_pods_gets_a_policy() -> None:
    """Ranges of addresses get none."""
    assert subjects(EDGES) == [(Namespace.AXIOM, "core-api"), (Namespace.MONITORING, "prometheus")]


def test_a_way_in_names_who_comes() -> None:
    """The target lets in the pods of the source, on the port of the edge."""
    ingress, _ = ways(EDGES, (Namespace.AXIOM, "core-api"))
    source = {
        "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "monitoring"}},
        "pod_selector": {"match_labels": {"app": "prometheus"}},
    }
    assert ingress == [{"from_": [source], "ports": [{"port": 8000, "protocol": "TCP"}]}]


def test_ways_to_one_peer_are_one_rule() -> None:
    """Ports of the same peer stand together, in a fixed order."""
    _, egress = ways(reversed(EDGES), (Namespace.AXIOM, "core-api"))
    ports = [{"port": 53, "protocol": "UDP"}, {"port": 5432, "protocol": "TCP"}]
    assert egress == [{"to": [{"ip_block": {"cidr": "10.0.0.0/16"}}], "ports": ports}]


def test_a_peer_without_pods_is_the_whole_namespace() -> None:
    """A peer that names no app selects every pod of its namespace."""
    edge = Edge(source=Peer(namespace=Namespace.MONITORING), target=API, port=1, why="a reason")
    ingress, _ = ways([edge], (Namespace.AXIOM, "core-api"))
    assert "pod_selector" not in ingress[0]["from_"][0]


def test_a_peer_that_names_nothing_is_refused() -> None:
    """An empty rule would let everyone in."""
    with pytest.raises(ValueError, match="names a namespace or a range"):
        ways([Edge(source=Peer(), target=API, port=1, why="a reason")], (Namespace.AXIOM, "core-api"))
