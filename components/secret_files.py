"""Secrets of one workload as Kubernetes Secrets: mounted as files where its server reads files,
otherwise as variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from components.base import Component
from components.labels import labels
from model.generated import Prefixed, SecretSource, SecretValue
from model.spec import JobSpec, WorkloadSpec

SecretValues = Mapping[SecretSource, pulumi.Output[str]]


@dataclass(frozen=True, kw_only=True)
class SecretFilesArgs:
    """The workload, where it lives, and the secrets by key."""

    spec: WorkloadSpec | JobSpec
    namespace: pulumi.Input[str]
    secrets: SecretValues


class SecretFiles(Component):
    """One Secret for each mount and one for the variables, under fixed names."""

    objects: tuple[Secret, ...]

    def __init__(self, name: str, args: SecretFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:SecretFiles", name, opts)
        mounts = args.spec.secrets if isinstance(args.spec, WorkloadSpec) else ()
        contents = {mount.name: mount.files for mount in mounts}
        if args.spec.secret_environment:
            contents[secret_environment_name(args.spec)] = args.spec.secret_environment
        self.objects = tuple(self._secret(name, content, args) for name, content in contents.items())
        self.finish(names=list(contents))

    def _secret(self, name: str, content: Mapping[str, SecretValue], args: SecretFilesArgs) -> Secret:
        return Secret(
            self.named(name.removeprefix(f"{args.spec.name}-")),
            metadata={
                "name": name,
                "namespace": args.namespace,
                "labels": labels(args.spec.app, args.spec.component),
            },
            type="Opaque",
            string_data={key: _text(value, args.secrets) for key, value in sorted(content.items())},
            opts=self.child(),
        )


def secret_environment_name(spec: WorkloadSpec | JobSpec) -> str:
    """Name of the Secret with the variables."""
    return f"{spec.name}-secret-environment"


def _text(value: SecretValue, secrets: SecretValues) -> pulumi.Output[str]:
    if isinstance(value, Prefixed):
        return pulumi.Output.concat(value.prefix, secrets[value.secret])
    return secrets[value]
