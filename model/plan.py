"""The plan of a stack: every decision in one value, made of five slices."""

from collections.abc import Iterable

from config.settings import Settings, required_secrets
from model.access import access_plan
from model.generated import Generated, SecretValue, source_of
from model.load import load_of
from model.observability import observability_plan
from model.platform import platform_plan
from model.references import check_references
from model.slices import Identity, Plan, StoresPlan
from model.spec import ServerSpec
from model.stores import stores_plan
from model.tags import default_tags
from model.workloads import workloads_plan


def build_plan(settings: Settings) -> Plan:
    """Decide everything; the same settings always give the same plan.

    Raises:
        DataError: a data file or a server names what is not there.
    """
    stores = stores_plan(settings)
    workloads = workloads_plan(settings)
    behind = (*workloads.services, *workloads.scaler.servers, stores.neo4j)
    observability = observability_plan(settings, behind)
    servers = (*behind, *observability.servers)
    access = access_plan(settings, servers)
    check_references(access.edges, servers)
    return Plan(
        identity=_identity(settings),
        load=load_of(settings, servers),
        platform=platform_plan(settings, servers),
        stores=stores,
        workloads=workloads,
        observability=observability,
        access=access,
        secrets=required_secrets(settings),
        generated=_generated(servers, stores),
    )


def _generated(servers: Iterable[ServerSpec], stores: StoresPlan) -> tuple[Generated, ...]:
    """What somebody uses of the secrets that the program makes."""
    values: list[SecretValue] = [
        stores.postgres.master,
        stores.redis.token,
        *stores.roles.secret_environment.values(),
    ]
    for server in servers:
        values += server.workload.secret_environment.values()
        values += (value for mount in server.workload.secrets for value in mount.files.values())
    used = {Generated.DIGEST_SALT, *(source_of(value) for value in values)}
    return tuple(secret for secret in Generated if secret in used)


def _identity(settings: Settings) -> Identity:
    return Identity(
        environment=settings.environment,
        tier=settings.tier,
        region=settings.region,
        tags=default_tags(settings),
        sinks=tuple(settings.log_sinks),
    )
