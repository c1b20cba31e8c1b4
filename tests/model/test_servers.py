"""What the servers are, and who reaches whom."""

import ipaddress
import itertools

import pytest
import yaml

from config.data import services
from config.errors import SettingsError
from config.files import DataError
from config.scalars import Environment
from config.settings import Settings, load
from model.generated import Generated
from model.plan import build_plan
from model.reach import Edge, Namespace, Peer
from model.references import aimless, dangling
from model.scrape import pod_job, probe_job
from model.slices import Plan
from model.spec import Access, ScrapeJob

SINK_SETS = [["loki"], ["cloudwatch"], ["datadog"], ["loki", "datadog"], ["cloudwatch", "datadog"]]


def settings(environment: str = "dev", **raw: object) -> Settings:
    """Settings with the licence acknowledged, so that every tier is open."""
    return load({"neo4j": {"acceptLicense": True}, **raw}, stack=environment)


def plan(environment: str = "dev", **raw: object) -> Plan:
    """The plan of these settings."""
    return build_plan(settings(environment, **raw))


@pytest.mark.parametrize("cidr", ["10.20.0.0/16", "10.20.4.0/23"])
def test_subnets_fit_their_network(cidr: str) -> None:
    """At both ends of what AWS takes: within the range, apart from each other, at least /28."""
    network = plan(network={"cidr": cidr}).platform.network
    subnets = [ipaddress.IPv4Network(text) for text in (*network.private_cidrs, *network.public_cidrs)]
    assert len(subnets) == 6
    for subnet in subnets:
        assert subnet.subnet_of(ipaddress.IPv4Network(cidr))
        assert subnet.prefixlen <= 28
    assert not any(one.overlaps(other) for one, other in itertools.combinations(subnets, 2))


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.20.0.0/24", "10.20.0.0/30", "10.20.5.9/16"])
def test_a_range_that_cannot_be_a_network_is_refused(cidr: str) -> None:
    """As a problem of the settings, not as a traceback of the plan."""
    with pytest.raises(SettingsError, match=r"network\.cidr"):
        settings(network={"cidr": cidr})


def test_an_existing_network_may_be_small() -> None:
    """Nothing is cut out of it."""
    subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    existing = {"mode": "existing", "vpcId": "vpc-0123456789abcdef0", "privateSubnetIds": subnets}
    network = plan(network={**existing, "cidr": "10.20.0.16/28"}).platform.network
    assert (network.private_cidrs, network.public_cidrs) == ((), ())


def test_prometheus_may_reach_every_target() -> None:
    """Each scraped port is an edge; so is each Alertmanager."""
    found = plan()
    reached = {
        (edge.target.namespace, edge.target.app, edge.port)
        for edge in found.access.edges
        if edge.source.app == "prometheus"
    }
    for app, service in services().items():
        if service.job:
            assert (Namespace.AXIOM, app, service.http_port) in reached
    assert (Namespace.MONITORING, "alertmanager", 9093) in reached


@pytest.mark.parametrize(("tier", "scraped"), [("current", False), ("1year", True)])
def test_neo4j_is_scraped_or_probed(tier: str, scraped: bool) -> None:
    """Only Enterprise has metrics; below it somebody looks whether it answers."""
    config = yaml.safe_load(plan("prod", tier=tier).observability.files["prometheus/prometheus.yml"])
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    assert ("neo4j" in jobs, "neo4j-probe" in jobs) == (scraped, not scraped)


@pytest.mark.parametrize("sinks", SINK_SETS)
def test_traces_go_to_datadog_where_it_is_a_sink(sinks: list[str]) -> None:
    """Tempo has them always."""
    found = plan("dev", logSinks=sinks).observability.files["otel-collector/config.yaml"]
    pipelines = yaml.safe_load(found)["service"]["pipelines"]
    assert "otlp_grpc/tempo" in pipelines["traces/kept"]["exporters"]
    assert ("otlp_http/datadog" in pipelines["traces/kept"]["exporters"]) == ("datadog" in sinks)
    assert ("span_metrics/datadog" in pipelines["traces"]["exporters"]) == ("datadog" in sinks)


@pytest.mark.parametrize("environment", list(Environment))
def test_fluent_bit_loses_nothing_silently(environment: Environment) -> None:
    """Offsets and buffers on the node, retries without end, and a bound on the disk for each output."""
    config = yaml.safe_load(plan(environment).observability.files["fluent-bit/fluent-bit.yaml"])
    tail = config["pipeline"]["inputs"][0]
    assert tail["storage.type"] == "filesystem"
    assert tail["db"].startswith(config["service"]["storage.path"].rpartition("/")[0])
    to_sinks = [output for output in config["pipeline"]["outputs"] if output["match"] == tail["tag"]]
    assert to_sinks
    for output in to_sinks:
        assert output["retry_limit"] == "no_limits"
        assert "storage.total_limit_size" in output


