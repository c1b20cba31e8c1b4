"""How much workloads ask for: pods, processor and memory, in numbers that add up."""

from collections.abc import Mapping
from dataclasses import replace

from model.container import Autoscaled, EveryNode, Fixed, Resources
from model.spec import WorkloadSpec

# The rest is for what the runtime does not count: stacks of C, mapped files, the binary.
_GO_SHARE = 0.85
_MEBI = {"Mi": 1, "Gi": 1024, "m": 1, "g": 1024}


def pods_at_most(workload: WorkloadSpec, nodes: int) -> int:
    """Pods when autoscalers are at their maximum."""
    match workload.replicas:
        case Fixed(count):
            return count
        case Autoscaled(maximum=most):
            return most
        case EveryNode():
            return nodes


def pods_at_least(workload: WorkloadSpec, nodes: int) -> int:
    """Pods when autoscalers are at their minimum."""
    replicas = workload.replicas
    return replicas.minimum if isinstance(replicas, Autoscaled) else pods_at_most(workload, nodes)


def millicores(workload: WorkloadSpec) -> int:
    """Processor that one pod asks for, in thousandths of a core."""
    return sum(round(cores(size.cpu) * 1000) for size in _containers(workload))


def mebibytes(workload: WorkloadSpec, *, limit: bool = False) -> int:
    """Memory that one pod asks for, or may take, in MiB."""
    quantities = (size.memory_limit if limit else size.memory for size in _containers(workload))
    return sum(round(gibibytes(quantity) * 1024) for quantity in quantities)


def told_memory(workload: WorkloadSpec) -> WorkloadSpec:
    """The workload; where it is in Go, with most of its limit of memory as the runtime's own."""
    if not workload.in_go:
        return workload
    mebi = int(gibibytes(workload.resources.memory_limit) * 1024 * _GO_SHARE)
    return replace(workload, environment={**workload.environment, "GOMEMLIMIT": f"{mebi}MiB"})


def cores(quantity: str) -> float:
    """Cores of a quantity such as `500m`."""
    return int(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def gibibytes(quantity: str) -> float:
    """GiB of a quantity of Kubernetes or of a JVM, such as `512Mi` or `4g`."""
    number = quantity.rstrip("MGimg")
    return float(number) * _MEBI[quantity[len(number) :]] / 1024


def processes(environment: Mapping[str, str]) -> int:
    """Processes of Uvicorn in a pod."""
    return int(environment.get("WEB_CONCURRENCY", "1"))


def _containers(workload: WorkloadSpec) -> list[Resources]:
    return [workload.resources, *(sidecar.resources for sidecar in workload.sidecars)]
