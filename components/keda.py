"""A KEDA ScaledObject: the autoscaler that KEDA makes of it, and what it does without figures.

The kind is not of the SDK: its fields are written as the API has them.
"""

from typing import Any

import pulumi

from components.labels import labels
from model.container import Autoscaled, Trigger
from model.spec import WorkloadSpec

API_VERSION = "keda.sh/v1alpha1"
KIND = "ScaledObject"
# Four questions without an answer, a minute of the autoscaler's own: a restart is no outage.
_FAILURES = 3


def metadata(spec: WorkloadSpec, namespace: pulumi.Input[str]) -> Any:
    """Name and labels; an autoscaler of the same name that is there already is taken over."""
    return {
        "name": spec.name,
        "namespace": namespace,
        "labels": labels(spec.app, spec.component),
        "annotations": {"scaledobject.keda.sh/transfer-hpa-ownership": "true"},
    }


def scaled_object(
    spec: WorkloadSpec, replicas: Autoscaled, trigger: Trigger, target: pulumi.Input[str], behavior: Any
) -> Any:
    """Its `spec`: CPU and memory beside the trigger, and how many pods where that has no answer.

    `behavior` is that of the autoscaler, as the API has it.
    """
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": spec.kind, "name": target},
        "minReplicaCount": replicas.minimum,
        "maxReplicaCount": replicas.maximum,
        # What CPU and memory have asked for stays: a fixed number would take it away.
        "fallback": {
            "failureThreshold": _FAILURES,
            "replicas": trigger.fallback,
            "behavior": "currentReplicasIfHigher",
        },
        "triggers": [
            _of_prometheus(trigger),
            _of_resource("cpu", replicas.cpu_percent),
            _of_resource("memory", replicas.memory_percent),
        ],
        "advanced": {
            "restoreToOriginalReplicaCount": False,
            "horizontalPodAutoscalerConfig": {"name": spec.name, "behavior": behavior},
        },
    }


def _of_prometheus(trigger: Trigger) -> Any:
    return {
        "type": "prometheus",
        "name": "prometheus",
        "metricType": trigger.target,
        "metadata": {
            "serverAddress": trigger.server,
            "query": trigger.query,
            "threshold": f"{trigger.threshold:g}",
            # No answer is a failure, and after some of them the fallback; by default it would be a 0.
            "ignoreNullValues": "false",
        },
    }


def _of_resource(resource: str, percent: int) -> Any:
    return {
        "type": resource,
        "name": resource,
        "metricType": "Utilization",
        "metadata": {"value": str(percent)},
    }
