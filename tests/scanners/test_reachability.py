"""The policies let through exactly what the table of edges says, for every pair and port.

They do not hold for node-exporter, which is in its node's network; they are judged as if they did.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from scanners.reachability import Answer, analyzed, differences

from config.settings import load
from model.container import Fixed
from model.plan import build_plan
from model.slices import Plan
from model.spec import WorkloadSpec
from render.recorder import record
from render.tree import files

pytestmark = pytest.mark.tools
HOSTS = {"ingress": {"host": "axiom.example.com"}, "grafana": {"host": "grafana.axiom.example.com"}}
STACKS: dict[str, dict[str, object]] = {
    "dev": {},
    "staging": {**HOSTS},
    "prod": {**HOSTS, "tier": "2year", "logSinks": ["loki", "cloudwatch", "datadog"]},
}


def stack(name: str, folder: Path) -> tuple[Plan, Path]:
    """A stack's plan, and the folder with its Kubernetes objects."""
    settings = load({"neo4j": {"acceptLicense": True}, **STACKS[name]}, stack=name)
    plan = build_plan(settings)
    for path, text in files(record(plan), plan, settings).items():
        if path.startswith("kubernetes/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
    for server in plan.workloads.scaler.servers:
        released = yaml.safe_dump(deployment(server.workload))
        (folder / f"kubernetes/keda/deployment-{server.workload.name}.yaml").write_text(released)
    return plan, folder / "kubernetes"


def deployment(workload: WorkloadSpec) -> dict[str, Any]:
    """Of what a chart makes, what policies look at: pods, their number and their label."""
    assert isinstance(workload.replicas, Fixed)
    pod = {"containers": [{"name": workload.name, "image": workload.image}]}
    labels = {"app": workload.app}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": workload.name, "namespace": str(workload.namespace)},
        "spec": {
            "replicas": workload.replicas.count,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


@pytest.mark.parametrize("name", STACKS)
def test_what_policies_allow_is_what_the_table_says(name: str, tmp_path: Path) -> None:
    """Neither a way more nor one less."""
    plan, manifests = stack(name, tmp_path)
    assert differences(plan, analyzed(manifests)) == []


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    """The smallest stack."""
    return stack("dev", tmp_path_factory.mktemp("dev"))


def gone(policies: Path) -> None:
    """Nobody lets Prometheus in to Alertmanager any more."""
    (policies / "monitoring/networkpolicy-alertmanager.yaml").unlink()


def opened(policies: Path) -> None:
    """Tempo listens to the collector on a port more; the collector may go there."""
    for name, way in (("tempo", "ingress"), ("otel-collector", "egress")):
        file = policies / f"monitoring/networkpolicy-{name}.yaml"
        document = yaml.safe_load(file.read_text())
        for rule in document["spec"][way]:
            rule["ports"].append({"port": 4319, "protocol": "TCP"})
        file.write_text(yaml.safe_dump(document))


def open_to_all(policies: Path) -> None:
    """The default denial is away: whom no policy selects may do anything."""
    (policies / "axiom/networkpolicy-default-deny.yaml").unlink()


def abroad(policies: Path) -> None:
    """Neo4j may go anywhere."""
    file = policies / "axiom/networkpolicy-neo4j.yaml"
    document = yaml.safe_load(file.read_text())
    document["spec"]["policyTypes"] = ["Ingress", "Egress"]
    document["spec"]["egress"] = [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]}]
    file.write_text(yaml.safe_dump(document))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (gone, "missing: monitoring/prometheus -> monitoring/alertmanager TCP 9093"),
        (opened, "too much: monitoring/otel-collector -> monitoring/tempo TCP 4319"),
        (open_to_all, "axiom/postgres-roles from 0.0.0.0: [('any', 0)], not []"),
        (abroad, "axiom/neo4j to 0.0.0.0: [('TCP', 443)], not []"),
    ],
)
def test_a_planted_violation_is_named(
    dev: tuple[Plan, Path], spoil: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    """A policy that is gone, a port more, no denial, a range more."""
    plan, manifests = dev
    copied = tmp_path / "kubernetes"
    shutil.copytree(manifests, copied)
    spoil(copied)
    assert any(found.startswith(said) for found in differences(plan, analyzed(copied)))


def test_an_edge_that_is_gone_from_between_others_is_named(tmp_path: Path) -> None:
    """Load balancers send from three ranges that touch: the analyzer knows them as one."""
    plan, manifests = stack("staging", tmp_path)
    ranges = sorted(
        {edge.source.cidr for edge in plan.access.edges if edge.source.cidr and edge.port == 8000}
    )
    assert len(ranges) == 3
    fewer = tuple(edge for edge in plan.access.edges if edge.source.cidr != ranges[1])
    spoiled = replace(plan, access=replace(plan.access, edges=fewer))
    said = f"axiom/core-api from {ranges[1].split('/')[0]}: [('TCP', 8000)], not []"
    assert said in differences(spoiled, analyzed(manifests))


def test_an_edge_that_no_policy_has_is_named(dev: tuple[Plan, Path]) -> None:
    """The table is not just what the policies are made of: it is held against them."""
    plan, manifests = dev
    answer = analyzed(manifests)
    assert isinstance(answer, Answer)
    fewer = Answer(frozenset(way for way in answer.inside if way.port != 7687), answer.outside)
    assert "missing: axiom/oracle -> axiom/neo4j TCP 7687" in differences(plan, fewer)
