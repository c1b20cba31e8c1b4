"""A name for a Service of another namespace, where clients expect it beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Service

from components.base import Component
from components.labels import labels
from model.reach import Namespace
from model.spec import AliasSpec


@dataclass(frozen=True, kw_only=True)
class AliasArgs:
    """The name and where it leads; the names of the namespaces."""

    spec: AliasSpec
    namespaces: Mapping[Namespace, pulumi.Input[str]]


class Alias(Component):
    """An ExternalName Service."""

    def __init__(self, name: str, args: AliasArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Alias", name, opts)
        service = Service(
            self.named("name"),
            metadata={
                "name": args.spec.name,
                "namespace": args.namespaces[args.spec.namespace],
                "labels": labels(args.spec.name, "alias"),
            },
            spec={"type": "ExternalName", "external_name": args.spec.target},
            opts=self.child(),
        )
        self.finish(name=service.metadata.name)
