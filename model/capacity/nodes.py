"""Nodes: room for every pod with a zone lost, and the part of it all that monitoring takes."""

from collections.abc import Iterator

from config.scalars import Environment
from model.capacity.check import Check
from model.capacity.scene import Scene
from model.reach import Namespace


def checks(scene: Scene) -> Iterator[Check]:
    """The checks."""
    yield from _room(scene)
    yield _monitoring(scene)


def _room(scene: Scene) -> Iterator[Check]:
    given, size = scene.given.nodes, scene.tier.nodes
    left = size.per_zone * (given.zones - 1)
    asked = scene.nodes.requests(scene.workloads, most=True)
    rows = {
        "nodes-cpu": (asked.cores, size.cpu, "cores"),
        "nodes-memory": (asked.gibibytes, size.memory_gibibytes, "GiB"),
    }
    for name, (need, each, unit) in rows.items():
        yield Check(
            name=name,
            formula="requests of all pods at the most <= nodes of the zones that are left x size x use",
            inputs={"nodes": left, "zones lost": 1, f"{unit} a node": each, "use": given.usable_share},
            need=need,
            limit=left * each * given.usable_share,
            unit=unit,
            remedy="config/tiers.yaml: more or bigger nodes, which the account's quotas must allow",
        )


def _monitoring(scene: Scene) -> Check:
    given = scene.given.monitoring
    own = [found for found in scene.workloads if found.namespace is not Namespace.AXIOM]
    whole = scene.nodes.requests(scene.workloads, most=False)
    part = scene.nodes.requests(own, most=False)
    shares = {"of cores": part.cores / whole.cores, "of memory": part.gibibytes / whole.gibibytes}
    return Check(
        name="monitoring-share",
        formula="requests of monitoring / requests of all, the larger of cores and memory <= bar",
        inputs={**shares, "aim": given.aim},
        need=max(shares.values()),
        limit=given.bar,
        unit="of all requests",
        remedy="config/tiers.yaml and model/servers: smaller or fewer servers of monitoring",
        # Elsewhere the services may be as small as one likes.
        binding=scene.settings.environment is Environment.PROD,
    )
