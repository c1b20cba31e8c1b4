"""The real Prometheus finds the pods of a stack that is up, with its own rights and its own file.

The stack is prod a year on: replicas as planned, three servers of Neo4j, nodes with kubelets. Of the
file only the way to the API server is added: a pod would find it by its environment.
NetworkPolicies are not enforced here; `tests/scanners` holds them against the table of edges.
"""

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
import yaml
from checkout import Checkout
from real_server import NOBODY, Pod, Running, running, workload
from servers.live_nodes import Nodes, kubelets
from servers.live_pods import Cluster, LivePod, address, planned_pods
from servers.test_kube_state_metrics import kubeconfig

from config.data import services

pytestmark = [pytest.mark.tools, pytest.mark.engine]
SETTINGS = {"tier": "1year"}
ONE_OFF = ("tier=1year", "neo4j.acceptLicense=true")
# Said here by hand: what a job is called whose servers have another name.
RENAMED = {"postgres-exporter": "postgresql", "canvas": "nginx"}
# At a second port, what it counts of the records.
TWICE = {"fluent-bit": "fluent-bit-records"}
UNSCRAPED = {"mindsdb"}
# They run, and are still nobody's.
DECOYS = {"neighbour", "stranger", "unrelated"}
NODES = [address(number) for number in (251, 252, 253)]
LABELS = {
    "kube-state-metrics": {"instance", "job"},
    "node-exporter": {"instance", "job", "namespace", "pod", "node"},
    "kubelet": {"instance", "job", "node"},
    "cadvisor": {"instance", "job", "node"},
}
# Their pods are a chart's to make, which the target does not render.
OF_CHARTS = {"keda-operator"}
SECONDS = 90.0
T = TypeVar("T")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The stack on a target of its own, discarded afterwards."""
    copied = Checkout.copy_to(tmp_path_factory.mktemp("servers") / "checkout")
    try:
        copied.local("up", "--stack", "prod", *(f"--set={setting}" for setting in ONE_OFF))
        copied.context = "axiom-prod"
        yield copied
    finally:
        copied.local("down")


@pytest.fixture(scope="module")
def nodes(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Three of them."""
    folder = tmp_path_factory.mktemp("nodes")
    with kubelets(NODES, folder) as found:
        found.join(checkout, folder)
        yield found


