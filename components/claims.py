"""The volumes of a StatefulSet, claimed apart from it.

The claim template of a set can never change, so it stays as it is for ever; the claims bear the
names that the set looks for, so it adopts them. They grow in place and outlive the set.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import PersistentVolumeClaim, PersistentVolumeClaimArgsDict

from components.base import Component
from components.containers import CLAIM
from components.labels import labels
from model.container import Autoscaled, Claim, EveryNode, Fixed
from model.spec import WorkloadSpec

# Never the size of a volume: every claim exists before the set could make one of this size.
TEMPLATE_SIZE = "1Gi"
ACCESS_MODES = ("ReadWriteOnce",)


@dataclass(frozen=True, kw_only=True)
class ClaimsArgs:
    """The set, the size of each volume, and whether a volume may be deleted."""

    spec: WorkloadSpec
    claim: Claim
    namespace: pulumi.Input[str]
    storage_class: str
    protected: bool


class Claims(Component):
    """One claim for each pod that the set may have."""

    claims: tuple[PersistentVolumeClaim, ...]

    def __init__(self, name: str, args: ClaimsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Claims", name, opts)
        self.claims = tuple(self._claim(ordinal, args) for ordinal in range(_pods(args.spec)))
        self.finish(count=len(self.claims))

    def _claim(self, ordinal: int, args: ClaimsArgs) -> PersistentVolumeClaim:
        return PersistentVolumeClaim(
            self.named(str(ordinal)),
            metadata={
                "name": f"{CLAIM}-{args.spec.name}-{ordinal}",
                "namespace": args.namespace,
                "labels": labels(args.spec.app, args.spec.component),
                # It binds when its pod is scheduled; waiting for that would wait for ever, since
                # the pods are made after it.
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={
                "access_modes": list(ACCESS_MODES),
                "storage_class_name": args.storage_class,
                "resources": {"requests": {"storage": f"{args.claim.gibibytes}Gi"}},
            },
            opts=self.child(protect=args.protected),
        )


def claim_template(spec: WorkloadSpec, storage_class: str) -> PersistentVolumeClaimArgsDict:
    """The template under whose name the set finds its claims."""
    return {
        "metadata": {"name": CLAIM, "labels": labels(spec.app, spec.component)},
        "spec": {
            "access_modes": list(ACCESS_MODES),
            "storage_class_name": storage_class,
            "resources": {"requests": {"storage": TEMPLATE_SIZE}},
        },
    }


def _pods(spec: WorkloadSpec) -> int:
    match spec.replicas:
        case Fixed(count):
            return count
        case Autoscaled(maximum=most):
            return most
        case EveryNode():
            raise ValueError(f"{spec.name}: what runs on every node keeps its data there")