def test_what_is_made_by_the_stack_is_used_by_somebody() -> None:
    """No password is made for nobody, and all of them are used in a stack of its own."""
    assert set(plan().generated) == set(Generated)
    existing = plan(
        postgres={"mode": "existing", "host": "db.example.com"},
        redis={"provision": "existing", "host": "cache.example.com"},
    )
    assert set(Generated) - set(existing.generated) == {Generated.POSTGRES_MASTER, Generated.REDIS_TOKEN}


def test_only_load_balancers_come_in_from_the_network() -> None:
    """Pods have addresses of the network: a way in for all of it would be one for every pod."""
    found = plan(ingress={"host": "axiom.example.com"})
    public = set(found.platform.network.public_cidrs)
    edges = [edge for edge in found.access.edges if edge.source.cidr]
    # The control plane calls KEDA, from interfaces in the network whose addresses nobody knows.
    assert {edge.source.cidr for edge in edges if edge.target.namespace is not Namespace.KEDA} == public
    called = {edge.target.app: edge.port for edge in edges if edge.target.namespace is Namespace.KEDA}
    assert called == {"keda-operator-metrics-apiserver": 6443, "keda-admission-webhooks": 9443}


def test_names_and_the_api_are_reached_by_their_services() -> None:
    """In Auto Mode no pod answers for names: only the Service's address can be allowed."""
    found = plan(cluster={"serviceCidr": "10.100.0.0/16"})
    assert {spec.dns_address for spec in found.platform.namespaces} == {"10.100.0.10"}
    to_api = {edge.source.app for edge in found.access.edges if edge.target.cidr == "10.100.0.1/32"}
    readers = {
        server.workload.app for server in found.observability.servers if server.workload.access != Access()
    }
    # KEDA's accounts and rights are its chart's.
    assert to_api == readers | {server.workload.app for server in found.workloads.scaler.servers}


def test_a_connection_to_nobody_is_refused() -> None:
    """At either end, by name, with those that there are; and at a port that nobody listens on."""
    servers = plan().observability.servers
    core, grafana = (
        Peer(namespace=namespace, app=app)
        for namespace, app in ((Namespace.AXIOM, "core-api"), (Namespace.MONITORING, "grafana"))
    )
    nobody = Peer(namespace=Namespace.MONITORING, app="grafan")
    assert list(dangling([Edge(source=grafana, target=grafana, port=3000, why="x")], servers)) == []
    (found,) = dangling([Edge(source=grafana, target=nobody, port=3000, why="planted")], servers)
    assert "from grafana to grafan (planted): no workload 'grafan' in monitoring; there are" in found
    (found,) = dangling([Edge(source=core, target=grafana, port=3000, why="planted")], servers)
    assert "no workload 'core-api' in axiom" in found
    (found,) = dangling([Edge(source=grafana, target=grafana, port=3001, why="planted")], servers)
    assert "grafana listens on 3000/TCP, not on 3001/TCP" in found
    wide = Edge(source=grafana, target=grafana, port=3000, last_port=3001, why="planted")
    assert list(dangling([wide], servers)) == [found]
    job = Peer(namespace=Namespace.AXIOM, app="postgres-roles")
    (found,) = dangling([Edge(source=grafana, target=job, port=1, why="planted")], servers)
    assert "postgres-roles listens on no port, not on 1/TCP" in found


def test_a_call_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the file, the name and what it may be."""
    wrong = {name: found.model_copy(update={"calls": ("planted",)}) for name, found in services().items()}
    monkeypatch.setattr("model.workloads.services", lambda: wrong)
    with pytest.raises(DataError, match=r"config/services\.yaml: calls names 'planted'.*may be core-api"):
        plan()


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (pod_job("a", "planted", Namespace.AXIOM, "http"), "a: no workload 'planted' in axiom; there are"),
        (pod_job("a", "grafana", Namespace.AXIOM, "http"), "a: no workload 'grafana' in axiom"),
        (
            pod_job("a", "grafana", Namespace.MONITORING, "metrics"),
            "grafana has the ports http, none called metrics",
        ),
        (probe_job("a", "http", [], "exporter:9115"), "a: it has no targets"),
    ],
)
def test_a_job_that_would_never_have_a_target_is_refused(job: ScrapeJob, said: str) -> None:
    """Its app, its namespace, its port, its list."""
    (found,) = aimless([job], plan().observability.servers)
    assert found.startswith("scrape job a: ")
    assert said in found


def test_an_autoscaler_whose_minimum_is_above_its_maximum_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the service, the tier and both numbers."""
    many = {name: found.model_copy(update={"instances": 9}) for name, found in services().items()}
    monkeypatch.setattr("model.workloads.services", lambda: many)
    with pytest.raises(DataError, match=r"core-api has 9 instances at current: .* at most its maximum, 8"):
        plan()
