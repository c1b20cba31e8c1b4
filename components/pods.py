"""The pod template of a workload, as data: what the restricted Pod Security Standard asks for,
where pods may land, and what they mount.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    AffinityArgsDict,
    PodAffinityTermArgsDict,
    PodSecurityContextArgsDict,
    PodSpecArgsDict,
    PodTemplateSpecArgsDict,
    TopologySpreadConstraintArgsDict,
    VolumeArgsDict,
)

from components.containers import ROOT, job_container, main_container, sidecar_container, volumes
from components.fragments import present
from components.labels import labels, selector
from model.container import HostAccess
from model.spec import JobSpec, WorkloadSpec

# Of what pods read once, when they start.
_DIGEST = "axiom.io/{}-digest"


@dataclass(frozen=True, kw_only=True)
class Digests:
    """What replaces the pods when it changes; none has nothing that its pods read once."""

    config: pulumi.Output[str] | None = None
    secret: pulumi.Output[str] | None = None

    @property
    def annotations(self) -> dict[str, pulumi.Input[str]] | None:
        """As the template bears them."""
        named = {"config": self.config, "secret": self.secret}
        return {_DIGEST.format(name): value for name, value in named.items() if value is not None} or None


def pod_template(spec: WorkloadSpec, digests: Digests) -> PodTemplateSpecArgsDict:
    """The template of `spec`."""
    pod: PodSpecArgsDict = {
        "service_account_name": spec.name,
        "automount_service_account_token": reads_api(spec),
        # Variables that the cluster would add for every Service can collide with a server's own.
        "enable_service_links": False,
        "termination_grace_period_seconds": spec.grace_seconds,
        "security_context": _pod_security(spec.user),
        "containers": [main_container(spec), *(sidecar_container(each) for each in spec.sidecars)],
        "volumes": [*volumes(spec.config, spec.secrets, spec.scratch), *_host_volumes(spec.host)],
    }
    if spec.kind == "DaemonSet":
        _put_on_every_node(pod, spec.host)
    else:
        _spread_out(pod, spec)
    template: PodTemplateSpecArgsDict = {
        "metadata": {"labels": labels(spec.app, spec.component), "annotations": digests.annotations},
        "spec": pod,
    }
    return present(template)


def job_template(spec: JobSpec, digests: Digests) -> PodTemplateSpecArgsDict:
    """The template of a Job: it is tried again in a new pod, never in the same."""
    template: PodTemplateSpecArgsDict = {
        "metadata": {"labels": labels(spec.app, spec.component), "annotations": digests.annotations},
        "spec": {
            "service_account_name": spec.name,
            "automount_service_account_token": False,
            "enable_service_links": False,
            "restart_policy": "Never",
            "security_context": _pod_security(spec.user),
            "containers": [job_container(spec)],
            "volumes": volumes(spec.config, (), spec.scratch),
        },
    }
    return present(template)


def reads_api(spec: WorkloadSpec) -> bool:
    """Whether the workload talks to the Kubernetes API, and so needs its token."""
    return bool(spec.access.cluster or spec.access.namespaced)


def _pod_security(user: int) -> PodSecurityContextArgsDict:
    return {
        "run_as_non_root": user != ROOT,
        "run_as_user": user,
        "run_as_group": user,
        "fs_group": user,
        "fs_group_change_policy": "OnRootMismatch",
        "seccomp_profile": {"type": "RuntimeDefault"},
    }


def _spread_out(pod: PodSpecArgsDict, spec: WorkloadSpec) -> None:
    pod["topology_spread_constraints"] = [
        _constraint(spec, "topology.kubernetes.io/zone", "DoNotSchedule"),
        _constraint(spec, "kubernetes.io/hostname", "ScheduleAnyway"),
    ]
    pod["affinity"] = _apart(spec)


def _put_on_every_node(pod: PodSpecArgsDict, host: HostAccess | None) -> None:
    # A node is worth nothing unseen: its agents come before everybody's pods.
    pod["priority_class_name"] = "system-node-critical"
    pod["tolerations"] = [{"operator": "Exists"}]
    if host and host.network:
        pod["host_network"] = True
        pod["dns_policy"] = "ClusterFirstWithHostNet"
    if host and host.process_ids:
        pod["host_pid"] = True


def _host_volumes(host: HostAccess | None) -> list[VolumeArgsDict]:
    return [
        {
            "name": mount.name,
            "host_path": {
                "path": mount.path,
                "type": "DirectoryOrCreate" if mount.writable else "Directory",
            },
        }
        for mount in (host.mounts if host else ())
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
