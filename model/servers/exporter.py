"""What exporters have in common: one pod that asks somebody and is asked by Prometheus.

A second pod would count every figure twice; a lost one is told of by its target's absence.
"""

from dataclasses import replace
from typing import Any

from config.data import image
from config.settings import Settings
from model.container import Fixed, HttpProbe, Port, Probes, Resources
from model.reach import Namespace
from model.spec import WorkloadSpec

NOBODY = 65534


def exporter(
    name: str, settings: Settings, *, port: Port, resources: Resources, health: str, **more: Any
) -> WorkloadSpec:
    """The workload of the exporter `name`, which is also its image's; `more` are fields of its spec."""
    probe = HttpProbe(path=health, port=port.name)
    common: dict[str, Any] = {
        "name": name,
        "component": "exporter",
        "kind": "Deployment",
        "namespace": Namespace.MONITORING,
        "image": image(name, settings.images),
        "user": NOBODY,
        "ports": (port,),
        "resources": resources,
        "replicas": Fixed(1),
        "probes": Probes(readiness=probe, liveness=replace(probe, period=20)),
    }
    return WorkloadSpec(**{**common, **more})
