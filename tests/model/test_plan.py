"""Every decision, without Pulumi."""

import ast
import ipaddress
import itertools
import re
from pathlib import Path

import pytest
import yaml

from config.data import DataError, services, slos
from config.errors import SettingsError
from config.scalars import Environment, SinkName, Tier
from config.settings import Settings, load
from model.container import Autoscaled
from model.generated import Generated
from model.late import Late, late_values
from model.plan import build_plan
from model.reach import Namespace
from model.rules import latency, rule_groups
from model.rules.sla import PER_JOB, sla_tier
from model.slices import Plan
from model.spec import Access, ServerSpec

SINK_SETS = [
    list(chosen)
    for size in (1, 2, 3)
    for chosen in itertools.combinations([str(name) for name in SinkName], size)
]


def settings(environment: str = "dev", **raw: object) -> Settings:
    """Settings with the licence acknowledged, so that every tier is open."""
    return load({"neo4j": {"acceptLicense": True}, **raw}, stack=environment)


def plan(environment: str = "dev", **raw: object) -> Plan:
    """The plan of these settings."""
    return build_plan(settings(environment, **raw))


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("tier", list(Tier))
def test_a_plan_is_the_same_each_time(environment: Environment, tier: Tier) -> None:
    """No clock, no chance, no order of sets."""
    assert plan(environment, tier=tier) == plan(environment, tier=tier)


@pytest.mark.parametrize("sinks", SINK_SETS)
def test_a_sink_changes_nothing_but_its_own(sinks: list[str]) -> None:
    """Network, cluster, stores, services and the servers that no sink is about stay as they are."""
    one, other = plan("dev"), plan("dev", logSinks=sinks)
    assert one.platform.network == other.platform.network
    assert one.platform.cluster == other.platform.cluster
    assert one.stores == other.stores
    assert one.workloads == other.workloads
    assert untouched(one) == untouched(other)
    names = {server.workload.name for server in other.observability.servers}
    assert ("loki" in names) == (SinkName.LOKI in sinks)
    assert bool(other.observability.log_groups) == (SinkName.CLOUDWATCH in sinks)


def untouched(found: Plan) -> dict[str, ServerSpec]:
    """The servers that neither write to a sink, read from one, nor scrape one."""
    about = {"fluent-bit", "grafana", "otel-collector", "prometheus", "loki"}
    servers = {server.workload.name: server for server in found.observability.servers}
    return {name: server for name, server in servers.items() if name not in about}


def test_no_sink_is_told_by_name_outside_its_object() -> None:
    """An `if` on a sink's name stands in the sinks' own files or in the settings, nowhere else."""
    found = sink_names_in(Path("model"), Path("components"), Path("stacks"))
    assert found
    assert {str(Path(path).parent) for path in found} == {"model/sinks"}


def test_the_sink_rule_sees_a_violation(tmp_path: Path) -> None:
    """A planted comparison is found."""
    (tmp_path / "planted.py").write_text('if sink == "loki":\n    pass\n')
    assert sink_names_in(tmp_path) == {str(tmp_path / "planted.py")}


def sink_names_in(*folders: Path) -> set[str]:
    """The files that hold a sink's name as a constant, or a member of the enum."""
    names = {str(name) for name in SinkName}
    found = set()
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            constant = isinstance(node, ast.Constant) and node.value in names
            member = isinstance(node, ast.Attribute) and node.attr in SinkName.__members__
            if constant or member:
                found.add(str(path))
    return found


def test_what_servers_mount_is_what_is_rendered() -> None:
    """One text, two readers."""
    found = plan("prod")
    mounted = {
        file.text
        for server in found.observability.servers
        for mount in server.workload.config
        for file in mount.files
        if mount.folder is not None
    }
    assert set(found.observability.files.values()) == mounted


