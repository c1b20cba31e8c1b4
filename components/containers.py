"""The containers of a pod, as data: images, sizes, probes, variables, mounts, and what they may not."""

from collections.abc import Sequence
from typing import Any

from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgsDict,
    ConfigMapProjectionArgsDict,
    EnvFromSourceArgsDict,
    ProbeArgsDict,
    ResourceRequirementsArgsDict,
    SecurityContextArgsDict,
    VolumeArgsDict,
    VolumeMountArgsDict,
    VolumeProjectionArgsDict,
)

from components.config_files import environment_name
from components.secret_files import secret_environment_name
from model.container import FileMount, HttpProbe, Port, Probe, Probes, Resources, SecretMount, Sidecar
from model.spec import JobSpec, WorkloadSpec

# The claim's template; with the set's name and the ordinal it makes the name of the claim.
CLAIM = "data"
ROOT = 0
SCRATCH_REQUEST = "64Mi"


def main_container(spec: WorkloadSpec) -> Any:
    """The container that a workload is about."""
    return {
        **_common(spec.name, spec.image, spec.resources),
        "command": list(spec.command) or None,
        "args": list(spec.args) or None,
        "ports": _ports(spec.ports),
        "env": [
            {"name": name, "value_from": {"field_ref": {"field_path": path}}}
            for name, path in sorted(spec.pod_fields.items())
        ]
        or None,
        "env_from": _variables(spec) or None,
        **_probes(spec.probes),
        "lifecycle": {"pre_stop": {"sleep": {"seconds": spec.drain_seconds}}} if spec.drain_seconds else None,
        "security_context": _security(
            root=spec.user == ROOT,
            writable=spec.writable_root,
            capabilities=spec.host.capabilities if spec.host else (),
        ),
        "volume_mounts": _workload_mounts(spec),
    }


def sidecar_container(sidecar: Sidecar) -> Any:
    """A container beside the main one."""
    return {
        **_common(sidecar.name, sidecar.image, sidecar.resources),
        "args": list(sidecar.args),
        "ports": _ports(sidecar.ports),
        **_probes(sidecar.probes),
        "security_context": {**_security(), "run_as_user": sidecar.user, "run_as_group": sidecar.user},
    }


def job_container(spec: JobSpec) -> Any:
    """The container of a Job: it runs to its end, so nothing probes it."""
    return {
        **_common(spec.name, spec.image, spec.resources),
        "command": list(spec.command),
        "env_from": _variables(spec) or None,
        "security_context": _security(),
        "volume_mounts": _mounts(spec.config, (), spec.scratch),
    }


def volumes(
    config: Sequence[FileMount], secrets: Sequence[SecretMount], scratch: Sequence[str]
) -> list[VolumeArgsDict]:
    """The volumes that these mounts name."""
    configs = [_config_volume(mount) for mount in config]
    files: list[VolumeArgsDict] = [
        {"name": mount.name, "secret": {"secret_name": mount.name, "default_mode": 0o440}}
        for mount in secrets
    ]
    empty: list[VolumeArgsDict] = [
        {"name": f"scratch-{index}", "empty_dir": {}} for index in range(len(scratch))
    ]
    return [*configs, *files, *empty]


def _config_volume(mount: FileMount) -> VolumeArgsDict:
    if mount.account is None:
        return {"name": mount.name, "config_map": {"name": mount.name}}
    authority: ConfigMapProjectionArgsDict = {
        # Kubernetes keeps one in every namespace.
        "name": "kube-root-ca.crt",
        "items": [{"key": "ca.crt", "path": f"{mount.account}/ca.crt"}],
    }
    sources: list[VolumeProjectionArgsDict] = [
        {"config_map": {"name": mount.name}},
        {"config_map": authority},
        {"service_account_token": {"path": f"{mount.account}/token", "expiration_seconds": 3600}},
    ]
    return {"name": mount.name, "projected": {"sources": sources}}


def _common(name: str, image: str, resources: Resources) -> Any:
    return {
        "name": name,
        "image": image,
        "image_pull_policy": "IfNotPresent",
        "resources": _resources(resources),
    }


def _ports(ports: Sequence[Port]) -> list[Any]:
    return [{"name": port.name, "container_port": port.number, "protocol": port.protocol} for port in ports]


def _variables(spec: WorkloadSpec | JobSpec) -> list[EnvFromSourceArgsDict]:
    found: list[EnvFromSourceArgsDict] = []
    if spec.environment:
        found.append({"config_map_ref": {"name": environment_name(spec)}})
    if spec.secret_environment:
        found.append({"secret_ref": {"name": secret_environment_name(spec)}})
    return found


def _security(
    *, root: bool = False, writable: bool = False, capabilities: Sequence[str] = ()
) -> SecurityContextArgsDict:
    allowed: CapabilitiesArgsDict = {"drop": ["ALL"]}
    if capabilities:
        allowed["add"] = list(capabilities)
    return {
        "allow_privilege_escalation": False,
        "privileged": False,
        "read_only_root_filesystem": not writable,
        "run_as_non_root": not root,
        "capabilities": allowed,
    }


def _resources(resources: Resources) -> ResourceRequirementsArgsDict:
    return {
        "requests": {
            "cpu": resources.cpu,
            "memory": resources.memory,
            "ephemeral-storage": SCRATCH_REQUEST,
        },
        # No limit of processor time: it would throttle a pod while its node has time to spare.
        "limits": {"memory": resources.memory_limit, "ephemeral-storage": resources.scratch_limit},
    }


def _probes(probes: Probes) -> Any:
    return {
        "startup_probe": _probe(probes.startup) if probes.startup else None,
        "readiness_probe": _probe(probes.readiness),
        "liveness_probe": _probe(probes.liveness),
    }


def _probe(probe: Probe) -> ProbeArgsDict:
    timing: ProbeArgsDict = {
        "period_seconds": probe.period,
        "failure_threshold": probe.failures,
        "timeout_seconds": 5,
    }
    if isinstance(probe, HttpProbe):
        return {**timing, "http_get": {"path": probe.path, "port": probe.port, "scheme": "HTTP"}}
    return {**timing, "tcp_socket": {"port": probe.port}}


def _workload_mounts(spec: WorkloadSpec) -> list[VolumeMountArgsDict]:
    found = _mounts(spec.config, spec.secrets, spec.scratch)
    if spec.claim:
        found.append({"name": CLAIM, "mount_path": spec.claim.path})
    for mount in spec.host.mounts if spec.host else ():
        found.append(
            {
                "name": mount.name,
                "mount_path": mount.mount_path,
                "read_only": not mount.writable,
                "mount_propagation": "HostToContainer" if mount.propagated else None,
            }
        )
    return found


def _mounts(
    config: Sequence[FileMount], secrets: Sequence[SecretMount], scratch: Sequence[str]
) -> list[VolumeMountArgsDict]:
    paths = [(mount.name, mount.path) for mount in config]
    paths += [(mount.name, mount.path) for mount in secrets]
    files: list[VolumeMountArgsDict] = [
        {"name": name, "mount_path": path, "read_only": True} for name, path in paths
    ]
    folders: list[VolumeMountArgsDict] = [
        {"name": f"scratch-{index}", "mount_path": path} for index, path in enumerate(scratch)
    ]
    return [*files, *folders]
