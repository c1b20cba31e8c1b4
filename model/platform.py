"""Decides network, cluster and namespaces."""

import ipaddress
from collections.abc import Iterable
from typing import Literal

from config.data import tier, versions
from config.scalars import ClusterDrivers, Environment, Provision
from config.settings import Settings
from model.quotas import quota
from model.reach import Namespace, Peer
from model.slices import AccessEntrySpec, ClusterSpec, NamespaceSpec, NetworkSpec, PlatformPlan
from model.spec import ServerSpec
from model.stores import redis_nodes

_ZONES = ("a", "b", "c")
# EKS gives its DNS the tenth address.
_DNS = 10
# The pools that Auto Mode brings: one for its own pods, one for everybody's.
_NODE_POOLS = ("general-purpose", "system")
# Who makes volumes, and who makes load balancers.
_DRIVERS = {
    ClusterDrivers.AUTO: ("ebs.csi.eks.amazonaws.com", "eks.amazonaws.com/alb"),
    ClusterDrivers.ADDONS: ("ebs.csi.aws.com", "ingress.k8s.aws/alb"),
}
_ADMINISTERS: Literal["AmazonEKSClusterAdminPolicy"] = "AmazonEKSClusterAdminPolicy"
_VIEWS: Literal["AmazonEKSAdminViewPolicy"] = "AmazonEKSAdminViewPolicy"
# What pods call inside the network; S3 has a gateway instead.
_ENDPOINTS = ("ecr.api", "ecr.dkr", "ec2", "eks", "eks-auth", "elasticloadbalancing", "logs", "sts")
_WORKSPACE_ENDPOINT = "aps-workspaces"
_FIGURES_ENDPOINT = "monitoring"
_CACHES_ENDPOINT = "elasticache"


def platform_plan(settings: Settings, servers: Iterable[ServerSpec]) -> PlatformPlan:
    """The platform of a stack, for these servers."""
    every = tuple(servers)
    return PlatformPlan(
        network=_network(settings),
        cluster=_cluster(settings),
        namespaces=tuple(_namespace(name, settings, every) for name in Namespace),
        volumes_retained=settings.protect_stores,
    )


def load_balancers(settings: Settings, *, internal: bool) -> tuple[Peer, ...]:
    """Where load balancers send from: the public subnets, if they face the internet and are ours."""
    ours = settings.network.mode is Provision.CREATE and not internal
    ranges = _subnets(settings.network.cidr)[1] if ours else (settings.network.cidr,)
    return tuple(Peer(cidr=cidr) for cidr in ranges)


def _namespace(name: Namespace, settings: Settings, servers: tuple[ServerSpec, ...]) -> NamespaceSpec:
    services = ipaddress.IPv4Network(settings.cluster.service_cidr)
    return NamespaceSpec(
        name=name,
        pod_security="privileged" if name is Namespace.MONITORING_AGENTS else "restricted",
        # Pinned to a minor, so that an upgrade changes nothing unasked.
        pod_security_version=f"v{versions().engines['kubernetes']}",
        dns_address=str(services[_DNS]),
        quota=quota(name, servers),
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
        region=settings.region,
        interface_endpoints=_endpoints(settings),
        # Where nobody is paged for a lost zone, one gateway does.
        nat_gateways=len(_ZONES) if settings.environment is Environment.PROD else 1,
    )


def _endpoints(settings: Settings) -> tuple[str, ...]:
    wanted = {*_ENDPOINTS, _FIGURES_ENDPOINT, "tagging"}
    if tier(settings.tier).workspace:
        wanted.add(_WORKSPACE_ENDPOINT)
    if redis_nodes(settings) > 1:
        wanted.add(_CACHES_ENDPOINT)
    return tuple(sorted(wanted))


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
    cluster = settings.cluster
    provisioner, controller = _DRIVERS[cluster.drivers]
    return ClusterSpec(
        name=settings.cluster_name,
        version=versions().engines["kubernetes"],
        existing=cluster.mode is Provision.EXISTING,
        endpoint_cidrs=cluster.endpoint_cidrs,
        service_cidr=cluster.service_cidr,
        node_pools=_NODE_POOLS,
        access_entries=(
            *(AccessEntrySpec(principal_arn=arn, policy=_ADMINISTERS) for arn in cluster.admin_arns),
            *(AccessEntrySpec(principal_arn=arn, policy=_VIEWS) for arn in cluster.viewer_arns),
        ),
        audit_log_days=settings.retention.audit_days,
        volume_provisioner=provisioner,
        ingress_controller=controller,
    )
