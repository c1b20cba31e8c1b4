"""The databases, and the late values that they turn into."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.job import Job, JobArgs
from components.postgres import Postgres, PostgresArgs
from components.redis import Redis, RedisArgs
from components.secret_files import SecretValues
from components.volume_backup import VolumeBackup, VolumeBackupArgs
from model.late import Late
from model.slices import Plan, StoresPlan
from stacks.platform import Platform
from stacks.pods import deploy_servers


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where the databases are; `ready` stands once their databases and roles are made."""

    postgres_host: pulumi.Input[str]
    redis_host: pulumi.Input[str]
    neo4j: Mapping[str, str]
    ready: pulumi.Resource

    @property
    def late(self) -> Mapping[Late, pulumi.Input[str]]:
        """The late values that the stores provide."""
        return {Late.POSTGRES_HOST: self.postgres_host, Late.REDIS_HOST: self.redis_host}


def deploy_stores(plan: Plan, platform: Platform, secrets: SecretValues) -> Stores:
    """Make the databases, or take the ones that exist."""
    stores = plan.stores
    postgres = stores.postgres.existing_host or _postgres(stores, platform, secrets)
    if stores.backup is not None:
        args = VolumeBackupArgs(spec=stores.backup, account_id=platform.account_id)
        VolumeBackup("volume-backup", args, platform.aws_options)
    return Stores(
        postgres_host=postgres,
        redis_host=stores.redis.existing_host or _redis(stores, platform, secrets),
        neo4j=deploy_servers([stores.neo4j], plan, platform, late={}, secrets=secrets),
        ready=_roles(stores, platform, postgres, secrets),
    )


def _postgres(stores: StoresPlan, platform: Platform, secrets: SecretValues) -> pulumi.Output[str]:
    args = PostgresArgs(
        spec=stores.postgres,
        vpc_id=platform.ground.vpc_id,
        subnet_ids=platform.ground.subnet_ids,
        client_security_group_id=platform.cluster.security_group_id,
        account_id=platform.account_id,
        log_key_arn=platform.log_key_arn,
        password=secrets[stores.postgres.master],
    )
    return Postgres("postgres", args, platform.aws_options).host


def _redis(stores: StoresPlan, platform: Platform, secrets: SecretValues) -> pulumi.Output[str]:
    args = RedisArgs(
        spec=stores.redis,
        vpc_id=platform.ground.vpc_id,
        subnet_ids=platform.ground.subnet_ids,
        client_security_group_id=platform.cluster.security_group_id,
        account_id=platform.account_id,
        log_key_arn=platform.log_key_arn,
        token=secrets[stores.redis.token],
    )
    return Redis("redis", args, platform.aws_options).host


def _roles(
    stores: StoresPlan, platform: Platform, host: pulumi.Input[str], secrets: SecretValues
) -> pulumi.Resource:
    args = JobArgs(
        spec=stores.roles,
        namespaces=platform.namespaces,
        late={Late.POSTGRES_HOST: host},
        secrets=secrets,
        after=platform.ready,
    )
    return Job(stores.roles.name, args, platform.kubernetes_options).done
