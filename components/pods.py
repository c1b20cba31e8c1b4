"""The pod template of a workload, as data: what the restricted Pod Security Standard asks for,
where pods may land, and what they mount.
"""

import pulumi
from pulumi_kubernetes.core.v1 import (
    AffinityArgsDict,
    ContainerArgsDict,
    PodAffinityTermArgsDict,
    PodSecurityContextArgsDict,
    PodTemplateSpecArgsDict,
    ProbeArgsDict,
    ResourceRequirementsArgsDict,
    TopologySpreadConstraintArgsDict,
    VolumeArgsDict,
    VolumeMountArgsDict,
)

from components.config_files import environment_name
from components.fragments import present
from components.labels import labels, selector
from model.spec import HttpProbe, Resources, WorkloadSpec

# The claim's template; with the set's name and the ordinal it makes the name of the claim.
CLAIM = "data"
DIGEST_ANNOTATION = "axiom.io/config-digest"


def pod_template(spec: WorkloadSpec, digest: pulumi.Output[str] | None) -> PodTemplateSpecArgsDict:
    """The template of `spec`; `digest` rolls the pods when it changes."""
    annotations = {DIGEST_ANNOTATION: digest} if digest is not None else None
    template: PodTemplateSpecArgsDict = {
        "metadata": {"labels": labels(spec.app, spec.component), "annotations": annotations},
        "spec": {
            "service_account_name": spec.name,
            "automount_service_account_token": reads_api(spec),
            # Variables that the cluster would add for every Service can collide with a server's own.
            "enable_service_links": False,
            "termination_grace_period_seconds": spec.grace_seconds,
            "security_context": _pod_security(spec),
            "topology_spread_constraints": _spread(spec),
            "affinity": _apart(spec),
            "containers": [_container(spec)],
            "volumes": _volumes(spec),
        },
    }
    return present(template)


def reads_api(spec: WorkloadSpec) -> bool:
    """Whether the workload talks to the Kubernetes API, and so needs its token."""
    return bool(spec.access.cluster or spec.access.namespaced)


def _pod_security(spec: WorkloadSpec) -> PodSecurityContextArgsDict:
    return {
        "run_as_non_root": True,
        "run_as_user": spec.user,
        "run_as_group": spec.user,
        "fs_group": spec.user,
        "fs_group_change_policy": "OnRootMismatch",
        "seccomp_profile": {"type": "RuntimeDefault"},
    }


def _spread(spec: WorkloadSpec) -> list[TopologySpreadConstraintArgsDict]:
    return [
        _constraint(spec, "topology.kubernetes.io/zone", "DoNotSchedule"),
        _constraint(spec, "kubernetes.io/hostname", "ScheduleAnyway"),
    ]


def _constraint(spec: WorkloadSpec, key: str, otherwise: str) -> TopologySpreadConstraintArgsDict:
    return {
        "max_skew": 1,
        "topology_key": key,
        "when_unsatisfiable": otherwise,
        "label_selector": {"match_labels": selector(spec.app)},
        # A zone whose nodes are all tainted holds no pods and must not hold up the others.
        "node_taints_policy": "Honor",
        # Counts the pods of one revision: the old ones of a rollout do not distort the new ones.
        "match_label_keys": ["pod-template-hash"] if spec.kind == "Deployment" else None,
    }


def _apart(spec: WorkloadSpec) -> AffinityArgsDict:
    term: PodAffinityTermArgsDict = {
        "label_selector": {"match_labels": selector(spec.app)},
        "topology_key": "kubernetes.io/hostname",
    }
    return {
        "pod_anti_affinity": {
            "preferred_during_scheduling_ignored_during_execution": [
                {"weight": 100, "pod_affinity_term": term}
            ]
        }
    }


def _container(spec: WorkloadSpec) -> ContainerArgsDict:
    return {
        "name": spec.name,
        "image": spec.image,
        "image_pull_policy": "IfNotPresent",
        "args": list(spec.args) or None,
        "ports": [
            {"name": port.name, "container_port": port.number, "protocol": port.protocol}
            for port in spec.ports
        ],
        "env": [
            {"name": name, "value_from": {"field_ref": {"field_path": path}}}
            for name, path in sorted(spec.pod_fields.items())
        ]
        or None,
        "env_from": [{"config_map_ref": {"name": environment_name(spec)}}] if spec.environment else None,
        "resources": _resources(spec.resources),
        "startup_probe": _probe(spec.probes.startup) if spec.probes.startup else None,
        "readiness_probe": _probe(spec.probes.readiness),
        "liveness_probe": _probe(spec.probes.liveness),
        "security_context": {
            "allow_privilege_escalation": False,
            "privileged": False,
            "read_only_root_filesystem": True,
            "run_as_non_root": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volume_mounts": _mounts(spec),
    }


def _resources(resources: Resources) -> ResourceRequirementsArgsDict:
    limits = {"memory": resources.memory_limit}
    if resources.cpu_limit is not None:
        limits["cpu"] = resources.cpu_limit
    return {"requests": {"cpu": resources.cpu, "memory": resources.memory}, "limits": limits}


def _probe(probe: HttpProbe) -> ProbeArgsDict:
    return {
        "http_get": {"path": probe.path, "port": probe.port, "scheme": "HTTP"},
        "period_seconds": probe.period,
        "failure_threshold": probe.failures,
        "timeout_seconds": 5,
    }


def _volumes(spec: WorkloadSpec) -> list[VolumeArgsDict]:
    configs: list[VolumeArgsDict] = [
        {"name": mount.name, "config_map": {"name": mount.name}} for mount in spec.config
    ]
    secrets: list[VolumeArgsDict] = [
        {"name": mount.name, "secret": {"secret_name": mount.name, "default_mode": 0o440}}
        for mount in spec.secrets
    ]
    scratch: list[VolumeArgsDict] = [
        {"name": f"scratch-{index}", "empty_dir": {}} for index in range(len(spec.scratch))
    ]
    return [*configs, *secrets, *scratch]


def _mounts(spec: WorkloadSpec) -> list[VolumeMountArgsDict]:
    paths = [(mount.name, mount.path) for mount in spec.config]
    paths += [(mount.name, mount.path) for mount in spec.secrets]
    files: list[VolumeMountArgsDict] = [
        {"name": name, "mount_path": path, "read_only": True} for name, path in paths
    ]
    writable = [(f"scratch-{index}", path) for index, path in enumerate(spec.scratch)]
    writable += [(CLAIM, spec.claim.path)] if spec.claim else []
    folders: list[VolumeMountArgsDict] = [{"name": name, "mount_path": path} for name, path in writable]
    return [*files, *folders]
