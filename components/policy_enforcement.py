"""Has EKS Auto Mode enforce NetworkPolicies: without this object it accepts them and lets all pass.

Source: docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html. Nodes of the built-in classes
take part by default.
"""

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap

from components.base import Component
from components.labels import labels

NAME = "amazon-vpc-cni"


class PolicyEnforcement(Component):
    """The switch of a cluster; made before any policy and any pod."""

    switch: pulumi.Resource

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:PolicyEnforcement", name, opts)
        self.switch = ConfigMap(
            self.named("switch"),
            metadata={"name": NAME, "namespace": "kube-system", "labels": labels(NAME, "network-policy")},
            data={"enable-network-policy-controller": "true"},
            opts=self.child(),
        )
        self.finish()