def test_the_jobs_are_those_of_the_requirements() -> None:
    """Exact names, labels and the interval of Core."""
    config = yaml.safe_load(plan().observability.files["prometheus/prometheus.yml"])
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    selected = {name: job["relabel_configs"][0].get("regex") for name, job in jobs.items()}
    assert (
        selected | {"axiom-core": "core-api", "axiom-oracle": "oracle", "axiom-vision": "vision"} == selected
    )
    assert selected | {"axiom-synapse": "synapse", "axiom-weaver": "weaver"} == selected
    assert jobs["axiom-core"]["scrape_interval"] == "10s"
    assert config["global"]["scrape_interval"] == "15s"


def test_every_job_in_a_rule_is_scraped() -> None:
    """A rule over a job that nobody scrapes never fires."""
    found = plan()
    config = yaml.safe_load(found.observability.files["prometheus/prometheus.yml"])
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    rules = "".join(text for path, text in found.observability.files.items() if "/rules/" in path)
    named = {job for pattern in re.findall(r'job=~?"([^"]+)"', rules) for job in jobs_of(pattern, jobs)}
    assert {service.job for service in services().values() if service.job} <= named
    assert named <= jobs


def jobs_of(pattern: str, jobs: set[str]) -> set[str]:
    """The jobs that a matcher selects; one that selects none stands for itself."""
    return {job for job in jobs if re.fullmatch(pattern, job)} or {pattern}


def test_every_prometheus_lists_every_alertmanager() -> None:
    """By pod, not by way of a Service."""
    config = yaml.safe_load(plan("prod").observability.files["prometheus/prometheus.yml"])
    targets = config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert targets == [f"alertmanager-{n}.alertmanager-headless.monitoring.svc:9093" for n in range(3)]


def test_retention_fits_the_volume_and_the_error_budgets() -> None:
    """Thirty days at least, and blocks go by size before the volume is full."""
    for tier in Tier:
        found = plan("prod", tier=tier)
        server = next(item for item in found.observability.servers if item.workload.name == "prometheus")
        config = yaml.safe_load(found.observability.files["prometheus/prometheus.yml"])
        retention = config["storage"]["tsdb"]["retention"]
        assert int(retention["time"].removesuffix("d")) >= 30
        assert server.workload.claim is not None
        assert int(retention["size"].removesuffix("GB")) <= 0.85 * server.workload.claim.gibibytes


def test_core_has_its_settings_and_its_autoscaler() -> None:
    """Section 2 of the requirements, and 2 to 8 pods."""
    core = plan().workloads.services[0].workload
    assert core.environment["DB_POOL_SIZE"] == "20"
    assert core.environment["DB_MAX_OVERFLOW"] == "80"
    assert core.environment["DATABASE_HOST"] == Late.POSTGRES_HOST
    assert core.replicas == Autoscaled(minimum=2, maximum=8, cpu_percent=70, memory_percent=80)


def test_an_existing_database_is_known_at_once() -> None:
    """No late value where the host is a setting."""
    host = "db.example.internal"
    core = plan(postgres={"mode": "existing", "host": host}).workloads.services[0].workload
    assert core.environment["DATABASE_HOST"] == host


def test_a_host_beside_a_database_that_is_made_is_not_used() -> None:
    """Services never end up at another database than the one of the stack."""
    core = plan(postgres={"mode": "create", "host": "db.example.internal"}).workloads.services[0].workload
    assert core.environment["DATABASE_HOST"] == Late.POSTGRES_HOST


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


def test_late_values_are_found_in_text() -> None:
    """Each once, in a fixed order; a stranger is an error."""
    text = f"{Late.REDIS_HOST} {Late.POSTGRES_HOST} {Late.REDIS_HOST}"
    assert late_values(text) == (Late.POSTGRES_HOST, Late.REDIS_HOST)
    with pytest.raises(ValueError, match="late:nothing"):
        late_values("<<late:nothing>>")


