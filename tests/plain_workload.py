"""A workload of which nothing matters but what a test says."""

from typing import Any

from model.container import Fixed, HttpProbe, Port, Probes, Resources
from model.reach import Namespace
from model.spec import WorkloadSpec

_PROBE = HttpProbe(path="/", port="http")


def plain(**more: Any) -> WorkloadSpec:
    """A Deployment called `server` in `monitoring`; `more` are fields of its spec."""
    usual: dict[str, Any] = {
        "name": "server",
        "component": "test",
        "kind": "Deployment",
        "namespace": Namespace.MONITORING,
        "image": "server:1",
        "user": 1000,
        "ports": (Port(name="http", number=80),),
        "resources": Resources(cpu="1", memory="1Gi", memory_limit="1Gi"),
        "replicas": Fixed(1),
        "probes": Probes(readiness=_PROBE, liveness=_PROBE),
    }
    return WorkloadSpec(**{**usual, **more})
