"""The Job that makes databases and roles in PostgreSQL: idempotent, run again when it changes.

Each service owns a database of its own; Grafana too. The exporter reads statistics and nothing
else. Passwords come from variables that only the Job's pod has. They go in where psql's \\password
asks for them: it sends a verifier, so that no statement, and no log of statements, holds a password.
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
SHELL, SQL = "roles.sh", "roles.sql"
_SCRIPT = "/etc/postgres-roles"
_USER = 10001

_ROLE = """SELECT 'CREATE ROLE {role} LOGIN'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec
\\password {role}
"""
# The master user is no superuser on RDS: it gives away a database as a member of the new owner.
_DATABASE = """GRANT {role} TO CURRENT_USER;
SELECT 'CREATE DATABASE {role} OWNER {role}'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{role}') \\gexec
REVOKE ALL ON DATABASE {role} FROM PUBLIC;
"""
_PIPE = """set -eu
printf '%s\\n' {passwords} |
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file={script}
"""
_STATISTICS = """GRANT pg_monitor TO {role};
GRANT CONNECT ON DATABASE {database} TO {role};
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
"""


def roles_job(
    settings: Settings, *, host: str, port: int, master: SecretSource, authority: FileMount
) -> JobSpec:
    """The Job, connecting to the first database as the master user."""
    files = tuple(ConfigFile(name=name, text=text) for name, text in roles_scripts(_SCRIPT).items())
    return JobSpec(
        name=NAME,
        component="database",
        namespace=Namespace.AXIOM,
        image=image("postgres", settings.images),
        user=_USER,
        command=("sh", f"{_SCRIPT}/{SHELL}"),
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
        config=(FileMount(name=f"{NAME}-script", path=_SCRIPT, files=files), authority),
    )


def roles_edge(network: str, port: int) -> Edge:
    """The way from the Job to the database."""
    me = Peer(namespace=Namespace.AXIOM, app=NAME)
    return Edge(source=me, target=Peer(cidr=network), port=port, why="PostgreSQL")


def roles_scripts(folder: str) -> dict[str, str]:
    """What the Job runs, by file name: a second run changes nothing but renews the passwords."""
    owners = "".join(
        _ROLE.format(role=role) + _DATABASE.format(role=role) for role in stores().postgres.owners
    )
    statistics = _STATISTICS.format(role=EXPORTER, database=stores().postgres.database)
    # In the order of the roles in the script, each twice: psql asks again to be sure.
    asked = (role for role in (*stores().postgres.owners, EXPORTER) for _ in range(2))
    passwords = " ".join(f'"${_variable(role)}"' for role in asked)
    return {
        SHELL: _PIPE.format(passwords=passwords, script=f"{folder}/{SQL}"),
        SQL: owners + _ROLE.format(role=EXPORTER) + statistics,
    }


def _variable(role: str) -> str:
    return f"PASSWORD_{role.upper()}"
