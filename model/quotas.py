"""Decides the quota of each namespace: what its pods may ask for at their most, and some slack.

A quota stops what nobody planned: a runaway autoscaler, a deployment by hand, a public Service.
"""

import math
from collections.abc import Iterable, Mapping

from model.container import Autoscaled, EveryNode, Fixed, Resources
from model.reach import Namespace
from model.spec import ServerSpec, WorkloadSpec

# Rollouts and Jobs run beside what is there.
_SLACK = 1.5
# More nodes than the stack has at its largest tier.
_MOST_NODES = 50
_SPARE_PODS = 5
_MEBI = {"Mi": 1, "Gi": 1024}


def quota(namespace: Namespace, servers: Iterable[ServerSpec]) -> Mapping[str, str]:
    """Hard limits by resource name."""
    workloads = [server.workload for server in servers if server.workload.namespace is namespace]
    pods = sum(_pods(workload) for workload in workloads)
    cpu = sum(_pods(workload) * _millicores(workload) for workload in workloads)
    requested = sum(_pods(workload) * _mebibytes(workload, limit=False) for workload in workloads)
    limited = sum(_pods(workload) * _mebibytes(workload, limit=True) for workload in workloads)
    claims = sum(_pods(workload) for workload in workloads if workload.claim)
    return {
        "pods": str(math.ceil(pods * _SLACK) + _SPARE_PODS),
        "requests.cpu": f"{math.ceil(cpu * _SLACK / 1000) + 1}",
        "requests.memory": f"{math.ceil(requested * _SLACK / 1024) + 1}Gi",
        "limits.memory": f"{math.ceil(limited * _SLACK / 1024) + 1}Gi",
        # A claim outlives the pod that it was made for.
        "persistentvolumeclaims": str(math.ceil(claims * _SLACK)),
        # The ways in are Ingresses.
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def _pods(workload: WorkloadSpec) -> int:
    match workload.replicas:
        case Fixed(count):
            return count
        case Autoscaled(maximum=most):
            return most
        case EveryNode():
            return _MOST_NODES


def _sizes(workload: WorkloadSpec) -> list[Resources]:
    return [workload.resources, *(sidecar.resources for sidecar in workload.sidecars)]


def _millicores(workload: WorkloadSpec) -> int:
    return sum(
        int(size.cpu[:-1]) if size.cpu.endswith("m") else int(float(size.cpu) * 1000)
        for size in _sizes(workload)
    )


def _mebibytes(workload: WorkloadSpec, *, limit: bool) -> int:
    quantities = (size.memory_limit if limit else size.memory for size in _sizes(workload))
    return sum(int(quantity[:-2]) * _MEBI[quantity[-2:]] for quantity in quantities)
