"""What checks look at: the plan, its settings, the assumptions, and the nodes under it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from config.capacity import Assumptions, assumptions
from config.data import tier
from config.settings import Settings
from config.tables import TierData
from model.nodes import Nodes
from model.slices import Load, Plan
from model.spec import ServerSpec, WorkloadSpec

# A rollout adds one pod before it takes one away (`components/workload.py`).
SURGE = 1


@dataclass(frozen=True)
class Scene:
    """A stack as checks see it."""

    plan: Plan
    settings: Settings

    @property
    def given(self) -> Assumptions:
        """The assumptions."""
        return assumptions()

    @property
    def load(self) -> Load:
        """The load."""
        return self.plan.load

    @property
    def tier(self) -> TierData:
        """The tier in full."""
        return tier(self.settings.tier)

    @cached_property
    def servers(self) -> tuple[ServerSpec, ...]:
        """Every server of the stack."""
        return self.plan.servers

    @cached_property
    def workloads(self) -> tuple[WorkloadSpec, ...]:
        """Every workload of the stack."""
        return tuple(server.workload for server in self.servers)

    @cached_property
    def nodes(self) -> Nodes:
        """The nodes that it lies on."""
        return Nodes.of(self.workloads, self.tier.nodes)

    def one(self, name: str) -> WorkloadSpec:
        """A workload by name, which the stack has."""
        return next(found for found in self.workloads if found.name == name)

    def with_database(self) -> Iterator[WorkloadSpec]:
        """The workloads that connect to PostgreSQL and Redis, with a pool in each process."""
        return (found for found in self.workloads if "DB_POOL_SIZE" in found.environment)

    def pods(self, workload: WorkloadSpec, *, most: bool) -> int:
        """Pods of a workload with its autoscaler at one end of its range."""
        return self.nodes.pods(workload, most=most)

    def surged(self, workload: WorkloadSpec) -> int:
        """Pods of a workload at its maximum in the middle of a rollout."""
        return self.pods(workload, most=True) + SURGE
