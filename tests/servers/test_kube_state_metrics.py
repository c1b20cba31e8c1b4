"""The real kube-state-metrics on the API server of a stack that is up, with its own rights alone."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from checkout import Checkout
from exposition import contradictions
from real_server import Pod, Running, running, workload
from servers.live_nodes import kubelets
from servers.live_pods import Cluster, planned_pods

# It needs a whole stack for itself; what it exposes changes with its version alone.
pytestmark = [pytest.mark.tools, pytest.mark.engine, pytest.mark.long]
NAMESPACE = "monitoring"
ACCOUNT = "kube-state-metrics"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The stack dev on a target of its own, discarded afterwards."""
    copy = Checkout.copy_to(tmp_path_factory.mktemp("servers") / "checkout")
    try:
        copy.local("up")
        yield copy
    finally:
        copy.local("down")


@pytest.fixture(scope="module")
def server(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server as its own service account."""
    with running_as(ACCOUNT, checkout, tmp_path_factory.mktemp("own")) as found:
        yield found


@contextmanager
def running_as(account: str, checkout: Checkout, root: Path) -> Iterator[Running]:
    """The server with the token of a service account of its namespace."""
    pod = Pod(workload(ACCOUNT, "dev"), root)
    pod.lay_out()
    file = root / "kubeconfig"
    file.write_text(kubeconfig(account, checkout))
    with running(pod, flags={"--kubeconfig": str(file)}) as found:
        yield found


def kubeconfig(account: str, checkout: Checkout) -> str:
    """What stands in for the token and the address that a pod is given."""
    document = json.loads(checkout.kubectl("config", "view", "--raw", "--minify", "--output=json"))
    token = checkout.kubectl("create", "token", account, f"--namespace={NAMESPACE}").strip()
    document["users"][0]["user"] = {"token": token}
    return str(yaml.safe_dump(document))


def followed(server: Running) -> Mapping[str, set[str]]:
    """The kinds by what came of following them, as soon as something came of every one."""
    end = time.monotonic() + 20
    while True:
        text = server.text("telemetry", "/metrics")
        found = {result: kinds(text, result) for result in ("success", "error")}
        if set().union(*found.values()) >= planned() or time.monotonic() > end:
            return found
        time.sleep(0.1)


def kinds(text: str, result: str) -> set[str]:
    """The kinds with this result in its own figures, whether it listed or watched them."""
    series = rf'^kube_state_metrics_(?:list|watch)_total\{{resource="\*\w+\.(\w+)",result="{result}"\}}'
    return {kind.lower() for kind in re.findall(series, text, re.MULTILINE)}


def planned() -> set[str]:
    """The kinds that it is told to report, in the singular."""
    argument = next(found for found in workload(ACCOUNT, "dev").args if found.startswith("--resources="))
    plural = argument.removeprefix("--resources=").split(",")
    return {"ingress" if kind == "ingresses" else kind.removesuffix("s") for kind in plural}


def test_its_probes_answer(server: Running) -> None:
    """Readiness where its own figures are, liveness where it asks the API server."""
    server.assert_probes_answer()


def test_its_role_lets_it_follow_every_kind(server: Running) -> None:
    """And nothing that it asks for is refused."""
    assert followed(server) == {"success": planned(), "error": set()}
    assert "forbidden" not in server.log()


def test_it_reports_deployments_by_the_label_that_rules_know(server: Running) -> None:
    """The label of the allowlist is there."""
    followed(server)
    text = server.text("metrics", "/metrics")
    names = f'namespace="{NAMESPACE}",deployment="{ACCOUNT}"'
    assert f"kube_deployment_spec_replicas{{{names}}} 1\n" in text
    assert f'kube_deployment_labels{{{names},label_app="{ACCOUNT}"}} 1\n' in text


def test_it_exposes_what_the_catalogue_says(checkout: Checkout, server: Running, tmp_path: Path) -> None:
    """By the same names, types and labels, of a pod that was killed on a node, among others."""
    with kubelets(["127.0.0.1"], tmp_path) as nodes:
        nodes.join(checkout, tmp_path)
    killed = next(pod for pod in planned_pods(checkout, nodes.addresses) if pod.name == "core-api-0")
    Cluster(checkout, tmp_path).create([replace(killed, phase="Failed", killed=True)])
    roll_out(checkout, "core-api", tmp_path)
    end = time.monotonic() + 20
    while (found := contradictions("kube-state-metrics", server.text("metrics", "/metrics"))) and (
        time.monotonic() < end
    ):
        time.sleep(0.5)
    assert found == []


def roll_out(checkout: Checkout, name: str, folder: Path) -> None:
    """The ReplicaSet that a controller, of which none runs here, would make of a Deployment."""
    made = json.loads(checkout.kubectl("get", "deployment", name, "--namespace=axiom", "--output=json"))
    spec = {key: made["spec"][key] for key in ("selector", "template")}
    metadata = {"name": f"{name}-1", "namespace": "axiom", "labels": spec["template"]["metadata"]["labels"]}
    file = folder / "replicaset.json"
    file.write_text(
        json.dumps({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec})
    )
    checkout.kubectl("create", f"--filename={file}")


def test_an_account_without_its_role_follows_nothing(checkout: Checkout, tmp_path: Path) -> None:
    """What is judged above comes from the role, not from an administrator's key."""
    with running_as("blackbox-exporter", checkout, tmp_path) as found:
        assert followed(found) == {"success": set(), "error": planned()}
        assert "forbidden" in found.log()
