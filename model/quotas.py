"""Decides the quota of each namespace: what its pods may ask for at their most, and some slack.

A quota stops what nobody planned: a runaway autoscaler, a deployment by hand, a public Service.
"""

import math
from collections.abc import Iterable, Mapping

from model.reach import Namespace
from model.sizes import mebibytes, millicores, pods_at_most
from model.spec import ServerSpec

# Rollouts and Jobs run beside what is there.
_SLACK = 1.5
# More nodes than the stack has at its largest tier.
_MOST_NODES = 50
_SPARE_PODS = 5


def quota(namespace: Namespace, servers: Iterable[ServerSpec]) -> Mapping[str, str]:
    """Hard limits by resource name."""
    workloads = [server.workload for server in servers if server.workload.namespace is namespace]
    counts = [(workload, pods_at_most(workload, _MOST_NODES)) for workload in workloads]
    pods = sum(count for _, count in counts)
    cpu = sum(count * millicores(workload) for workload, count in counts)
    requested = sum(count * mebibytes(workload) for workload, count in counts)
    limited = sum(count * mebibytes(workload, limit=True) for workload, count in counts)
    claims = sum(count for workload, count in counts if workload.claim)
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
