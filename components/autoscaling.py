"""The autoscaler of a workload: up by one pod a minute at once, down by one a minute after five
quiet minutes. It alone owns the number of pods.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler

from components.base import Component
from components.labels import labels
from model.container import Autoscaled
from model.spec import WorkloadSpec

ONE_POD_A_MINUTE = {"type": "Pods", "value": 1, "period_seconds": 60}
# On the way up a window would answer load five minutes late; on the way down it stops flapping.
UP_WINDOW_SECONDS = 0
DOWN_WINDOW_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class AutoscalingArgs:
    """The workload, its bounds, and the object whose pods are counted."""

    spec: WorkloadSpec
    replicas: Autoscaled
    namespace: pulumi.Input[str]
    target: pulumi.Input[str]


class Autoscaling(Component):
    """A HorizontalPodAutoscaler on CPU and memory, in percent of what the pods request."""

    def __init__(self, name: str, args: AutoscalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Autoscaling", name, opts)
        autoscaler = HorizontalPodAutoscaler(
            self.named("autoscaler"),
            metadata={
                "name": args.spec.name,
                "namespace": args.namespace,
                "labels": labels(args.spec.app, args.spec.component),
            },
            spec={
                "scale_target_ref": {"api_version": "apps/v1", "kind": args.spec.kind, "name": args.target},
                "min_replicas": args.replicas.minimum,
                "max_replicas": args.replicas.maximum,
                "metrics": [
                    _utilisation("cpu", args.replicas.cpu_percent),
                    _utilisation("memory", args.replicas.memory_percent),
                ],
                "behavior": {
                    "scale_up": _by_one(UP_WINDOW_SECONDS),
                    "scale_down": _by_one(DOWN_WINDOW_SECONDS),
                },
            },
            opts=self.child(),
        )
        self.finish(name=autoscaler.metadata.name)


def _utilisation(resource: str, percent: int) -> Any:
    target = {"type": "Utilization", "average_utilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def _by_one(window_seconds: int) -> Any:
    return {
        "stabilization_window_seconds": window_seconds,
        "select_policy": "Max",
        "policies": [ONE_POD_A_MINUTE],
    }
