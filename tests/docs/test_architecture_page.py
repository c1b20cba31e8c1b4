"""The page about what runs where names what the plans hold, and nothing that is gone."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from config.scalars import Environment, SinkName, Tier
from config.secrets import SecretKey
from config.settings import load
from model.generated import Generated
from model.plan import build_plan
from model.slices import LogGroupSpec, Plan
from model.spec import WorkloadSpec

PAGE = (Path(__file__).resolve().parents[2] / "docs/architecture.md").read_text()
Facts = set[tuple[str, ...]]


@cache
def plans() -> tuple[Plan, ...]:
    """A plan for each environment and tier, with every sink and with none but DataDog."""
    return tuple(
        build_plan(
            load(
                {
                    "environment": environment.value,
                    "tier": tier.value,
                    "logSinks": sinks,
                    "neo4j": {"acceptLicense": True},
                },
                stack=environment.value,
            )
        )
        for environment, tier, sinks in product(Environment, Tier, (list(SinkName), [SinkName.DATADOG]))
    )


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its first two lines."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def first_names(heading: str) -> Callable[[str], Facts]:
    """What the first column of a table names."""
    return lambda page: {(name,) for row in rows(page, heading) for name in names(row[0])}


def workload_rows(page: str) -> Facts:
    """Name, namespace, kind and ports of every line of the workloads."""
    return {
        (*names(row[0]), *names(row[1]), row[2], *sorted(re.findall(r"\b\d{4,5}\b", row[3])))
        for row in rows(page, "Workloads")
    }


def log_group_rows(page: str) -> Facts:
    return {(*names(row[0]), row[2]) for row in rows(page, "Log groups")}


def picture(page: str) -> Facts:
    """The labels of the first picture that are names."""
    (drawn,) = re.findall(r"^## What runs where\n+```mermaid\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return {(name,) for name in re.findall(r"\[([a-z0-9-]+)\]", drawn)}


def workloads() -> Iterator[WorkloadSpec]:
    for plan in plans():
        yield from (server.workload for server in plan.servers)


def planned_workloads() -> Facts:
    ports: dict[tuple[str, ...], set[str]] = {}
    for workload in workloads():
        every = [*workload.ports, *(port for sidecar in workload.sidecars for port in sidecar.ports)]
        key = (workload.name, str(workload.namespace), workload.kind)
        ports.setdefault(key, set()).update(str(port.number) for port in every)
    jobs = {(plan.stores.roles.name, str(plan.stores.roles.namespace), "Job") for plan in plans()}
    return jobs | {(*key, *sorted(numbers)) for key, numbers in ports.items()}


def log_groups(plan: Plan) -> Iterator[LogGroupSpec]:
    """Every group; the names of the last two are decided where they are written to."""
    yield from (
        *plan.observability.log_groups, *plan.stores.postgres.log_groups, *plan.stores.redis.log_groups,
    )  # fmt: skip
    if plan.observability.workspace:
        yield plan.observability.workspace.log_group
    cluster, network = plan.platform.cluster, plan.platform.network
    yield LogGroupSpec(name=f"/aws/eks/{cluster.name}/cluster", retention_days=cluster.audit_log_days)
    yield LogGroupSpec(name=f"/aws/vpc/{cluster.name}/flow", retention_days=network.flow_log_days)


def general(name: str, plan: Plan) -> str:
    """The name with the stack's own parts replaced by what they are."""
    found = name.replace(plan.identity.environment, "ENVIRONMENT")
    return found.replace(plan.identity.region, "REGION")


def singles(found: Iterable[str]) -> Facts:
    return {(name,) for name in found}


CHECKS: dict[str, tuple[Callable[[str], Facts], Callable[[], Facts]]] = {
    "workloads": (workload_rows, planned_workloads),
    "picture": (picture, lambda: {(fact[0],) for fact in planned_workloads()}),
    "namespaces": (
        first_names("Namespaces"),
        lambda: singles(spec.name for plan in plans() for spec in plan.platform.namespaces),
    ),
    "buckets": (
        first_names("Buckets"),
        lambda: singles(general(spec.name, plan) for plan in plans() for spec in plan.observability.buckets),
    ),
    "log groups": (
        log_group_rows,
        lambda: {
            (general(spec.name, plan), str(spec.retention_days))
            for plan in plans()
            for spec in log_groups(plan)
        },
    ),
    "secrets": (first_names("Secrets"), lambda: singles([*SecretKey, *Generated])),
    "identities": (
        first_names("Identities"),
        lambda: singles(app for plan in plans() for app in plan.access.permissions),
    ),
}


@pytest.mark.parametrize("what", CHECKS)
def test_the_page_names_what_is_planned_and_nothing_else(what: str) -> None:
    """Missing names and strange ones, both ways."""
    on_page, planned = CHECKS[what]
    assert on_page(PAGE) == planned()


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        ("workloads", "| `tempo` | `monitoring` |", "| `temp` | `monitoring` |"),
        ("workloads", "**9187**", "**9186**"),
        ("workloads", "| `weaver` | `axiom` |", "| `weaver` | `monitoring` |"),
        ("picture", "loki[loki]", "loki[promtail]"),
        ("namespaces", "| `axiom` | restricted", "| `platform` | restricted"),
        ("buckets", "REGION-loki` |", "REGION-logs` |"),
        ("log groups", "ElastiCache | 7 |", "ElastiCache | 30 |"),
        ("secrets", "`jwt-signing`", "`jwt-key`"),
        ("identities", "| `grafana` | search", "| `alertmanager` | search"),
    ],
)
def test_a_name_that_is_gone_is_found(what: str, before: str, after: str) -> None:
    """A planted name that no plan holds."""
    assert PAGE.count(before) == 1
    on_page, planned = CHECKS[what]
    assert on_page(PAGE.replace(before, after)) != planned()


def test_the_pages_it_points_to_exist() -> None:
    """No link leads nowhere."""
    folder = Path(__file__).resolve().parents[2] / "docs"
    linked = re.findall(r"\]\(([\w/.-]+\.md)\)", PAGE)
    assert linked
    assert [path for path in linked if not (folder / path).is_file()] == []
