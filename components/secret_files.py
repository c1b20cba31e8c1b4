"""Secrets of one workload as Kubernetes Secrets: mounted as files where its server reads files,
otherwise as variables.

What its pods read once, when they start, counts into `digest`, which stands on the pod template and
so replaces them. The stack's salt keeps it from telling anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from components.base import Component
from components.config_files import digest
from components.labels import labels
from model.generated import Generated, Prefixed, SecretSource, SecretValue
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
    digest: pulumi.Output[str] | None

    def __init__(self, name: str, args: SecretFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:SecretFiles", name, opts)
        mounts = args.spec.secrets if isinstance(args.spec, WorkloadSpec) else ()
        contents = {mount.name: mount.files for mount in mounts}
        if args.spec.secret_environment:
            contents[secret_environment_name(args.spec)] = args.spec.secret_environment
        self.objects = tuple(self._secret(name, content, args) for name, content in contents.items())
        reloading = {mount.name for mount in mounts if mount.reloads}
        once = {name: content for name, content in contents.items() if name not in reloading}
        self.digest = _digest(once, args.secrets) if once else None
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


def _digest(contents: Mapping[str, Mapping[str, SecretValue]], secrets: SecretValues) -> pulumi.Output[str]:
    texts = {
        name: {key: _text(value, secrets) for key, value in content.items()}
        for name, content in contents.items()
    }
    salted = {**texts, "": {"salt": secrets[Generated.DIGEST_SALT]}}
    return pulumi.Output.unsecret(digest(salted))


def _text(value: SecretValue, secrets: SecretValues) -> pulumi.Output[str]:
    if isinstance(value, Prefixed):
        return pulumi.Output.concat(value.prefix, secrets[value.secret])
    return secrets[value]
