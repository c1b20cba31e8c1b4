"""How many nodes a stack has, and what its workloads ask of them at either end of their autoscalers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from config.capacity import assumptions
from config.tables import NodesTier
from model.container import EveryNode
from model.sizes import mebibytes, millicores, pods_at_least, pods_at_most
from model.spec import WorkloadSpec


@dataclass(frozen=True)
class Requests:
    """What pods ask for: cores and GiB."""

    cores: float
    gibibytes: float


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Nodes of one size: as many as the usual pods need, and as many as the account must give."""

    least: int
    most: int

    @classmethod
    def of(cls, workloads: Iterable[WorkloadSpec], size: NodesTier) -> "Nodes":
        """The nodes that these workloads lie on, spread over the zones."""
        given = assumptions().nodes
        usual = [workload for workload in workloads if not isinstance(workload.replicas, EveryNode)]
        asked = _requests((workload, pods_at_least(workload, 0)) for workload in usual)
        needed = max(asked.cores / size.cpu, asked.gibibytes / size.memory_gibibytes) / given.usable_share
        most = size.per_zone * given.zones
        return cls(least=min(most, math.ceil(needed / given.zones) * given.zones), most=most)

    def pods(self, workload: WorkloadSpec, *, most: bool) -> int:
        """Pods of a workload with the autoscalers at one end of their range."""
        return pods_at_most(workload, self.most) if most else pods_at_least(workload, self.least)

    def requests(self, workloads: Iterable[WorkloadSpec], *, most: bool) -> Requests:
        """What all pods of these workloads ask for."""
        return _requests((workload, self.pods(workload, most=most)) for workload in workloads)


def _requests(counts: Iterable[tuple[WorkloadSpec, int]]) -> Requests:
    listed = list(counts)
    return Requests(
        cores=sum(count * millicores(workload) for workload, count in listed) / 1000,
        gibibytes=sum(count * mebibytes(workload) for workload, count in listed) / 1024,
    )
