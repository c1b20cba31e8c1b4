"""Network, cluster and access to it: what the components declare for what the plan says."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from declared import ACCOUNT, declared, inputs, only

from components.cluster import Cluster, ClusterArgs
from components.cluster_access import ClusterAccess, ClusterAccessArgs
from components.network import Network, NetworkArgs
from model.slices import AccessEntrySpec, ClusterSpec, NetworkSpec
from render.recorder import Recording

NETWORK = NetworkSpec(
    cidr="10.0.0.0/16",
    zones=("eu-west-1a", "eu-west-1b"),
    public_cidrs=("10.0.64.0/24", "10.0.65.0/24"),
    private_cidrs=("10.0.0.0/19", "10.0.32.0/19"),
    flow_log_days=365,
    existing_vpc_id=None,
    existing_private_subnet_ids=(),
    region="eu-west-1",
    interface_endpoints=("ecr.api", "logs"),
)
CLUSTER = ClusterSpec(
    name="axiom-test",
    version="1.35",
    existing=False,
    endpoint_cidrs=(),
    service_cidr="172.20.0.0/16",
    node_pools=("general-purpose",),
    access_entries=(),
    audit_log_days=365,
    volume_provisioner="driver",
    ingress_controller="controller",
)


def _network(**changes: Any) -> Recording:
    args = NetworkArgs(spec=replace(NETWORK, **changes), flow_log_group="/flow", key_arn="key")
    return declared(lambda: Network("network", args))


def _cluster(*, protected: bool = True, endpoint_cidrs: tuple[str, ...] = ()) -> Recording:
    args = ClusterArgs(
        spec=replace(CLUSTER, endpoint_cidrs=endpoint_cidrs),
        subnet_ids=["subnet-a"],
        account_id=ACCOUNT,
        log_key_arn="key",
        protected=protected,
    )
    return declared(lambda: Cluster("cluster", args))


def _statements(policy: str) -> dict[str, Mapping[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_auto_mode_is_switched_on_as_a_whole() -> None:
    """Compute, load balancers and storage agree, and EKS installs no add-ons of its own."""
    cluster = only(_cluster(), "eks/cluster:Cluster").inputs
    assert cluster["computeConfig"]["enabled"] is True
    assert cluster["computeConfig"]["nodePools"] == ["general-purpose"]
    assert cluster["kubernetesNetworkConfig"]["elasticLoadBalancing"] == {"enabled": True}
    assert cluster["storageConfig"]["blockStorage"] == {"enabled": True}
    assert cluster["bootstrapSelfManagedAddons"] is False


@pytest.mark.parametrize(
    ("role", "policies"),
    [
        (
            "cluster-role",
            {
                "AmazonEKSBlockStoragePolicy",
                "AmazonEKSClusterPolicy",
                "AmazonEKSComputePolicy",
                "AmazonEKSLoadBalancingPolicy",
                "AmazonEKSNetworkingPolicy",
            },
        ),
        ("cluster-node-role", {"AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"}),
    ],
)
def test_roles_of_auto_mode_may_do_what_it_asks_for(role: str, policies: set[str]) -> None:
    """AWS's list of managed policies for each of the two roles, and no other."""
    attached = inputs(_cluster(), "iam/rolePolicyAttachment:RolePolicyAttachment").values()
    found = {item["policyArn"].rsplit("/", 1)[-1] for item in attached if item["role"] == role}
    assert found == policies


def test_the_cluster_role_takes_session_tags() -> None:
    """Auto Mode's permissions are conditions on the tags of its session."""
    roles = inputs(_cluster(), "iam/role:Role")
    (statement,) = json.loads(roles["cluster-role"]["assumeRolePolicy"])["Statement"]
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]


def test_the_cluster_writes_its_hardening_out() -> None:
    """Every log, encrypted Secrets, access by API only, standard support, zonal shift."""
    cluster = only(_cluster(), "eks/cluster:Cluster").inputs
    assert len(cluster["enabledClusterLogTypes"]) == 5
    assert cluster["encryptionConfig"]["resources"] == ["secrets"]
    assert cluster["accessConfig"]["authenticationMode"] == "API"
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["zonalShiftConfig"] == {"enabled": True}