def test_a_threshold_off_the_bucket_edges_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quantile can't tell what lies between two edges."""
    slow = tuple(slo.model_copy(update={"p95": 7.3}) for slo in slos())
    monkeypatch.setattr(latency, "slos", lambda: slow)
    with pytest.raises(DataError, match=r"no edge at 7\.3 s"):
        latency.high_latency()


def test_the_sixteen_alerts_are_there_with_their_waits_and_severities() -> None:
    """Names as the requirements have them; one more a service for vanished targets."""
    rules = [
        rule for group in rule_groups(settings()).values() for rule in group.rules if hasattr(rule, "alert")
    ]
    expected = {
        "ServiceDown": ("1m", "critical"), "HighErrorRate": ("5m", "warning"),
        "CriticalErrorRate": ("2m", "critical"), "HighLatency": ("5m", "warning"),
        "LLMHighLatency": ("3m", "warning"), "DBPoolExhaustion": ("5m", "warning"),
        "RedisHighMemory": ("10m", "warning"), "OutboxBacklog": ("5m", "warning"),
        "Neo4jPoolHigh": ("5m", "warning"), "CircuitBreakerOpen": ("1m", "warning"),
        "DLQBacklog": ("10m", "warning"), "LLMErrorRate": ("5m", "warning"),
        "TokenBudgetHigh": (None, "warning"), "LowCacheHitRate": ("30m", "info"),
        "HITLBacklog": ("1h", "warning"), "MVRefreshSlow": ("1m", "warning"),
        "ServiceAbsent": ("2m", "critical"),
    }  # fmt: skip
    assert {rule.alert: (rule.for_, rule.labels.severity) for rule in rules} == expected
    assert len(rules) == 16 + sum(1 for service in services().values() if service.job)


def test_an_alert_has_the_strictest_sla_tier_of_what_it_is_about() -> None:
    """By job, by service, and for a store, on which Tier 1 stands."""
    found = [sla_tier(name) for name in ("axiom-core", "axiom-core-worker", "core", "vision", "redis")]
    assert found == ["1", "3", "1", "2", "1"]
    assert "$labels.job" in sla_tier(PER_JOB)


def test_every_alert_has_its_runbook() -> None:
    """The page that `runbook_url` points at exists."""
    for group in rule_groups(settings()).values():
        for rule in group.rules:
            if hasattr(rule, "alert"):
                assert Path(f"docs/runbooks/{rule.alert}.md").exists(), rule.alert


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
    exporters = yaml.safe_load(found)["service"]["pipelines"]["traces"]["exporters"]
    assert "otlp_grpc/tempo" in exporters
    assert ("datadog" in exporters) == ("datadog" in sinks)


@pytest.mark.parametrize("environment", list(Environment))
def test_fluent_bit_loses_nothing_silently(environment: Environment) -> None:
    """Offsets and buffers on the node, retries without end, and a bound on the disk for each output."""
    config = yaml.safe_load(plan(environment).observability.files["fluent-bit/fluent-bit.yaml"])
    tail = config["pipeline"]["inputs"][0]
    assert tail["storage.type"] == "filesystem"
    assert tail["db"].startswith(config["service"]["storage.path"].rpartition("/")[0])
    for output in config["pipeline"]["outputs"]:
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
    ways_in = {edge.source.cidr for edge in found.access.edges if edge.source.cidr}
    assert ways_in == public


def test_names_and_the_api_are_reached_by_their_services() -> None:
    """In Auto Mode no pod answers for names: only the Service's address can be allowed."""
    found = plan(cluster={"serviceCidr": "10.100.0.0/16"})
    assert {spec.dns_address for spec in found.platform.namespaces} == {"10.100.0.10"}
    to_api = {edge.source.app for edge in found.access.edges if edge.target.cidr == "10.100.0.1/32"}
    readers = {
        server.workload.app for server in found.observability.servers if server.workload.access != Access()
    }
    assert to_api == readers
