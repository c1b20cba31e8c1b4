"""RDS PostgreSQL: the instance, what encrypts it, who reaches it, and its master secret.

Every security setting is written out, also where it equals the provider's default: what is
written can be checked. The master secret is the program's own, since one that RDS manages
forbids read replicas.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.base import Component
from components.client_access import ClientAccess, ClientAccessArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.log_groups import LogGroups, LogGroupsArgs
from model.slices import PostgresSpec


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """The database, where it lies, who may connect, and its master password."""

    spec: PostgresSpec
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    client_security_group_id: pulumi.Input[str]
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    password: pulumi.Input[str]


class Postgres(Component):
    """One instance; `host` is its address without the port."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Postgres", name, opts)
        self._args = args
        self._key = EncryptionKey(
            self.named("storage"),
            EncryptionKeyArgs(description="PostgreSQL storage and secrets", account_id=args.account_id),
            self.child(),
        )
        logs = LogGroups(
            self.named("logs"),
            LogGroupsArgs(groups=args.spec.log_groups, key_arn=args.log_key_arn),
            self.child(),
        )
        instance = self._instance(self._monitoring_role(), logs)
        self._master_secret(instance)
        self.host = instance.address
        self.finish(host=self.host)

    def _monitoring_role(self) -> aws.iam.Role:
        role = aws.iam.Role(
            self.named("monitoring-role"),
            assume_role_policy=iam.trust("monitoring.rds.amazonaws.com"),
            opts=self.child(),
        )
        aws.iam.RolePolicyAttachment(
            self.named("monitoring-policy"),
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=self.child(),
        )
        return role

    def _access(self) -> ClientAccess:
        args = ClientAccessArgs(
            description="PostgreSQL, reached from the cluster only",
            vpc_id=self._args.vpc_id,
            port=self._args.spec.port,
            client_security_group_id=self._args.client_security_group_id,
        )
        return ClientAccess(self.named("access"), args, self.child())

    def _subnets(self) -> aws.rds.SubnetGroup:
        return aws.rds.SubnetGroup(
            self.named("subnets"),
            description="Private subnets of the database",
            subnet_ids=list(self._args.subnet_ids),
            opts=self.child(),
        )

    def _parameters(self) -> aws.rds.ParameterGroup:
        spec = self._args.spec
        major = spec.engine_version.split(".", 1)[0]
        return aws.rds.ParameterGroup(
            self.named("parameters"),
            description="Settings of the database",
            family=f"postgres{major}",
            parameters=[
                {"name": name, "value": value, "apply_method": _apply_method(name)}
                for name, value in sorted(spec.parameters.items())
            ],
            opts=self.child(),
        )

    def _instance(self, monitoring: aws.iam.Role, logs: LogGroups) -> aws.rds.Instance:
        spec = self._args.spec
        return aws.rds.Instance(
            self.named("instance"),
            identifier=spec.identifier,
            engine="postgres",
            engine_version=spec.engine_version,
            auto_minor_version_upgrade=True,
            instance_class=spec.instance_class,
            multi_az=spec.multi_az,
            db_name=spec.database,
            username=spec.username,
            password=pulumi.Output.secret(self._args.password),
            port=spec.port,
            # Storage
            storage_type="gp3",
            allocated_storage=spec.allocated_gibibytes,
            max_allocated_storage=spec.maximum_gibibytes,
            storage_encrypted=True,
            kms_key_id=self._key.arn,
            # Access
            publicly_accessible=False,
            db_subnet_group_name=self._subnets().name,
            vpc_security_group_ids=[self._access().group_id],
            iam_database_authentication_enabled=True,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            parameter_group_name=self._parameters().name,
            # Loss
            backup_retention_period=spec.backup_days,
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            deletion_protection=spec.protected,
            # What nobody protects goes without a trace: a second destroy would find the name taken.
            skip_final_snapshot=not spec.protected,
            final_snapshot_identifier=f"{spec.identifier}-final" if spec.protected else None,
            # A protected database changes in its maintenance window, any other at once.
            apply_immediately=not spec.protected,
            # Sight
            enabled_cloudwatch_logs_exports=[group.name.rsplit("/", 1)[-1] for group in spec.log_groups],
            monitoring_interval=60,
            monitoring_role_arn=monitoring.arn,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=self._key.arn,
            performance_insights_retention_period=7,
            opts=self.child(protect=spec.protected, depends_on=[*logs.groups.values()], timeout="90m"),
        )

    def _master_secret(self, instance: aws.rds.Instance) -> None:
        spec = self._args.spec
        secret = aws.secretsmanager.Secret(
            self.named("master"),
            description="Master credentials of the database",
            kms_key_id=self._key.arn,
            recovery_window_in_days=7,
            opts=self.child(protect=spec.protected),
        )
        credentials = {
            "engine": "postgres",
            "host": instance.address,
            "port": spec.port,
            "dbname": spec.database,
            "username": spec.username,
            "password": pulumi.Output.secret(self._args.password),
        }
        aws.secretsmanager.SecretVersion(
            self.named("master-value"),
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(credentials, sort_keys=True),
            opts=self.child(),
        )


def _apply_method(parameter: str) -> str:
    # PostgreSQL takes new log settings while it runs. A parameter that needs a restart is refused
    # when applied at once, so any other waits for one.
    return "immediate" if parameter.startswith("log_") else "pending-reboot"
