"""The storage class of the volumes: encrypted gp3, made in the zone of the pod that claims it."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.storage.v1 import StorageClass as KubernetesStorageClass

from components.base import Component
from components.labels import labels


@dataclass(frozen=True, kw_only=True)
class StorageClassArgs:
    """Who makes the disks; `retained` keeps a disk when its claim is deleted."""

    class_name: str
    provisioner: str
    retained: bool


class StorageClass(Component):
    """A class by a name of its own; claims state it, since EKS has no default class.

    They state the name itself, not an output: a class that is replaced must not replace them.
    """

    made: pulumi.Resource

    def __init__(self, name: str, args: StorageClassArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:StorageClass", name, opts)
        self.made = KubernetesStorageClass(
            self.named("gp3"),
            metadata={"name": args.class_name, "labels": labels(args.class_name, "storage")},
            provisioner=args.provisioner,
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Retain" if args.retained else "Delete",
            parameters={"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "ext4"},
            opts=self.child(),
        )
        self.finish(class_name=args.class_name)
