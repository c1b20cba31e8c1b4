"""One workload with all that belongs to it: pods, Services, account, rights, volumes, and how
many pods may be away at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apps.v1 import (
    DaemonSet,
    DaemonSetSpecArgsDict,
    Deployment,
    DeploymentSpecArgsDict,
    StatefulSet,
    StatefulSetSpecArgsDict,
)
from pulumi_kubernetes.core.v1 import (
    PodTemplateSpecArgsDict,
    Service,
    ServiceAccount,
    ServicePortArgsDict,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components.autoscaling import Autoscaling, AutoscalingArgs
from components.base import Component
from components.claims import Claims, ClaimsArgs, claim_template
from components.config_files import ConfigFiles, ConfigFilesArgs, LateValues
from components.fragments import present
from components.labels import labels, selector
from components.pods import Digests, pod_template
from components.rights import Rights, RightsArgs
from components.secret_files import SecretFiles, SecretFilesArgs, SecretValues
from model.container import Autoscaled, EveryNode, Fixed
from model.reach import Namespace
from model.spec import WorkloadSpec


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """The workload and what it meets: namespaces, late values, secrets, volumes, identities."""

    spec: WorkloadSpec
    namespaces: Mapping[Namespace, pulumi.Input[str]]
    late: LateValues
    secrets: SecretValues
    storage_class: str
    protect_volumes: bool
    after: tuple[pulumi.Resource, ...] = ()
    """Pod identities and policies that must stand before the first pod starts."""
    scaler: tuple[pulumi.Resource, ...] = ()
    """What owns the autoscalers that follow more than CPU and memory."""


class Workload(Component):
    """A Deployment or StatefulSet behind a Service, or a DaemonSet, which needs none."""

    def __init__(self, name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Workload", name, opts)
        self._spec = args.spec
        self._namespace = args.namespaces[args.spec.namespace]
        before = [*args.after, self._account(), *self._parts(args)]
        template = pod_template(args.spec, self._digests)
        if args.spec.kind == "DaemonSet":
            self._daemon_set(template, before)
        else:
            self._served(args, template, before)
        self.finish(name=args.spec.name)

    def _served(
        self, args: WorkloadArgs, template: PodTemplateSpecArgsDict, before: list[pulumi.Resource]
    ) -> None:
        self._service()
        if args.spec.headless:
            self._peers()
        if args.spec.kind == "Deployment":
            pods: Deployment | StatefulSet = self._deployment(template, before)
        else:
            pods = self._stateful_set(args, template, before)
        self._disruption_budget()
        if isinstance(args.spec.replicas, Autoscaled):
            scaling = AutoscalingArgs(
                spec=args.spec,
                replicas=args.spec.replicas,
                namespace=self._namespace,
                target=pods.metadata.name,
                scaler=args.scaler,
            )
            Autoscaling(self.named("autoscaling"), scaling, self.child())

    def _metadata(self, name: str) -> ObjectMetaArgsDict:
        return {
            "name": name,
            "namespace": self._namespace,
            "labels": labels(self._spec.app, self._spec.component),
        }

    def _account(self) -> ServiceAccount:
        return ServiceAccount(
            self.named("account"),
            metadata=self._metadata(self._spec.name),
            # The pods that may read something mount the token themselves.
            automount_service_account_token=False,
            opts=self.child(),
        )

    def _parts(self, args: WorkloadArgs) -> list[pulumi.Resource]:
        """What a pod cannot start without: its files, its secrets, its rights."""
        where: dict[str, Any] = {"spec": args.spec, "namespace": self._namespace}
        files = ConfigFiles(self.named("files"), ConfigFilesArgs(**where, late=args.late), self.child())
        self._digests = Digests(config=files.digest)
        parts: list[pulumi.Resource] = [*files.config_maps]
        if args.spec.secrets or args.spec.secret_environment:
            secrets = SecretFilesArgs(**where, secrets=args.secrets)
            contents = SecretFiles(self.named("secrets"), secrets, self.child())
            self._digests = Digests(config=files.digest, secret=contents.digest)
            parts += contents.objects
        if args.spec.access.cluster or args.spec.access.namespaced:
            rights = RightsArgs(**where, namespaces=args.namespaces)
            parts += Rights(self.named("rights"), rights, self.child()).bindings
        return parts

    def _service(self) -> Service:
        return Service(
            self.named("service"),
            metadata=self._metadata(self._spec.name),
            spec={
                "type": "ClusterIP",
                "selector": selector(self._spec.app),
                "ports": self._ports(),
                "session_affinity": "ClientIP" if self._spec.sticky else "None",
            },
            opts=self.child(),
        )

    def _peers(self) -> Service:
        return Service(
            self.named("peers"),
            metadata=self._metadata(peers_name(self._spec)),
            spec={
                "type": "ClusterIP",
                "cluster_ip": "None",
                # Peers look each other up while they start.
                "publish_not_ready_addresses": True,
                "selector": selector(self._spec.app),
                "ports": self._ports(),
            },
            opts=self.child(),
        )

    def _ports(self) -> list[ServicePortArgsDict]:
        ports = [*self._spec.ports, *(port for each in self._spec.sidecars for port in each.ports)]
        return [
            {"name": port.name, "port": port.number, "target_port": port.name, "protocol": port.protocol}
            for port in ports
        ]

    def _daemon_set(self, template: PodTemplateSpecArgsDict, before: list[pulumi.Resource]) -> None:
        spec: DaemonSetSpecArgsDict = {
            "selector": {"match_labels": selector(self._spec.app)},
            "update_strategy": {"type": "RollingUpdate", "rolling_update": {"max_unavailable": "10%"}},
            "template": template,
        }
        DaemonSet(
            self.named("pods"),
            metadata=self._metadata(self._spec.name),
            spec=spec,
            opts=self.child(depends_on=before, timeout="30m"),
        )

    def _deployment(self, template: PodTemplateSpecArgsDict, before: list[pulumi.Resource]) -> Deployment:
        spec: DeploymentSpecArgsDict = {
            "replicas": replicas(self._spec),
            "selector": {"match_labels": selector(self._spec.app)},
            "strategy": {"type": "RollingUpdate", "rolling_update": {"max_surge": 1, "max_unavailable": 0}},
            "template": template,
        }
        return Deployment(
            self.named("pods"),
            metadata=self._metadata(self._spec.name),
            spec=present(spec),
            opts=self.child(depends_on=before, timeout="15m"),
        )

    def _stateful_set(
        self, args: WorkloadArgs, template: PodTemplateSpecArgsDict, before: list[pulumi.Resource]
    ) -> StatefulSet:
        if args.spec.claim is not None:
            volumes = ClaimsArgs(
                spec=args.spec,
                claim=args.spec.claim,
                namespace=self._namespace,
                storage_class=args.storage_class,
                protected=args.protect_volumes,
            )
            before = [*before, *Claims(self.named("volumes"), volumes, self.child()).claims]
        return StatefulSet(
            self.named("pods"),
            metadata=self._metadata(args.spec.name),
            spec=present(_set_spec(args, template)),
            opts=self.child(depends_on=before, timeout="30m"),
        )

    def _disruption_budget(self) -> PodDisruptionBudget:
        return PodDisruptionBudget(
            self.named("budget"),
            metadata=self._metadata(self._spec.name),
            spec={
                "selector": {"match_labels": selector(self._spec.app)},
                "max_unavailable": 1,
                # A pod that never becomes ready must not hold up the drain of its node.
                "unhealthy_pod_eviction_policy": "AlwaysAllow",
            },
            opts=self.child(),
        )


def _set_spec(args: WorkloadArgs, template: PodTemplateSpecArgsDict) -> StatefulSetSpecArgsDict:
    spec = args.spec
    return {
        "replicas": replicas(spec),
        "service_name": peers_name(spec) if spec.headless else spec.name,
        "pod_management_policy": "Parallel",
        "selector": {"match_labels": selector(spec.app)},
        "persistent_volume_claim_retention_policy": {"when_deleted": "Retain", "when_scaled": "Retain"},
        "template": template,
        "volume_claim_templates": [claim_template(spec, args.storage_class)] if spec.claim else None,
    }


def peers_name(spec: WorkloadSpec) -> str:
    """Name of the headless Service through which the pods of a set find each other."""
    return f"{spec.name}-headless"


def replicas(spec: WorkloadSpec) -> int | None:
    """The number of pods where the program owns it; nothing where an autoscaler does."""
    match spec.replicas:
        case Fixed(count):
            return count
        case Autoscaled() | EveryNode():
            return None
