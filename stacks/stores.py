"""The databases, and the late values that they turn into."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.config_files import LateValues
from components.postgres import Postgres, PostgresArgs
from config.secrets import SecretKey
from model.late import Late
from model.slices import PostgresSpec, StoresPlan
from stacks.platform import Platform


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where the databases are."""

    postgres_host: pulumi.Input[str]

    @property
    def late(self) -> LateValues:
        """The late values that the stores provide."""
        return {Late.POSTGRES_HOST: self.postgres_host}


def deploy_stores(
    plan: StoresPlan, platform: Platform, secrets: Mapping[SecretKey, pulumi.Output[str]]
) -> Stores:
    """Make the databases, or take the ones that exist."""
    if plan.postgres.existing_host is not None:
        return Stores(postgres_host=plan.postgres.existing_host)
    return Stores(postgres_host=_postgres(plan.postgres, platform, secrets))


def _postgres(
    spec: PostgresSpec, platform: Platform, secrets: Mapping[SecretKey, pulumi.Output[str]]
) -> pulumi.Output[str]:
    args = PostgresArgs(
        spec=spec,
        vpc_id=platform.ground.vpc_id,
        subnet_ids=platform.ground.subnet_ids,
        client_security_group_id=platform.cluster.security_group_id,
        account_id=platform.account_id,
        log_key_arn=platform.log_key_arn,
        password=secrets[SecretKey.POSTGRES_MASTER_PASSWORD],
    )
    return Postgres("postgres", args, platform.aws_options).host
