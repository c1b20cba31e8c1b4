"""Every decision, without Pulumi."""

import ast
import itertools
import json
import re
from pathlib import Path

import pytest
import yaml

from config.data import services
from config.files import DataError
from config.metrics import carrying
from config.scalars import Environment, SinkName, Tier
from config.settings import Settings, load
from config.slos import slos
from model.container import Autoscaled
from model.late import Late, late_values
from model.plan import build_plan
from model.rules import latency, rule_groups
from model.rules.sla import PER_JOB, sla_tier
from model.slices import Plan
from model.spec import ServerSpec

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
    """The servers that neither write to a sink, read from one, link to one, nor scrape one."""
    about = {"alertmanager", "fluent-bit", "grafana", "otel-collector", "prometheus", "loki"}
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
    """One text, two readers; of JSON, which is rendered for people, one meaning."""
    found = plan("prod")
    mounted = {
        _meaning(file.text)
        for server in found.observability.servers
        for mount in server.workload.config
        for file in mount.files
        if mount.folder is not None
    }
    tokens = {"<token of the account prometheus>\n"}
    assert set(map(_meaning, found.observability.files.values())) == mounted | tokens


def _meaning(text: str) -> str:
    return json.dumps(json.loads(text)) if text.startswith("{") else text


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


def test_late_values_are_found_in_text() -> None:
    """Each once, in a fixed order; a stranger is an error."""
    text = f"{Late.REDIS_HOST} {Late.POSTGRES_HOST} {Late.REDIS_HOST}"
    assert late_values(text) == (Late.POSTGRES_HOST, Late.REDIS_HOST)
    with pytest.raises(ValueError, match=r"late\.nothing\.invalid"):
        late_values("late.nothing.invalid")


def test_a_threshold_off_the_bucket_edges_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quantile can't tell what lies between two edges."""
    rows = tuple(slo.model_copy(update={"p95": 7.3}) for slo in slos().objectives)
    slow = slos().model_copy(update={"objectives": rows})
    monkeypatch.setattr(latency, "slos", lambda: slow)
    with pytest.raises(DataError, match=r"no edge at 7\.3 s"):
        latency.high_latency()


def test_the_sixteen_alerts_are_there_with_their_waits_and_severities() -> None:
    """Names as the requirements have them; one more a service for vanished targets."""
    rules = [
        rule
        for group in rule_groups(settings(), carrying("up")).values()
        for rule in group.rules
        if hasattr(rule, "alert")
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
    found = {rule.alert: (rule.for_, rule.labels.severity) for rule in rules}
    assert {name: found[name] for name in expected} == expected
    assert sum(1 for rule in rules if rule.alert in expected) == 16 + sum(
        1 for service in services().values() if service.job
    )


def test_an_alert_has_the_strictest_sla_tier_of_what_it_is_about() -> None:
    """By job, by service, and for a store, on which Tier 1 stands."""
    found = [sla_tier(name) for name in ("axiom-core", "axiom-core-worker", "core", "vision", "redis")]
    assert found == ["1", "3", "1", "2", "1"]
    assert "$labels.job" in sla_tier(PER_JOB)


def test_every_alert_has_its_runbook() -> None:
    """The page that `runbook_url` points at exists."""
    for group in rule_groups(settings(), carrying("up")).values():
        for rule in group.rules:
            if hasattr(rule, "alert"):
                assert Path(f"docs/runbooks/{rule.alert}.md").exists(), rule.alert
