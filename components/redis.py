"""ElastiCache Redis: the replication group, what encrypts it, who reaches it, and its parameters.

Every security setting is written out, also where it equals the provider's default: what is
written can be checked. Nothing that a tier changes replaces the group: names, key, subnets and
encryption are the same in all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.client_access import ClientAccess, ClientAccessArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.log_groups import LogGroups, LogGroupsArgs
from model.slices import RedisSpec


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """The group, where it lies, who may connect, and the token that clients show."""

    spec: RedisSpec
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    client_security_group_id: pulumi.Input[str]
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    token: pulumi.Input[str]


class Redis(Component):
    """One replication group; `host` is where clients begin: the primary, or the whole cluster."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Redis", name, opts)
        self._args = args
        key = EncryptionKey(
            self.named("storage"),
            EncryptionKeyArgs(description="Redis at rest", account_id=args.account_id),
            self.child(),
        )
        logs = LogGroups(
            self.named("logs"),
            LogGroupsArgs(groups=args.spec.log_groups, key_arn=args.log_key_arn),
            self.child(),
        )
        group = self._group(key, logs)
        whole = args.spec.cluster_mode == "enabled"
        self.host = group.configuration_endpoint_address if whole else group.primary_endpoint_address
        self.finish(host=self.host)

    def _access(self) -> ClientAccess:
        args = ClientAccessArgs(
            description="Redis, reached from the cluster only",
            vpc_id=self._args.vpc_id,
            port=self._args.spec.port,
            client_security_group_id=self._args.client_security_group_id,
        )
        return ClientAccess(self.named("access"), args, self.child())

    def _subnets(self) -> aws.elasticache.SubnetGroup:
        return aws.elasticache.SubnetGroup(
            self.named("subnets"),
            description="Private subnets of Redis",
            subnet_ids=list(self._args.subnet_ids),
            opts=self.child(),
        )

    def _parameters(self) -> aws.elasticache.ParameterGroup:
        spec = self._args.spec
        # Cluster mode asks for a group of its own: the one in use never changes its nature.
        part = "parameters" if spec.cluster_mode == "disabled" else "cluster-parameters"
        return aws.elasticache.ParameterGroup(
            self.named(part),
            description="Settings of Redis",
            family=spec.family,
            parameters=[{"name": name, "value": value} for name, value in sorted(spec.parameters.items())],
            opts=self.child(),
        )

    def _group(self, key: EncryptionKey, logs: LogGroups) -> aws.elasticache.ReplicationGroup:
        spec = self._args.spec
        available = spec.replicas > 0
        return aws.elasticache.ReplicationGroup(
            self.named("group"),
            replication_group_id=spec.identifier,
            description="Caches, event streams and short-lived state",
            engine=spec.engine,
            engine_version=spec.engine_version,
            auto_minor_version_upgrade=True,
            node_type=spec.node_type,
            cluster_mode=spec.cluster_mode,
            **_nodes(spec),
            automatic_failover_enabled=available,
            multi_az_enabled=available,
            parameter_group_name=self._parameters().name,
            # Access
            port=spec.port,
            subnet_group_name=self._subnets().name,
            security_group_ids=[self._access().group_id],
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=pulumi.Output.secret(self._args.token),
            auth_token_update_strategy="ROTATE",  # noqa: S106 - a strategy, not a token
            # Loss
            at_rest_encryption_enabled=True,
            kms_key_id=key.arn,
            snapshot_retention_limit=spec.snapshot_days,
            final_snapshot_identifier=f"{spec.identifier}-final" if spec.protected else None,
            # A protected Redis changes in its maintenance window, any other at once. The way to
            # cluster mode is made of steps that each wait for the one before, and resharding
            # knows no window.
            apply_immediately=not spec.protected or spec.cluster_mode != "disabled",
            # Sight
            log_delivery_configurations=[
                {
                    "destination": group.name,
                    "destination_type": "cloudwatch-logs",
                    "log_format": "json",
                    "log_type": "slow-log",
                }
                for group in spec.log_groups
            ],
            opts=self.child(protect=spec.protected, depends_on=[*logs.groups.values()], timeout="90m"),
        )


def _nodes(spec: RedisSpec) -> dict[str, Any]:
    """How many there are, in the words of the mode."""
    if spec.cluster_mode == "enabled":
        return {"num_node_groups": spec.shards, "replicas_per_node_group": spec.replicas}
    return {"num_cache_clusters": 1 + spec.replicas}