@pytest.fixture(scope="module")
def cluster(checkout: Checkout, nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Every pod that the stack would have, and others that are none of Prometheus's business."""
    found = Cluster(checkout, tmp_path_factory.mktemp("pods"))
    try:
        pods = planned_pods(checkout, nodes.addresses)
        found.create(with_sidecar(pod) if pod.name == "core-api-0" else pod for pod in pods)
        # The controller that makes it for every namespace does not run here.
        checkout.kubectl("create", "serviceaccount", "default", "--namespace=default")
        core = next(pod for pod in pods if pod.name == "core-api-0")
        found.create(decoys(core, len(pods) + 1))
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def server(cluster: Cluster, nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Prometheus as its own service account."""
    root = tmp_path_factory.mktemp("own")
    with running_as("prometheus", cluster.checkout, root, nodes) as found:
        yield found


@contextmanager
def running_as(account: str, checkout: Checkout, root: Path, nodes: Nodes) -> Iterator[Running]:
    """Prometheus on the stack's file, with the token of a service account."""
    pod = Pod(workload("prometheus", "prod", **SETTINGS), root, NOBODY)
    pod.lay_out()
    key = root / "kubeconfig"
    key.write_text(kubeconfig(account, checkout))
    token = yaml.safe_load(key.read_text())["users"][0]["user"]["token"]
    mounted = pod.path("/etc/prometheus/config/account")
    mounted.mkdir()
    (mounted / "token").write_text(token)
    (mounted / "ca.crt").write_bytes(nodes.authority.read_bytes())
    nodes.token.write_text(token)
    file = pod.path("/etc/prometheus/config/prometheus.yml")
    document = yaml.safe_load(file.read_text())
    for job in document["scrape_configs"]:
        for discovery in job.get("kubernetes_sd_configs", []):
            discovery["kubeconfig_file"] = str(key)
    file.write_text(yaml.safe_dump(document))
    with running(pod) as found:
        yield found


def with_sidecar(pod: LivePod) -> LivePod:
    """The pod with one port more, and an init container with a port by the scraped name."""
    document: Any = copy.deepcopy(pod.document)
    container = document["spec"]["containers"][0]
    kept = {key: container[key] for key in ("image", "resources", "securityContext")}
    port = {"name": "metrics", "containerPort": 9999}
    sidecar = {**kept, "name": "sidecar", "restartPolicy": "Always", "ports": [port]}
    container["ports"].append({"name": "debug", "containerPort": 9998})
    document["spec"]["initContainers"] = [*document["spec"].get("initContainers", []), sidecar]
    return LivePod(document, pod.address)


def decoys(core: LivePod, first: int) -> list[LivePod]:
    """Pods like one of Core's, each of which has one reason not to be scraped."""
    kinds: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "succeeded": ("Succeeded", {}),
        "failed": ("Failed", {}),
        "pending": ("Pending", {}),
        "neighbour": ("Running", {"namespace": "monitoring", "account": "prometheus"}),
        "stranger": ("Running", {"namespace": "default", "account": "default"}),
        "unrelated": ("Running", {"app": "unrelated"}),
    }
    return [
        LivePod(like(core.document, name, **changed), address(number), phase)
        for number, (name, (phase, changed)) in enumerate(kinds.items(), start=first)
    ]


def like(
    document: Mapping[str, Any], name: str, namespace: str = "axiom", app: str = "core-api", account: str = ""
) -> dict[str, Any]:
    """The pod under another name; in another namespace it needs an account of that one."""
    found = copy.deepcopy(dict(document))
    labels = {**found["metadata"]["labels"], "app": app}
    found["metadata"] = {"name": name, "namespace": namespace, "labels": labels}
    if account:
        del found["spec"]["serviceAccount"]
        found["spec"]["serviceAccountName"] = account
    return found


def job_of(app: str) -> str:
    """The job to which the pods of an app belong."""
    service = services().get(app)
    return (service.job if service else None) or RENAMED.get(app, app)


def expected(cluster: Cluster) -> set[tuple[str, str]]:
    """Job and pod, or node, of whatever is to be scraped."""
    of_pods = {
        (job_of(pod.app), pod.name)
        for pod in cluster.pods
        if pod.phase == "Running" and pod.name not in DECOYS and pod.app not in UNSCRAPED
    }
    twice = {(TWICE[job], name) for job, name in of_pods if job in TWICE}
    return (
        of_pods
        | twice
        | {(job, f"node-{number}") for job in ("kubelet", "cadvisor") for number in range(len(NODES))}
    )


def discovered(server: Running) -> list[Mapping[str, Any]]:
    """The active targets that the API server told of; the others are written in the file."""
    active = server.json("http", "/api/v1/targets?state=active")["data"]["activeTargets"]
    return [target for target in active if origin(target)]


def origin(target: Mapping[str, Any]) -> str | None:
    """The pod or node that a target is."""
    found = target["discoveredLabels"]
    return found.get("__meta_kubernetes_pod_name") or found.get("__meta_kubernetes_node_name")


def names(server: Running, *health: str) -> list[tuple[str, str]]:
    """Job and pod, or node, of every target in one of these states, as often as there is one."""
    found = [target for target in discovered(server) if target["health"] in health]
    return sorted((target["labels"]["job"], str(origin(target))) for target in found)


def missed(server: Running, alert: str) -> list[str]:
    """The services for which an alert is pending or fires."""
    found = server.json("http", "/api/v1/alerts")["data"]["alerts"]
    return [one["labels"]["service"] for one in found if one["labels"]["alertname"] == alert]


def settled(ask: Callable[[], T], wanted: T) -> T:
    """What is answered, as soon as it is what is wanted, or at the end."""
    end = time.monotonic() + SECONDS
    while (found := ask()) != wanted and time.monotonic() < end:
        time.sleep(0.25)
    return found


def test_every_pod_that_can_be_scraped_is_one_healthy_target(server: Running, cluster: Cluster) -> None:
    """In the job of its app, and nothing else is: no port, phase, namespace or app too many."""
    wanted = sorted(expected(cluster))
    assert settled(lambda: names(server, "up"), wanted) == wanted
    assert names(server, "up", "down", "unknown") == wanted


def test_every_job_that_discovers_has_a_target(server: Running, cluster: Cluster) -> None:
    """A job whose label, port or namespace no template has would scrape nothing for ever."""
    file = yaml.safe_load(server.pod.path("/etc/prometheus/config/prometheus.yml").read_text())
    jobs = {job["job_name"] for job in file["scrape_configs"] if "kubernetes_sd_configs" in job}
    wanted = sorted(expected(cluster))
    settled(lambda: names(server, "up"), wanted)
    assert {job for job, _ in names(server, "up")} == jobs - OF_CHARTS


def test_services_are_scraped_where_their_api_is(server: Running, cluster: Cluster) -> None:
    """At the port that the services' file gives, under /metrics."""
    found = {origin(target): target["scrapeUrl"] for target in discovered(server)}
    ports = {app: service.http_port for app, service in services().items() if service.job}
    pods = [pod for pod in cluster.pods if (job_of(pod.app), pod.name) in expected(cluster)]
    wanted = {pod.name: f"http://{pod.address}:{ports[pod.app]}/metrics" for pod in pods if pod.app in ports}
    assert {name: url for name, url in found.items() if name in wanted} == wanted


def test_a_target_says_where_it_is_and_no_more(server: Running) -> None:
    """Every label of a target is part of every series."""
    assert discovered(server)
    for target in discovered(server):
        usual = {"instance", "job", "namespace", "pod"}
        assert set(target["labels"]) == LABELS.get(target["labels"]["job"], usual)


def test_of_a_container_only_its_own_figures_are_kept(server: Running, cluster: Cluster) -> None:
    """cAdvisor's sums over pods would count it twice; the network is the pod's alone."""
    wanted = sorted(expected(cluster))
    assert settled(lambda: names(server, "up"), wanted) == wanted
    query = "/api/v1/query?query=" + quote('{job="cadvisor",pod="core-api-0",node="node-0"}')
    result = server.json("http", query)["data"]["result"]
    assert sorted((found["metric"]["__name__"], found["metric"].get("container")) for found in result) == [
        ("container_cpu_usage_seconds_total", "api"),
        ("container_network_receive_bytes_total", None),
    ]


def test_nothing_is_missing_while_every_service_has_a_pod(server: Running) -> None:
    """The first evaluations may come before the first scrapes."""
    alerts: dict[str, list[str]] = {"ServiceAbsent": [], "ServiceDown": []}
    assert settled(lambda: {name: missed(server, name) for name in alerts}, alerts) == alerts


def test_what_ends_is_missed(server: Running, cluster: Cluster) -> None:
    """A deleted pod is no target; a service without any is absent, one that is silent is down.

    Pending is enough: how long each waits is tried with promtool.
    """
    cluster.delete("core-api", "core-api-1")
    cluster.delete("weaver")
    cluster.silence("oracle-0")
    wanted = sorted(expected(cluster) - {("axiom-oracle", "oracle-0")})
    assert settled(lambda: names(server, "up"), wanted) == wanted
    assert names(server, "down") == [("axiom-oracle", "oracle-0")]
    alerts = {"ServiceAbsent": ["axiom-weaver"], "ServiceDown": ["axiom-oracle"]}
    assert settled(lambda: {name: missed(server, name) for name in alerts}, alerts) == alerts


@pytest.mark.parametrize(("part", "answer"), [("metrics", "yes"), ("proxy", "no")])
def test_a_kubelet_would_tell_figures_and_run_nothing(checkout: Checkout, part: str, answer: str) -> None:
    """It asks the API server what Prometheus may."""
    question = ("auth", "can-i", "get", "nodes", f"--subresource={part}")
    account = "--as=system:serviceaccount:monitoring:prometheus"
    assert checkout.kubectl(*question, account, expect=int(answer == "no")).split()[0] == answer


def test_an_account_without_its_role_finds_nothing(cluster: Cluster, nodes: Nodes, tmp_path: Path) -> None:
    """What is found above comes from the role, not from an administrator's key."""
    with running_as("blackbox-exporter", cluster.checkout, tmp_path, nodes) as found:
        assert settled(lambda: "forbidden" in found.log(), True)
        assert discovered(found) == []
