"""What a workload may read from the Kubernetes API: a Role in each namespace it may read, and a
ClusterRole only for what no namespace holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict
from pulumi_kubernetes.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRuleArgsDict,
    Role,
    RoleBinding,
    SubjectArgsDict,
)

from components.base import Component
from components.fragments import present
from components.labels import labels
from model.reach import Namespace
from model.spec import Rule, WorkloadSpec

GROUP = "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True)
class RightsArgs:
    """The workload, its namespace, and the names of all namespaces."""

    spec: WorkloadSpec
    namespace: pulumi.Input[str]
    namespaces: Mapping[Namespace, pulumi.Input[str]]


class Rights(Component):
    """Roles and their bindings to the workload's account."""

    bindings: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, args: RightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Rights", name, opts)
        self._args = args
        bindings: list[pulumi.Resource] = [
            self._in_namespace(namespace, rules)
            for namespace, rules in sorted(args.spec.access.namespaced.items())
        ]
        if args.spec.access.cluster:
            bindings.append(self._cluster_wide(args.spec.access.cluster))
        self.bindings = tuple(bindings)
        self.finish(count=len(bindings))

    def _metadata(self, name: str, namespace: pulumi.Input[str] | None = None) -> ObjectMetaArgsDict:
        spec = self._args.spec
        metadata: ObjectMetaArgsDict = {
            "name": name,
            "namespace": namespace,
            "labels": labels(spec.app, spec.component),
        }
        return present(metadata)

    def _subjects(self) -> list[SubjectArgsDict]:
        account: SubjectArgsDict = {
            "kind": "ServiceAccount",
            "name": self._args.spec.name,
            "namespace": self._args.namespace,
        }
        return [account]

    def _in_namespace(self, namespace: Namespace, rules: tuple[Rule, ...]) -> RoleBinding:
        where = self._args.namespaces[namespace]
        metadata = self._metadata(self._args.spec.name, where)
        role = Role(
            self.named(f"{namespace}-role"), metadata=metadata, rules=_rules(rules), opts=self.child()
        )
        return RoleBinding(
            self.named(f"{namespace}-binding"),
            metadata=metadata,
            role_ref={"api_group": GROUP, "kind": "Role", "name": role.metadata.name},
            subjects=self._subjects(),
            opts=self.child(),
        )

    def _cluster_wide(self, rules: tuple[Rule, ...]) -> ClusterRoleBinding:
        # The namespace stands in the name: another installation may have the same server.
        metadata = self._metadata(f"{self._args.spec.namespace}-{self._args.spec.name}")
        role = ClusterRole(
            self.named("cluster-role"), metadata=metadata, rules=_rules(rules), opts=self.child()
        )
        return ClusterRoleBinding(
            self.named("cluster-binding"),
            metadata=metadata,
            role_ref={"api_group": GROUP, "kind": "ClusterRole", "name": role.metadata.name},
            subjects=self._subjects(),
            opts=self.child(),
        )


def _rules(rules: tuple[Rule, ...]) -> list[PolicyRuleArgsDict]:
    return [
        {"non_resource_urls": list(rule.non_resource_urls), "verbs": list(rule.verbs)}
        if rule.non_resource_urls
        else {
            "api_groups": list(rule.api_groups),
            "resources": list(rule.resources),
            "verbs": list(rule.verbs),
        }
        for rule in rules
    ]
