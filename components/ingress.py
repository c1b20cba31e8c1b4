"""Ways in from outside: a class of load balancers, and a host with TLS in front of workloads.

The load balancer sends to pods themselves, answers plain HTTP with a redirect, and takes only
TLS 1.2 and later. Auto Mode's controller and the add-on of the same name read these annotations.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.networking.v1 import (
    HTTPIngressPathArgsDict,
    IngressClass,
)
from pulumi_kubernetes.networking.v1 import Ingress as KubernetesIngress

from components.base import Component
from components.labels import labels
from model.reach import Namespace
from model.spec import IngressSpec, Route

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
_PREFIX = "alb.ingress.kubernetes.io"


@dataclass(frozen=True, kw_only=True)
class LoadBalancersArgs:
    """The class's name, and the controller that makes load balancers for it."""

    class_name: str
    controller: str


class LoadBalancers(Component):
    """The class that every Ingress of the stack names."""

    made: pulumi.Resource

    def __init__(
        self, name: str, args: LoadBalancersArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("axiom:monitoring:LoadBalancers", name, opts)
        self.made = IngressClass(
            self.named("class"),
            metadata={"name": args.class_name, "labels": labels(args.class_name, "ingress")},
            spec={"controller": args.controller},
            opts=self.child(),
        )
        self.finish(class_name=args.class_name)


@dataclass(frozen=True, kw_only=True)
class IngressArgs:
    """The host, its class, and the names of the namespaces."""

    spec: IngressSpec
    class_name: str
    namespaces: Mapping[Namespace, pulumi.Input[str]]


class Ingress(Component):
    """One host."""

    def __init__(self, name: str, args: IngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Ingress", name, opts)
        spec = args.spec
        KubernetesIngress(
            self.named("host"),
            metadata={
                "name": spec.name,
                "namespace": args.namespaces[spec.namespace],
                "labels": labels(spec.name, "ingress"),
                # The load balancer comes up when it can; a deployment does not wait for it.
                "annotations": {**_annotations(spec), "pulumi.com/skipAwait": "true"},
            },
            spec={
                "ingress_class_name": args.class_name,
                "tls": [{"hosts": [spec.host]}],
                "rules": [{"host": spec.host, "http": {"paths": [_path(route) for route in spec.routes]}}],
            },
            opts=self.child(),
        )
        self.finish(host=spec.host)


def _annotations(spec: IngressSpec) -> dict[str, str]:
    found = {
        f"{_PREFIX}/scheme": "internal" if spec.internal else "internet-facing",
        f"{_PREFIX}/target-type": "ip",
        f"{_PREFIX}/listen-ports": '[{"HTTP":80},{"HTTPS":443}]',
        f"{_PREFIX}/ssl-redirect": "443",
        f"{_PREFIX}/ssl-policy": TLS_POLICY,
        f"{_PREFIX}/healthcheck-path": spec.health_path,
    }
    return found | ({f"{_PREFIX}/certificate-arn": spec.certificate_arn} if spec.certificate_arn else {})


def _path(route: Route) -> HTTPIngressPathArgsDict:
    return {
        "path": route.path,
        "path_type": "Prefix",
        "backend": {"service": {"name": route.workload, "port": {"name": route.port}}},
    }