@pytest.mark.parametrize("cidrs", [(), ("192.0.2.0/24",)])
def test_the_api_is_public_only_to_named_ranges(cidrs: tuple[str, ...]) -> None:
    """Without a range there is no public endpoint."""
    network = only(_cluster(endpoint_cidrs=cidrs), "eks/cluster:Cluster").inputs["vpcConfig"]
    assert network["endpointPublicAccess"] is bool(cidrs)
    assert network.get("publicAccessCidrs", []) == list(cidrs)


@pytest.mark.parametrize("protected", [True, False])
def test_a_cluster_is_protected_twice_or_not_at_all(protected: bool) -> None:
    """By the engine and by EKS."""
    cluster = only(_cluster(protected=protected), "eks/cluster:Cluster")
    assert (cluster.protect, cluster.inputs["deletionProtection"]) == (protected, protected)


def test_autoscalers_have_a_metrics_server() -> None:
    """The one add-on that Auto Mode leaves out."""
    addon = only(_cluster(), "eks/addon:Addon").inputs
    assert (addon["addonName"], addon["clusterName"]) == ("metrics-server", "axiom-test")


def test_access_entries_name_their_policy_over_the_cluster() -> None:
    """One entry and one policy a role."""
    role = f"arn:aws:iam::{ACCOUNT}:role/team/viewer"
    entry = AccessEntrySpec(principal_arn=role, policy="AmazonEKSAdminViewPolicy")
    args = ClusterAccessArgs(entries=(entry,), cluster_name="axiom-test")
    found = declared(lambda: ClusterAccess("access", args))
    assert only(found, "eks/accessEntry:AccessEntry").inputs["principalArn"] == role
    policy = only(found, "eks/accessPolicyAssociation:AccessPolicyAssociation").inputs
    assert policy["policyArn"] == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy"
    assert (policy["principalArn"], policy["accessScope"]) == (role, {"type": "cluster"})


def test_endpoints_are_named_after_their_services() -> None:
    """S3 through the private route tables, the others by their own names in private subnets."""
    endpoints = inputs(_network(), "ec2/vpcEndpoint:VpcEndpoint").values()
    found = {item["serviceName"]: item for item in endpoints}
    assert {name: item["vpcEndpointType"] for name, item in found.items()} == {
        "com.amazonaws.eu-west-1.s3": "Gateway",
        "com.amazonaws.eu-west-1.ecr.api": "Interface",
        "com.amazonaws.eu-west-1.logs": "Interface",
    }
    tables = ["<network-private-a>", "<network-private-b>"]
    assert found["com.amazonaws.eu-west-1.s3"]["routeTableIds"] == tables
    assert found["com.amazonaws.eu-west-1.logs"]["privateDnsEnabled"] is True
    assert found["com.amazonaws.eu-west-1.logs"]["subnetIds"] == tables


def test_endpoints_are_reached_from_the_networkonly() -> None:
    """HTTPS from its range, nothing outward."""
    found = _network()
    rule = only(found, "vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)
    assert "egress" not in only(found, "ec2/securityGroup:SecurityGroup").inputs


def test_objects_go_to_buckets_of_the_accountonly() -> None:
    """Through the endpoint to S3 others' buckets are read, never written."""
    policy = inputs(_network(), "ec2/vpcEndpoint:VpcEndpoint")["network-endpoints-s3"]["policy"]
    found = _statements(policy)
    account = {"aws:PrincipalAccount": "000000000000", "aws:ResourceAccount": "000000000000"}
    assert found["OwnBuckets"]["Condition"] == {"StringEquals": account}
    assert [item["Action"] for item in found.values() if "Condition" not in item] == ["s3:GetObject"]


@pytest.mark.parametrize("gateways", [1, 2])
def test_every_private_zone_has_a_way_out(gateways: int) -> None:
    """Zones share the NAT gateways that there are."""
    found = _network(nat_gateways=gateways)
    routes = inputs(found, "ec2/route:Route").values()
    ways = [item["natGatewayId"] for item in routes if "natGatewayId" in item]
    assert (len(ways), len(set(ways))) == (2, gateways)
