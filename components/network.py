"""The VPC: a public and a private subnet in each zone, egress through NAT, flow logs, and a
default security group that lets nothing through.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from components.log_groups import LogGroups, LogGroupsArgs
from components.network_endpoints import NetworkEndpoints, NetworkEndpointsArgs
from model.slices import LogGroupSpec, NetworkSpec

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """The network, the physical name of its flow log group, and the key of that group."""

    spec: NetworkSpec
    flow_log_group: str
    key_arn: pulumi.Input[str]


class Network(Component):
    """A VPC over the zones of the plan."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: list[pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Network", name, opts)
        vpc = aws.ec2.Vpc(
            self.named("vpc"),
            cidr_block=args.spec.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            opts=self.child(),
        )
        aws.ec2.DefaultSecurityGroup(
            self.named("closed"), vpc_id=vpc.id, ingress=[], egress=[], opts=self.child()
        )
        gateway = aws.ec2.InternetGateway(self.named("gateway"), vpc_id=vpc.id, opts=self.child())
        public = self._public_subnets(args.spec, vpc, gateway)
        nats = self._nats(args.spec, public, gateway)
        tables = self._private_tables(args.spec, vpc, nats)
        private = [
            self._subnet(
                f"private-{zone[-1]}", vpc, zone, cidr, table, role="kubernetes.io/role/internal-elb"
            )
            for zone, cidr, table in zip(args.spec.zones, args.spec.private_cidrs, tables, strict=True)
        ]
        self._flow_logs(args, vpc)
        self.vpc_id = vpc.id
        self.private_subnet_ids = [subnet.id for subnet in private]
        self._endpoints(args.spec, vpc, tables)
        self.finish(vpc_id=self.vpc_id, private_subnet_ids=self.private_subnet_ids)

    def _public_subnets(
        self, spec: NetworkSpec, vpc: aws.ec2.Vpc, gateway: aws.ec2.InternetGateway
    ) -> list[aws.ec2.Subnet]:
        table = aws.ec2.RouteTable(self.named("public"), vpc_id=vpc.id, opts=self.child())
        aws.ec2.Route(
            self.named("public-internet"),
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self.child(),
        )
        return [
            self._subnet(f"public-{zone[-1]}", vpc, zone, cidr, table, role="kubernetes.io/role/elb")
            for zone, cidr in zip(spec.zones, spec.public_cidrs, strict=True)
        ]

    def _nats(
        self, spec: NetworkSpec, public: list[aws.ec2.Subnet], gateway: aws.ec2.InternetGateway
    ) -> list[aws.ec2.NatGateway]:
        """As many NAT gateways as planned, in the first zones."""
        nats: list[aws.ec2.NatGateway] = []
        for zone, subnet in list(zip(spec.zones, public, strict=True))[: spec.nat_gateways]:
            address = aws.ec2.Eip(
                self.named(f"nat-{zone[-1]}-address"), domain="vpc", opts=self.child(depends_on=[gateway])
            )
            nats.append(
                aws.ec2.NatGateway(
                    self.named(f"nat-{zone[-1]}"),
                    subnet_id=subnet.id,
                    allocation_id=address.id,
                    opts=self.child(depends_on=[gateway]),
                )
            )
        return nats

    def _private_tables(
        self, spec: NetworkSpec, vpc: aws.ec2.Vpc, nats: list[aws.ec2.NatGateway]
    ) -> list[aws.ec2.RouteTable]:
        tables: list[aws.ec2.RouteTable] = []
        for index, zone in enumerate(spec.zones):
            table = aws.ec2.RouteTable(self.named(f"private-{zone[-1]}"), vpc_id=vpc.id, opts=self.child())
            aws.ec2.Route(
                self.named(f"private-{zone[-1]}-internet"),
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nats[index % len(nats)].id,
                opts=self.child(),
            )
            tables.append(table)
        return tables

    def _endpoints(self, spec: NetworkSpec, vpc: aws.ec2.Vpc, tables: list[aws.ec2.RouteTable]) -> None:
        args = NetworkEndpointsArgs(
            vpc_id=vpc.id,
            cidr=spec.cidr,
            account_id=vpc.owner_id,
            region=spec.region,
            services=spec.interface_endpoints,
            subnet_ids=self.private_subnet_ids,
            route_table_ids=[table.id for table in tables],
        )
        NetworkEndpoints(self.named("endpoints"), args, self.child())

    def _subnet(
        self, part: str, vpc: aws.ec2.Vpc, zone: str, cidr: str, table: aws.ec2.RouteTable, *, role: str
    ) -> aws.ec2.Subnet:
        subnet = aws.ec2.Subnet(
            self.named(part),
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags={role: "1"},
            opts=self.child(),
        )
        aws.ec2.RouteTableAssociation(
            self.named(f"{part}-routes"), subnet_id=subnet.id, route_table_id=table.id, opts=self.child()
        )
        return subnet

    def _flow_logs(self, args: NetworkArgs, vpc: aws.ec2.Vpc) -> None:
        spec = LogGroupSpec(name=args.flow_log_group, retention_days=args.spec.flow_log_days)
        logs = LogGroups(
            self.named("logs"), LogGroupsArgs(groups=(spec,), key_arn=args.key_arn), self.child()
        )
        group = logs.groups[spec.name]
        role = aws.iam.Role(
            self.named("flow-role"),
            assume_role_policy=iam.trust("vpc-flow-logs.amazonaws.com"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            self.named("flow-policy"),
            role=role.id,
            policy=pulumi.Output.json_dumps(_flow_policy(group.arn), sort_keys=True),
            opts=self.child(),
        )
        aws.ec2.FlowLog(
            self.named("flow"),
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=self.child(depends_on=[policy]),
        )


def _flow_policy(group_arn: pulumi.Output[str]) -> dict[str, object]:
    statement = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        "Resource": [group_arn, pulumi.Output.concat(group_arn, ":*")],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
