"""Decides PostgreSQL, Redis, and who reads what of them.

What a tier needs and the settings deny is refused by :mod:`config.settings`; here a setting wins
over the tier.
"""

from collections.abc import Mapping
from typing import Literal

from config.data import rds_roots, stores, tier, versions
from config.scalars import Environment, Provision, RedisMode
from config.secrets import SecretKey
from config.settings import Settings
from config.tables import RedisSize
from model.container import ConfigFile, FileMount
from model.generated import Generated, SecretSource
from model.late import Late
from model.neo4j import neo4j, volume_backup
from model.postgres_roles import NAME as ROLES_JOB
from model.postgres_roles import roles_job
from model.slices import LogGroupSpec, PostgresSpec, RedisSpec, StoresPlan

POSTGRES_PORT = 5432
REDIS_PORT = 6379
# Where clients find the authority of the database's certificate.
CA_PATH = "/etc/postgres-ca"
CA_FILE = f"{CA_PATH}/root.pem"
# What RDS exports of PostgreSQL; the groups are made beforehand, or their logs never expire.
_EXPORTED_LOGS = ("postgresql", "upgrade")
_REDIS_SNAPSHOT_DAYS = 7
# The settings' words for cluster mode, and those of ElastiCache.
_CLUSTER_MODES: Mapping[RedisMode, Literal["disabled", "compatible", "enabled"]] = {
    RedisMode.SINGLE: "disabled",
    RedisMode.COMPATIBLE: "compatible",
    RedisMode.CLUSTER: "enabled",
}


def stores_plan(settings: Settings) -> StoresPlan:
    """The stores of a stack."""
    graph = neo4j(settings)
    return StoresPlan(
        postgres=_postgres(settings),
        roles=roles_job(
            settings,
            host=postgres_host(settings),
            port=POSTGRES_PORT,
            master=postgres_master(settings),
            authority=ca_mount(ROLES_JOB, settings),
        ),
        redis=_redis(settings),
        neo4j=graph,
        backup=volume_backup(settings, graph),
    )


def postgres_host(settings: Settings) -> str:
    """The host that clients connect to: known for an existing database, late for one that is made."""
    return _existing_postgres(settings) or Late.POSTGRES_HOST


def redis_host(settings: Settings) -> str:
    """The host that clients connect to: known for an existing Redis, late for one that is made."""
    return _existing_redis(settings) or Late.REDIS_HOST


def postgres_master(settings: Settings) -> SecretSource:
    """Password of the master user: given with an existing database, else made."""
    existing = settings.postgres.mode is Provision.EXISTING
    return SecretKey.POSTGRES_MASTER_PASSWORD if existing else Generated.POSTGRES_MASTER


def redis_token(settings: Settings) -> SecretSource:
    """What clients of Redis identify themselves with: given with an existing one, else made."""
    existing = settings.redis.provision is Provision.EXISTING
    return SecretKey.REDIS_AUTH_TOKEN if existing else Generated.REDIS_TOKEN


def redis_mode(settings: Settings) -> RedisMode:
    """Cluster mode in force: the setting, else the tier's."""
    return settings.redis.mode or tier(settings.tier).redis.mode


def redis_nodes(settings: Settings) -> int:
    """How many nodes of Redis there are, each with figures of its own; of an existing one, one is known."""
    spec = _redis(settings)
    return 1 if spec.existing_host else spec.shards * (1 + spec.replicas)


def redis_identifier(settings: Settings) -> str:
    """The name of the replication group."""
    return f"axiom-{settings.environment}"


def ca_mount(owner: str, settings: Settings) -> FileMount:
    """The authority of the database's certificate, as a mount of the workload `owner`."""
    given = settings.postgres.ca_certificate
    text = given or rds_roots()[settings.region]
    return FileMount(
        name=f"{owner}-postgres-ca",
        path=CA_PATH,
        files=(ConfigFile(name="root.pem", text=text),),
        folder=None,
    )


def _existing_postgres(settings: Settings) -> str | None:
    return settings.postgres.host if settings.postgres.mode is Provision.EXISTING else None


def _existing_redis(settings: Settings) -> str | None:
    return settings.redis.host if settings.redis.provision is Provision.EXISTING else None


def _postgres(settings: Settings) -> PostgresSpec:
    data, change = stores().postgres, tier(settings.tier).postgres
    identifier = f"axiom-{settings.environment}"
    explicit = settings.postgres.multi_az
    return PostgresSpec(
        identifier=identifier,
        existing_host=_existing_postgres(settings),
        engine_version=versions().engines["postgres"],
        instance_class=settings.postgres.instance_class or change.instance_class or data.instance_class,
        allocated_gibibytes=max(
            change.storage_gibibytes or data.storage_gibibytes, settings.postgres.storage_gibibytes or 0
        ),
        maximum_gibibytes=data.maximum_gibibytes,
        multi_az=change.multi_az if explicit is None else explicit,
        backup_days=settings.postgres.backup_days,
        protected=settings.protect_stores,
        parameters=data.parameters,
        log_groups=tuple(
            LogGroupSpec(
                name=f"/aws/rds/instance/{identifier}/{log}", retention_days=settings.retention.logs_days
            )
            for log in _EXPORTED_LOGS
        ),
        username=settings.postgres.username or data.username,
        database=data.database,
        master=postgres_master(settings),
        port=POSTGRES_PORT,
    )


def _redis(settings: Settings) -> RedisSpec:
    data, change = stores().redis, tier(settings.tier).redis
    size = data.dev_size if settings.environment is Environment.DEV else data.size
    mode, identifier = redis_mode(settings), redis_identifier(settings)
    explicit = settings.redis.replicas
    return RedisSpec(
        identifier=identifier,
        existing_host=_existing_redis(settings),
        engine="redis",
        engine_version=versions().engines["redis"],
        family=data.family,
        node_type=size.node_type,
        cluster_mode=_CLUSTER_MODES[mode],
        # In `compatible` nothing but the mode may change.
        shards=(settings.redis.shards or change.shards) if mode is RedisMode.CLUSTER else 1,
        replicas=change.replicas if explicit is None else explicit,
        parameters=_redis_parameters(size, mode),
        snapshot_days=_REDIS_SNAPSHOT_DAYS,
        protected=settings.protect_stores,
        token=redis_token(settings),
        log_groups=(
            LogGroupSpec(
                name=f"/aws/elasticache/{identifier}/slow", retention_days=settings.retention.logs_days
            ),
        ),
        port=REDIS_PORT,
    )


def _redis_parameters(size: RedisSize, mode: RedisMode) -> dict[str, str]:
    parameters = {
        "maxmemory-policy": stores().redis.maxmemory_policy,
        "reserved-memory-percent": str(size.reserved_memory_percent),
    }
    # The group of a cluster says so; the one that a group leaves for cluster mode does as well.
    return parameters | ({} if mode is RedisMode.SINGLE else {"cluster-enabled": "yes"})
