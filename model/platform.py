"""Decides network, cluster and namespaces."""

import ipaddress
import re

from config.data import tier, versions
from config.scalars import Environment, Provision
from config.settings import Settings
from model.slices import ClusterSpec, NamespaceSpec, NetworkSpec, NodesSpec, PlatformPlan
from model.spec import Namespace

_ZONES = ("a", "b", "c")
_NODE_DISK_GIBIBYTES = 80


def platform_plan(settings: Settings) -> PlatformPlan:
    """The platform of a stack."""
    return PlatformPlan(
        network=_network(settings),
        cluster=_cluster(settings),
        namespaces=tuple(
            NamespaceSpec(
                name=name,
                pod_security="restricted",
                # Pinned to a minor, so that an upgrade changes nothing unasked.
                pod_security_version=f"v{versions().engines['kubernetes']}",
            )
            for name in Namespace
        ),
    )


def _network(settings: Settings) -> NetworkSpec:
    existing = settings.network.mode is Provision.EXISTING
    private, public = ((), ()) if existing else _subnets(settings.network.cidr)
    return NetworkSpec(
        cidr=settings.network.cidr,
        zones=tuple(f"{settings.region}{zone}" for zone in _ZONES),
        private_cidrs=private,
        public_cidrs=public,
        flow_log_days=settings.retention.audit_days,
        existing_vpc_id=settings.network.vpc_id if existing else None,
        existing_private_subnet_ids=settings.network.private_subnet_ids if existing else (),
        # Where nobody is paged for a lost zone, one gateway does.
        nat_gateways=len(_ZONES) if settings.environment is Environment.PROD else 1,
    )


def _subnets(cidr: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Private and public ranges, one a zone.

    Eighths: three for pods and nodes, three quarters of a fourth for load balancers; the rest
    stays free.
    """
    eighths = list(ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=3))
    quarters = eighths[len(_ZONES)].subnets(prefixlen_diff=2)
    private = tuple(str(subnet) for subnet in eighths[: len(_ZONES)])
    return private, tuple(str(subnet) for subnet in quarters)[: len(_ZONES)]


def _cluster(settings: Settings) -> ClusterSpec:
    nodes = tier(settings.tier).nodes
    return ClusterSpec(
        name=settings.cluster_name,
        version=versions().engines["kubernetes"],
        existing=settings.cluster.mode is Provision.EXISTING,
        endpoint_cidrs=settings.cluster.endpoint_cidrs,
        nodes=NodesSpec(
            instance_type=settings.cluster.node_instance_type,
            ami_type=_ami_type(settings.cluster.node_instance_type),
            minimum=nodes.minimum,
            desired=nodes.desired,
            maximum=nodes.maximum,
            disk_gibibytes=_NODE_DISK_GIBIBYTES,
        ),
        audit_log_days=settings.retention.audit_days,
    )


def _ami_type(instance_type: str) -> str:
    """The Amazon Linux 2023 image for the processor: Graviton families have a g behind the digit."""
    graviton = re.match(r"[a-z]+\d+[a-z]*g", instance_type)
    return "AL2023_ARM_64_STANDARD" if graviton else "AL2023_x86_64_STANDARD"
