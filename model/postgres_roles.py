"""The Job that makes databases and roles in PostgreSQL: idempotent, run again when it changes.

Each service owns a database of its own; Grafana too. The exporter reads statistics and nothing
else. Passwords come from variables that only the Job's pod has: none stands in the script.
"""

from config.data import image, stores
from config.settings import Settings
from model.container import ConfigFile, FileMount, Resources
from model.generated import Generated, SecretSource
from model.reach import Edge, Namespace, Peer
from model.spec import JobSpec

NAME = "postgres-roles"
EXPORTER = "metrics"
# What a role connects with.
PASSWORDS = {
    "core": Generated.POSTGRES_CORE,
    "oracle": Generated.POSTGRES_ORACLE,
    "vision": Generated.POSTGRES_VISION,
    "synapse": Generated.POSTGRES_SYNAPSE,
    "weaver": Generated.POSTGRES_WEAVER,
    "grafana": Generated.POSTGRES_GRAFANA,
    EXPORTER: Generated.POSTGRES_EXPORTER,
}
_SCRIPT = "/etc/postgres-roles"
_USER = 10001

_ROLE = """\\getenv password {variable}
SELECT 'CREATE ROLE {role} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec
ALTER ROLE {role} WITH LOGIN PASSWORD :'password';
"""
# The master user is no superuser on RDS: it gives away a database as a member of the new owner.
_DATABASE = """GRANT {role} TO CURRENT_USER;
SELECT 'CREATE DATABASE {role} OWNER {role}'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{role}') \\gexec
REVOKE ALL ON DATABASE {role} FROM PUBLIC;
"""
_STATISTICS = """GRANT pg_monitor TO {role};
GRANT CONNECT ON DATABASE {database} TO {role};
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
"""


def roles_job(
    settings: Settings, *, host: str, port: int, master: SecretSource, authority: FileMount
) -> JobSpec:
    """The Job, connecting to the first database as the master user."""
    script = ConfigFile(name="roles.sql", text=roles_script())
    return JobSpec(
        name=NAME,
        component="database",
        namespace=Namespace.AXIOM,
        image=image("postgres", settings.images),
        user=_USER,
        command=("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={_SCRIPT}/roles.sql"),
        resources=Resources(cpu="50m", memory="64Mi", memory_limit="128Mi"),
        environment={
            "PGHOST": host,
            "PGPORT": str(port),
            "PGDATABASE": stores().postgres.database,
            "PGUSER": settings.postgres.username or stores().postgres.username,
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": f"{authority.path}/{authority.files[0].name}",
        },
        secret_environment={"PGPASSWORD": master, **{_variable(role): PASSWORDS[role] for role in PASSWORDS}},
        config=(FileMount(name=f"{NAME}-script", path=_SCRIPT, files=(script,)), authority),
    )


def roles_edge(network: str, port: int) -> Edge:
    """The way from the Job to the database."""
    return Edge(source=Peer(namespace=Namespace.AXIOM, app=NAME), target=Peer(cidr=network), port=port)


def roles_script() -> str:
    """The script for psql; a second run changes nothing but renews the passwords."""
    owners = "".join(_role(role) + _DATABASE.format(role=role) for role in stores().postgres.owners)
    exporter = _role(EXPORTER) + _STATISTICS.format(role=EXPORTER, database=stores().postgres.database)
    return owners + exporter


def _role(role: str) -> str:
    return _ROLE.format(role=role, variable=_variable(role))


def _variable(role: str) -> str:
    return f"PASSWORD_{role.upper()}"
