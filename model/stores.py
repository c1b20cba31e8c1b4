"""Decides the databases."""

from config.data import stores, tier, versions
from config.scalars import Provision
from config.settings import Settings
from model.late import Late
from model.slices import LogGroupSpec, PostgresSpec, StoresPlan

# What RDS exports of PostgreSQL; the groups are made beforehand, or their logs never expire.
_EXPORTED_LOGS = ("postgresql", "upgrade")


def stores_plan(settings: Settings) -> StoresPlan:
    """The stores of a stack."""
    return StoresPlan(postgres=_postgres(settings))


def postgres_host(settings: Settings) -> str:
    """The host that clients connect to: known for an existing database, late for one that is made."""
    return _existing_host(settings) or Late.POSTGRES_HOST


def _existing_host(settings: Settings) -> str | None:
    return settings.postgres.host if settings.postgres.mode is Provision.EXISTING else None


def _postgres(settings: Settings) -> PostgresSpec:
    data, change = stores().postgres, tier(settings.tier).postgres
    identifier = f"axiom-{settings.environment}"
    explicit = settings.postgres.multi_az
    return PostgresSpec(
        identifier=identifier,
        existing_host=_existing_host(settings),
        engine_version=versions().engines["postgres"],
        instance_class=change.instance_class or data.instance_class,
        allocated_gibibytes=data.storage_gibibytes,
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
        username=data.username,
        database=data.database,
    )
