"""The configuration of one workload: its files and its plain variables, as ConfigMaps.

This is the one place that puts late values into planned text. The ConfigMaps have fixed names
and change in place; what the pods cannot reload by themselves counts into `digest`, which
stands on the pod template and so rolls them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.base import Component
from components.labels import labels
from model.container import OUTLINE, FileMount
from model.late import Late, late_values
from model.spec import JobSpec, WorkloadSpec

LateValues = Mapping[Late, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class ConfigFilesArgs:
    """The workload, where it lives, and what the late values have become."""

    spec: WorkloadSpec | JobSpec
    namespace: pulumi.Input[str]
    late: LateValues


class ConfigFiles(Component):
    """One ConfigMap for each mount, and one for the variables if there are any."""

    digest: pulumi.Output[str] | None
    config_maps: tuple[ConfigMap, ...]

    def __init__(self, name: str, args: ConfigFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:ConfigFiles", name, opts)
        self._args = args
        texts = {mount.name: {file.name: file.text for file in mount.files} for mount in args.spec.config}
        if args.spec.environment:
            texts[environment_name(args.spec)] = dict(args.spec.environment)
        data = {
            name: {key: substituted(text, args.late) for key, text in sorted(files.items())}
            for name, files in texts.items()
        }
        outlines = {mount.name: mount.outline for mount in args.spec.config}
        self.config_maps = tuple(
            self._config_map(name, files, outlines.get(name)) for name, files in data.items()
        )
        fixed = {name: files for name, files in data.items() if name not in _reloading(args.spec.config)}
        self.digest = digest(fixed) if fixed else None
        self.finish(digest=self.digest)

    def _config_map(self, name: str, data: dict[str, pulumi.Output[str]], outline: str | None) -> ConfigMap:
        spec = self._args.spec
        # The engine writes out a whole JSON text for one changed figure; of lines it shows the changed ones.
        return ConfigMap(
            self.named(name.removeprefix(f"{spec.name}-")),
            metadata=ObjectMetaArgs(
                name=name,
                namespace=self._args.namespace,
                labels=labels(spec.app, spec.component),
                annotations={OUTLINE: outline} if outline else None,
            ),
            data=dict(data),
            opts=self.child(hidden=("data",) if outline else ()),
        )


def environment_name(spec: WorkloadSpec | JobSpec) -> str:
    """Name of the ConfigMap with the plain variables."""
    return f"{spec.name}-environment"


def substituted(text: str, late: LateValues) -> pulumi.Output[str]:
    """`text` with each late value put in.

    Raises:
        KeyError: the text waits for a value that no store provides.
    """
    wanted = late_values(text)

    def put_in(values: Mapping[str, str]) -> str:
        result = text
        for token, value in values.items():
            result = result.replace(token, value)
        return result

    if not wanted:
        return pulumi.Output.from_input(text)
    return pulumi.Output.all(**{str(value): late[value] for value in wanted}).apply(put_in)


def digest(files: Mapping[str, Mapping[str, pulumi.Output[str]]]) -> pulumi.Output[str]:
    """SHA-256 over names and texts, shortened to 16 hexadecimal digits."""

    def shorten(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    return pulumi.Output.json_dumps(files, sort_keys=True).apply(shorten)


def _reloading(mounts: tuple[FileMount, ...]) -> set[str]:
    return {mount.name for mount in mounts if mount.reloads}
