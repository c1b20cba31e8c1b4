"""What autoscalers follow, and the operator behind it: decided, checked, refused."""

from typing import Any

import pytest
import yaml

from config.data import alert_files, services, versions
from config.files import DataError
from config.settings import load
from config.tables import Service
from model.container import Autoscaled, Fixed, Trigger
from model.keda import ADAPTER, OPERATOR, WEBHOOKS
from model.plan import build_plan
from model.reach import Namespace
from model.slices import Plan
from model.triggers import named, trigger

# How far a figure may be off before an autoscaler acts: Kubernetes' default.
TOLERANCE = 1.1


def plan(environment: str = "prod", **raw: Any) -> Plan:
    """A stack's plan."""
    return build_plan(load(raw, stack=environment))


def scaled(name: str) -> tuple[Autoscaled, Trigger]:
    """The autoscaler of a service with a trigger."""
    replicas = next(
        found.workload.replicas for found in plan().workloads.services if found.workload.name == name
    )
    assert isinstance(replicas, Autoscaled)
    assert replicas.trigger is not None
    return replicas, replicas.trigger


def with_trigger(service: str = "oracle", **changes: Any) -> Service:
    """A service whose trigger is spoilt."""
    found = services()[service]
    assert found.trigger is not None
    return found.model_copy(update={"trigger": found.trigger.model_copy(update=changes)})


def test_two_services_follow_more_than_cpu_and_memory() -> None:
    """Those of the requirements' table, and no other."""
    assert {name for name, found in services().items() if found.trigger} == {"core-worker", "oracle"}


def test_a_fifth_worker_is_asked_for_before_the_alert() -> None:
    """And not at half of it: the least pods, each with its part, within the tolerance."""
    replicas, found = scaled("core-worker")
    rules = yaml.safe_load(alert_files()["axiom-resources"])["rules"]
    (limit,) = (rule["limit"] for rule in rules if rule["alert"] == "OutboxBacklog")
    assert found.target == "AverageValue"
    assert limit * 0.9 < replicas.minimum * found.threshold * TOLERANCE <= limit


def test_without_figures_there_are_pods_for_half_of_what_may_come() -> None:
    """Between the bounds, above the least."""
    for name, pods in (("core-worker", 6), ("oracle", 5)):
        replicas, found = scaled(name)
        assert found.fallback == pods
        assert replicas.minimum < found.fallback < replicas.maximum


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (with_trigger(query="sum(rate(planted_total[5m]))"), "no metric planted_total in config/metrics"),
        (with_trigger(threshold=14), "oracle_request_duration_seconds has no edge at 14"),
        (with_trigger(threshold=0), "the threshold is above 0, not 0"),
        (with_trigger("core-worker", query="sum(core_event_outbox_pending)"), "take its max"),
        (services()["oracle"].model_copy(update={"autoscaled": False}), "`autoscaled` is false"),
    ],
)
def test_a_trigger_that_could_not_work_is_refused(wanted: Service, said: str) -> None:
    """With the file, the service and what is wrong."""
    with pytest.raises(DataError, match=r"config/services\.yaml: trigger of planted: ") as caught:
        trigger("planted", wanted, 2, 8)
    assert said in str(caught.value)


def test_every_problem_of_a_trigger_is_told_at_once() -> None:
    """Not the first only."""
    with pytest.raises(DataError) as caught:
        trigger("planted", with_trigger(query="planted_a + planted_b"), 2, 8)
    assert len(str(caught.value).splitlines()) == 2


def test_a_bad_trigger_stops_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only the function that judges it."""
    monkeypatch.setattr(
        "model.workloads.services", lambda: {**services(), "oracle": with_trigger(query="planted")}
    )
    with pytest.raises(DataError, match="trigger of oracle: no metric planted"):
        plan()


def test_metrics_of_a_query_are_told_from_its_other_words() -> None:
    """Functions, operators, labels, texts, ranges and numbers."""
    query = 'topk(2, sum by (le, job) (rate(a_total{b="c_total"}[5m]))) and on (d) e > 1e3 or vector(0)'
    assert named(query) == ["a_total", "e"]
    assert named("max(core_event_outbox_pending)") == ["core_event_outbox_pending"]


def test_prod_has_two_of_each_of_keda_and_dev_one() -> None:
    """One of each works; the other takes over."""
    for environment, count in (("dev", 1), ("staging", 2), ("prod", 2)):
        servers = plan(environment).workloads.scaler.servers
        assert [server.workload.name for server in servers] == [OPERATOR, ADAPTER, WEBHOOKS]
        assert {server.workload.replicas for server in servers} == {Fixed(count)}


def test_the_images_of_keda_come_from_where_all_images_come_from() -> None:
    """A mirror and a digest reach the chart, in its three parts."""
    digest = f"sha256:{'a' * 64}"
    images = {"registryPrefix": "registry.example.com/mirror", "digests": {"keda": digest}}
    found = plan(images=images).workloads.scaler.values["image"]
    assert found["keda"] == {
        "registry": "registry.example.com",
        "repository": "mirror/ghcr.io/kedacore/keda",
        "tag": f"{versions().images['keda'].tag}@{digest}",
    }
    assert found["metricsApiServer"]["repository"] == "mirror/ghcr.io/kedacore/keda-metrics-apiserver"


def test_chart_and_programs_are_of_one_version() -> None:
    """The chart's objects are made for them."""
    tags = {found.tag for name, found in versions().images.items() if name.startswith("keda")}
    assert tags == {versions().charts["keda"].version}


def test_who_reaches_keda_and_whom_it_reaches() -> None:
    """Its two ways in from the control plane, Prometheus both ways, and the adapter's questions."""
    found = plan()
    edges = {
        (edge.source.app or edge.source.cidr, edge.target.app or edge.target.cidr, edge.port)
        for edge in found.access.edges
        if Namespace.KEDA in (edge.source.namespace, edge.target.namespace)
    }
    network, api = found.platform.network.cidr, "172.20.0.1/32"
    assert edges == {
        (OPERATOR, "prometheus", 9090),
        ("prometheus", OPERATOR, 8080),
        (ADAPTER, OPERATOR, 9666),
        (network, ADAPTER, 6443),
        (network, WEBHOOKS, 9443),
        *((app, where, 443) for app in (OPERATOR, ADAPTER, WEBHOOKS) for where in (network, api)),
    }


def test_keda_is_scraped_and_has_room() -> None:
    """A job of its own, and a quota that its pods fit into in a rollout."""
    found = plan()
    config = yaml.safe_load(found.observability.files["prometheus/prometheus.yml"])
    assert OPERATOR in {job["job_name"] for job in config["scrape_configs"]}
    (space,) = (spec for spec in found.platform.namespaces if spec.name is Namespace.KEDA)
    assert space.pod_security == "restricted"
    assert int(space.quota["pods"]) >= 2 * 6
