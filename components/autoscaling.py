"""The autoscaler of a workload: up by one pod a minute at once, down by one a minute after five
quiet minutes. It alone owns the number of pods.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscaler

from components import keda
from components.base import Component
from components.labels import labels
from model.container import Autoscaled, Trigger
from model.spec import WorkloadSpec

PERIOD_SECONDS = 60
# On the way up a window would answer load five minutes late; on the way down it stops flapping.
UP_WINDOW_SECONDS = 0
DOWN_WINDOW_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class AutoscalingArgs:
    """The workload, its bounds, the object whose pods are counted, and what owns ScaledObjects."""

    spec: WorkloadSpec
    replicas: Autoscaled
    namespace: pulumi.Input[str]
    target: pulumi.Input[str]
    scaler: tuple[pulumi.Resource, ...] = ()


class Autoscaling(Component):
    """Follows CPU and memory in percent of what the pods request, and a trigger where there is one.

    With a trigger KEDA owns the HorizontalPodAutoscaler: a second one on the same pods would fight it.
    """

    def __init__(self, name: str, args: AutoscalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Autoscaling", name, opts)
        if args.replicas.trigger is None:
            self._plain(args)
        else:
            self._triggered(args, args.replicas.trigger)
        self.finish(name=args.spec.name)

    def _plain(self, args: AutoscalingArgs) -> HorizontalPodAutoscaler:
        return HorizontalPodAutoscaler(
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
                "behavior": _behavior(),
            },
            opts=self.child(),
        )

    def _triggered(self, args: AutoscalingArgs, trigger: Trigger) -> CustomResource:
        return CustomResource(
            self.named("scaled-object"),
            api_version=keda.API_VERSION,
            kind=keda.KIND,
            metadata=keda.metadata(args.spec, args.namespace),
            spec=keda.scaled_object(args.spec, args.replicas, trigger, args.target, _behavior()),
            opts=self.child(depends_on=args.scaler),
        )


def _utilisation(resource: str, percent: int) -> Any:
    target = {"type": "Utilization", "average_utilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def _behavior() -> Any:
    """Of both kinds of autoscaler, in the API's own names: the SDK knows only one of the two."""
    return {"scaleUp": _by_one(UP_WINDOW_SECONDS), "scaleDown": _by_one(DOWN_WINDOW_SECONDS)}


def _by_one(window_seconds: int) -> Any:
    return {
        "stabilizationWindowSeconds": window_seconds,
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": PERIOD_SECONDS}],
    }
