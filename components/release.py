"""A Helm release: an operator that ships controllers and kinds of its own, by its chart."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.helm.v3 import Release as HelmRelease

from components.base import Component
from model.spec import ReleaseSpec

# On a new cluster its nodes are made first.
_LONGEST_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class ReleaseArgs:
    """The release, its namespace, and what must stand before its pods start."""

    spec: ReleaseSpec
    namespace: pulumi.Input[str]
    after: tuple[pulumi.Resource, ...] = ()


class Release(Component):
    """`installed` stands once its pods are ready and its kinds are known to the API server."""

    installed: HelmRelease

    def __init__(self, name: str, args: ReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Release", name, opts)
        self.installed = HelmRelease(
            self.named("release"),
            name=args.spec.name,
            namespace=args.namespace,
            chart=args.spec.chart,
            version=args.spec.version,
            repository_opts={"repo": args.spec.repository},
            values=dict(args.spec.values),
            # An upgrade that fails goes back by itself.
            atomic=True,
            timeout=_LONGEST_SECONDS,
            opts=self.child(depends_on=args.after),
        )
        self.finish(name=args.spec.name)
