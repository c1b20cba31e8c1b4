"""A namespace with its Pod Security level and its quota, closed to all but name resolution."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Namespace as KubernetesNamespace
from pulumi_kubernetes.core.v1 import ResourceQuota
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyPeerArgsDict,
    NetworkPolicyPortArgsDict,
)

from components.base import Component
from components.labels import labels
from model.slices import NamespaceSpec


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """The namespace."""

    spec: NamespaceSpec


class Namespace(Component):
    """`namespace_name` is known once the namespace and its default policies stand."""

    namespace_name: pulumi.Output[str]

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Namespace", name, opts)
        namespace = KubernetesNamespace(
            self.named("namespace"),
            metadata={
                "name": args.spec.name.value,
                "labels": labels(args.spec.name, "namespace") | _pod_security(args.spec),
            },
            opts=self.child(),
        )
        made = namespace.metadata.name
        policies = [self._deny_all(args.spec, made), self._allow_names(args.spec, made)]
        quota = self._quota(args.spec, made, policies)
        # Whatever goes into the namespace waits for what bounds it: a larger tier's claims and pods
        # would not fit into the quota of the smaller one.
        self.namespace_name = quota.metadata.namespace
        self.finish(namespace_name=self.namespace_name)

    def _quota(
        self, spec: NamespaceSpec, namespace: pulumi.Output[str], after: Sequence[pulumi.Resource]
    ) -> ResourceQuota:
        return ResourceQuota(
            self.named("quota"),
            metadata={
                "name": "quota",
                "namespace": namespace,
                "labels": labels(spec.name, "quota"),
            },
            spec={"hard": dict(spec.quota)},
            opts=self.child(depends_on=after),
        )

    def _deny_all(self, spec: NamespaceSpec, namespace: pulumi.Output[str]) -> NetworkPolicy:
        return NetworkPolicy(
            self.named("default-deny"),
            metadata={
                "name": "default-deny",
                "namespace": namespace,
                "labels": labels(spec.name, "network-policy"),
            },
            spec={"pod_selector": {}, "policy_types": ["Ingress", "Egress"]},
            opts=self.child(),
        )

    def _allow_names(self, spec: NamespaceSpec, namespace: pulumi.Output[str]) -> NetworkPolicy:
        return NetworkPolicy(
            self.named("allow-dns"),
            metadata={
                "name": "allow-dns",
                "namespace": namespace,
                "labels": labels(spec.name, "network-policy"),
            },
            spec={
                "pod_selector": {},
                "policy_types": ["Egress"],
                "egress": [
                    {"to": _name_servers(spec), "ports": [_port("UDP"), _port("TCP")]},
                ],
            },
            opts=self.child(),
        )


def _name_servers(spec: NamespaceSpec) -> list[NetworkPolicyPeerArgsDict]:
    """The address of the cluster's DNS, and the pods behind it where there are any."""
    return [
        {"ip_block": {"cidr": f"{spec.dns_address}/32"}},
        {
            "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "kube-system"}},
            "pod_selector": {"match_labels": {"k8s-app": "kube-dns"}},
        },
    ]


def _port(protocol: str) -> NetworkPolicyPortArgsDict:
    return {"port": 53, "protocol": protocol}


def _pod_security(spec: NamespaceSpec) -> dict[str, str]:
    prefix = "pod-security.kubernetes.io"
    return {
        f"{prefix}/{mode}{suffix}": value
        for mode in ("enforce", "audit", "warn")
        for suffix, value in (("", spec.pod_security), ("-version", spec.pod_security_version))
    }
