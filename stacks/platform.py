"""The ground everything stands on: network, cluster, namespaces, storage, and the key of logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.cluster import Cluster, ClusterArgs
from components.cluster_access import ClusterAccess, ClusterAccessArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.ingress import LoadBalancers, LoadBalancersArgs
from components.kubeconfig import kubeconfig
from components.namespace import Namespace, NamespaceArgs
from components.network import Network, NetworkArgs
from components.network_policy import NetworkPolicies, NetworkPoliciesArgs
from components.policy_enforcement import PolicyEnforcement
from components.storage_class import StorageClass, StorageClassArgs
from model import reach
from model.slices import ClusterSpec, Plan, PlatformPlan
from stacks.providers import aws_provider, kubernetes_provider

STORAGE_CLASS = "axiom-gp3"
INGRESS_CLASS = "axiom-alb"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where things lie in AWS."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class ClusterFacts:
    """A cluster, made here or found."""

    name: pulumi.Input[str]
    endpoint: pulumi.Input[str]
    certificate: pulumi.Input[str]
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What the later layers stand on."""

    aws_options: pulumi.ResourceOptions
    kubernetes_options: pulumi.ResourceOptions
    ground: Ground
    cluster: ClusterFacts
    namespaces: Mapping[reach.Namespace, pulumi.Input[str]]
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    ready: tuple[pulumi.Resource, ...]
    """What must stand before the first pod: policies, their enforcement, classes."""


def deploy_platform(plan: Plan) -> Platform:
    """Make the platform."""
    provider = aws_provider(plan.identity)
    in_aws = pulumi.ResourceOptions(providers=[provider])
    looked_up = pulumi.InvokeOutputOptions(provider=provider)
    account = aws.get_caller_identity_output(opts=looked_up).account_id
    log_key = EncryptionKey(
        "logs",
        EncryptionKeyArgs(
            description="CloudWatch log groups", account_id=account, logs_region=plan.identity.region
        ),
        in_aws,
    )
    ground = _ground(plan.platform, log_key.arn, in_aws)
    if plan.platform.cluster.existing:
        cluster = _found(plan.platform.cluster, looked_up)
    else:
        cluster = _made(plan.platform, ground, account, log_key.arn, in_aws)
    config = kubeconfig(
        cluster_name=cluster.name,
        region=plan.identity.region,
        endpoint=cluster.endpoint,
        certificate=cluster.certificate,
    )
    in_cluster = pulumi.ResourceOptions(providers=[kubernetes_provider(config, plan.platform.cluster.name)])
    namespaces = _namespaces(plan.platform, in_cluster)
    policies = NetworkPoliciesArgs(edges=plan.access.edges, namespaces=namespaces)
    return Platform(
        aws_options=in_aws,
        kubernetes_options=in_cluster,
        ground=ground,
        cluster=cluster,
        namespaces=namespaces,
        account_id=account,
        log_key_arn=log_key.arn,
        ready=(
            *NetworkPolicies("access", policies, in_cluster).policies,
            *_enforcement(plan.platform.cluster, in_cluster),
            *_classes(plan.platform, in_cluster),
        ),
    )


def _ground(plan: PlatformPlan, key_arn: pulumi.Output[str], in_aws: pulumi.ResourceOptions) -> Ground:
    network = plan.network
    if network.existing_vpc_id is not None:
        return Ground(vpc_id=network.existing_vpc_id, subnet_ids=network.existing_private_subnet_ids)
    group = f"/aws/vpc/{plan.cluster.name}/flow"
    made = Network("network", NetworkArgs(spec=network, flow_log_group=group, key_arn=key_arn), in_aws)
    return Ground(vpc_id=made.vpc_id, subnet_ids=made.private_subnet_ids)


def _made(
    plan: PlatformPlan,
    ground: Ground,
    account: pulumi.Output[str],
    log_key_arn: pulumi.Output[str],
    in_aws: pulumi.ResourceOptions,
) -> ClusterFacts:
    args = ClusterArgs(
        spec=plan.cluster,
        subnet_ids=ground.subnet_ids,
        account_id=account,
        log_key_arn=log_key_arn,
        protected=plan.volumes_retained,
    )
    made = Cluster("cluster", args, in_aws)
    if plan.cluster.access_entries:
        entries = ClusterAccessArgs(entries=plan.cluster.access_entries, cluster_name=made.cluster_name)
        ClusterAccess("cluster-access", entries, in_aws)
    return ClusterFacts(
        name=made.cluster_name,
        endpoint=made.endpoint,
        certificate=made.certificate,
        security_group_id=made.security_group_id,
    )


def _found(cluster: ClusterSpec, options: pulumi.InvokeOutputOptions) -> ClusterFacts:
    found = aws.eks.get_cluster_output(name=cluster.name, opts=options)
    return ClusterFacts(
        name=cluster.name,
        endpoint=found.endpoint,
        certificate=found.certificate_authorities[0].data,
        security_group_id=found.vpc_config.cluster_security_group_id,
    )


def _namespaces(
    plan: PlatformPlan, in_cluster: pulumi.ResourceOptions
) -> dict[reach.Namespace, pulumi.Input[str]]:
    return {
        namespace.name: Namespace(namespace.name, NamespaceArgs(spec=namespace), in_cluster).namespace_name
        for namespace in plan.namespaces
    }


def _enforcement(cluster: ClusterSpec, in_cluster: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    # Whose cluster it is decides for everybody in it.
    return [] if cluster.existing else [PolicyEnforcement("enforcement", in_cluster).switch]


def _classes(plan: PlatformPlan, in_cluster: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    storage = StorageClassArgs(
        class_name=STORAGE_CLASS,
        provisioner=plan.cluster.volume_provisioner,
        retained=plan.volumes_retained,
    )
    ingress = LoadBalancersArgs(class_name=INGRESS_CLASS, controller=plan.cluster.ingress_controller)
    return [
        StorageClass("storage", storage, in_cluster).made,
        LoadBalancers("load-balancers", ingress, in_cluster).made,
    ]
