"""Every server that can be had starts on what is planned, and knows every flag that it is given."""

import re
import subprocess
from pathlib import Path

import pytest
from real_server import BINARIES, ENVIRONMENTS, LISTEN, Pod, observability, refusal, running, tool, workload

from model.spec import WorkloadSpec

pytestmark = pytest.mark.tools
# Neither as a Go module nor as a package: the options in their files have schemas of their own.
NOT_TO_BE_HAD = {
    "fluent-bit",
    "grafana",
    "postgres-exporter",
    "redis-exporter",
    "tempo",
}
# The others need an API server or an object store: they have files of their own here.
ALONE = ("alertmanager", "blackbox-exporter", "cloudwatch-exporter", "node-exporter")
# These have their ports in their files.
IN_FILES = {"loki", "otel-collector"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("name", ALONE)
def test_it_starts_with_its_arguments_and_its_probes_answer(
    name: str, environment: str, tmp_path: Path
) -> None:
    """Files where they are mounted, flags as planned, probes at their paths and ports."""
    pod = Pod(workload(name, environment), tmp_path)
    pod.lay_out()
    with running(pod) as server:
        server.assert_probes_answer()


@pytest.mark.parametrize("name", sorted(set(BINARIES) - IN_FILES))
def test_its_ports_are_those_on_which_it_listens(name: str) -> None:
    """The tests above choose other ports: here the plan's stand in its flags or are its defaults."""
    work = workload(name, "prod")
    planned = {port.name: port.number for port in work.ports}
    told = [found for flag in LISTEN[name] for found in stated(work, flag) or default(name, flag)]
    numbers = {int(argument.rpartition(":")[2].rpartition("=")[2]) for argument in told}
    assert numbers == set(planned.values())


def stated(work: WorkloadSpec, flag: str) -> list[str]:
    """A flag as it is planned, as often as it is."""
    return [found for found in work.args if found.startswith(f"{flag}=")]


def default(name: str, flag: str) -> list[str]:
    """A flag as the server's help shows it, with the address that it takes by itself."""
    done = subprocess.run([tool(BINARIES[name]), "--help"], capture_output=True, text=True, check=False)
    return re.findall(rf"^\s*{flag}=[\d.]*:\d+", done.stdout + done.stderr, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(BINARIES))
def test_an_unknown_flag_ends_it(name: str, tmp_path: Path) -> None:
    """A start proves that every flag is known: a planted one is refused by name."""
    pod = Pod(workload(name, "dev"), tmp_path)
    pod.lay_out()
    assert "planted-flag" in refusal(pod, "--planted-flag=1")


def test_every_planned_server_is_started_or_said_to_be_out_of_reach() -> None:
    """A new server cannot be forgotten."""
    planned = {
        server.workload.name for environment in ENVIRONMENTS for server in observability(environment).servers
    }
    assert planned == set(BINARIES) | NOT_TO_BE_HAD
