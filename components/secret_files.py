"""Secrets of one workload as Kubernetes Secrets, to be mounted as files and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from components.base import Component
from components.labels import labels
from config.secrets import SecretKey
from model.spec import SecretMount, WorkloadSpec

SecretValues = Mapping[SecretKey, pulumi.Output[str]]


@dataclass(frozen=True, kw_only=True)
class SecretFilesArgs:
    """The workload, where it lives, and the secrets by key."""

    spec: WorkloadSpec
    namespace: pulumi.Input[str]
    secrets: SecretValues


class SecretFiles(Component):
    """One Secret for each mount, under a fixed name; a server reads a rotated file by itself."""

    objects: tuple[Secret, ...]

    def __init__(self, name: str, args: SecretFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:SecretFiles", name, opts)
        self.objects = tuple(self._secret(mount, args) for mount in args.spec.secrets)
        self.finish(names=[mount.name for mount in args.spec.secrets])

    def _secret(self, mount: SecretMount, args: SecretFilesArgs) -> Secret:
        return Secret(
            self.named(mount.name.removeprefix(f"{args.spec.name}-")),
            metadata={
                "name": mount.name,
                "namespace": args.namespace,
                "labels": labels(args.spec.app, args.spec.component),
            },
            type="Opaque",
            string_data={file: args.secrets[key] for file, key in sorted(mount.files.items())},
            opts=self.child(),
        )
