"""The rendered files, judged by the real promtool, Prometheus, amtool and Alertmanager."""

import subprocess
from functools import reduce
from itertools import combinations, product
from pathlib import Path

import pytest
import yaml
from real_server import ENVIRONMENTS, Pod, running, tool, workload

from config.scalars import SinkName, Tier
from config.secrets import SecretKey
from config.settings import load
from model.plan import build_plan
from model.routing import NO_SYMPTOMS, NO_SYMPTOMS_OF_INSTANCE

pytestmark = pytest.mark.tools


def rendered(folder: Path, environment: str = "dev", **raw: object) -> Path:
    """Write the server files of an environment, with their mounts beside them."""
    settings = load({"neo4j": {"acceptLicense": True}, **raw}, stack=environment)
    places = {
        "/etc/prometheus/rules": str(folder / "prometheus/rules"),
        "/etc/alertmanager/secrets": str(folder / "secrets"),
    }
    for path, text in build_plan(settings).observability.files.items():
        written = reduce(lambda found, place: found.replace(*place), places.items(), text)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(written)
    (folder / "secrets").mkdir()
    for name in (
        "slack-critical",
        "slack-warning",
        "slack-default",
        "pagerduty-routing-key",
        "heartbeat-url",
    ):
        (folder / "secrets" / name).write_text("http://127.0.0.1:9/none")
    return folder


def run(*command: str, cwd: Path | None = None) -> str:
    """Run to the end; anything but success fails with what was printed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("tier", ["current", "2year"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_promtool_and_amtool_accept_every_file(environment: str, tier: str, tmp_path: Path) -> None:
    """Syntax, duplicates, references; with every kind of discovery, and with a workspace."""
    folder = rendered(tmp_path, environment, tier=tier)
    run(tool("promtool"), "check", "config", str(folder / "prometheus/prometheus.yml"))
    run(tool("amtool"), "check-config", str(folder / "alertmanager/alertmanager.yml"))


@pytest.mark.long
def test_promtool_and_amtool_accept_what_any_stack_has(tmp_path: Path) -> None:
    """Each environment, set of sinks and tier; files that are the same are checked once."""
    subsets = [found for size in range(1, 4) for found in combinations(SinkName, size)]
    checked = set()
    for number, (environment, tier, sinks) in enumerate(product(ENVIRONMENTS, Tier, subsets)):
        folder = tmp_path / str(number)
        folder.mkdir()
        rendered(folder, environment, tier=tier, logSinks=list(sinks))
        files = [*sorted(folder.glob("prometheus/**/*.yml")), folder / "alertmanager/alertmanager.yml"]
        texts = tuple(file.read_text().replace(str(folder), "") for file in files)
        if texts not in checked:
            run(tool("promtool"), "check", "config", str(folder / "prometheus/prometheus.yml"))
            run(tool("amtool"), "check-config", str(files[-1]))
        checked.add(texts)
    assert len(checked) > len(ENVIRONMENTS) * 2


@pytest.mark.parametrize(
    ("severity", "receiver"),
    [("critical", "critical-channel"), ("warning", "warning-channel"), ("info", "default"), ("", "default")],
)
def test_each_severity_reaches_its_receiver(severity: str, receiver: str, tmp_path: Path) -> None:
    """On the routing tree as Alertmanager reads it."""
    file = rendered(tmp_path, "prod") / "alertmanager/alertmanager.yml"
    labels = [f"severity={severity}"] if severity else ["alertname=Anything"]
    assert routed(file, *labels) == receiver


def routed(file: Path, *labels: str) -> str:
    """The receivers of an alert."""
    return run(tool("amtool"), "config", "routes", "test", f"--config.file={file}", *labels).strip()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_alert_reaches_the_receiver_of_its_severity(environment: str, tmp_path: Path) -> None:
    """With its own labels; Watchdog the heartbeat and nobody else, and only where there is one."""
    folder = rendered(tmp_path, environment)
    channels = {"critical": "critical-channel", "warning": "warning-channel", "info": "default"}
    found, expected = {}, {}
    for file in (folder / "prometheus/rules").glob("*.yml"):
        for rule in yaml.safe_load(file.read_text())["groups"][0]["rules"]:
            if name := rule.get("alert"):
                labels = (f"{key}={value}" for key, value in rule["labels"].items() if "{{" not in value)
                found[name] = routed(folder / "alertmanager/alertmanager.yml", f"alertname={name}", *labels)
                expected[name] = "heartbeat" if name == "Watchdog" else channels[rule["labels"]["severity"]]
    assert found == expected
    assert ("Watchdog" in found) == (environment == "prod")


def test_what_is_never_muted_is_a_warning(tmp_path: Path) -> None:
    """A name that nobody has would be a promise that nobody keeps."""
    folder, found = rendered(tmp_path, "prod", ingress={"host": "axiom.example.com"}), {}
    for file in (folder / "prometheus/rules").glob("*.yml"):
        for rule in yaml.safe_load(file.read_text())["groups"][0]["rules"]:
            if rule.get("labels", {}).get("severity") == "warning" and "alert" in rule:
                found[rule["alert"]] = rule
    unknown = {*NO_SYMPTOMS, *NO_SYMPTOMS_OF_INSTANCE} - set(found)
    assert unknown == set(), "model/routing.py names them, and no warning is called so"


def test_only_prod_pages(tmp_path: Path) -> None:
    """Elsewhere even a critical alert stays in its channel."""
    for environment in ENVIRONMENTS:
        folder = tmp_path / environment
        folder.mkdir()
        file = rendered(folder, environment) / "alertmanager/alertmanager.yml"
        document = yaml.safe_load(file.read_text())
        integrations = {key for receiver in document["receivers"] for key in receiver} - {"name"}
        prod = {"pagerduty_configs", "webhook_configs"} if environment == "prod" else set()
        assert integrations == {"slack_configs"} | prod
        assert routed(file, "severity=critical") == "critical-channel"


def test_every_receiver_has_an_integration(tmp_path: Path) -> None:
    """An empty receiver passes every check and delivers nothing."""
    for environment in ENVIRONMENTS:
        folder = tmp_path / environment
        folder.mkdir()
        file = rendered(folder, environment) / "alertmanager/alertmanager.yml"
        for receiver in yaml.safe_load(file.read_text())["receivers"]:
            assert any(key.endswith("_configs") and value for key, value in receiver.items()), receiver


def test_the_real_prometheus_loads_every_rule(tmp_path: Path) -> None:
    """It starts with its arguments on its file, its probes answer, and its API lists each rule."""
    pod = Pod(workload("prometheus", "prod"), tmp_path)
    pod.lay_out()
    config = pod.path("/etc/prometheus/config/prometheus.yml")
    # There is no API server to discover pods from here.
    document = yaml.safe_load(config.read_text())
    for job in document["scrape_configs"]:
        job.pop("kubernetes_sd_configs", None)
        job["static_configs"] = []
    config.write_text(yaml.safe_dump(document))
    with running(pod) as server:
        server.assert_probes_answer()
        groups = server.json("http", "/api/v1/rules")["data"]["groups"]
    loaded = {rule["name"] for group in groups for rule in group["rules"]}
    written = [
        rule.get("alert") or rule.get("record")
        for file in pod.path("/etc/prometheus/rules").glob("*.yml")
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]
    assert loaded == set(written)
    assert sum(len(group["rules"]) for group in groups) == len(written)


def test_the_real_alertmanager_loads_every_route(tmp_path: Path) -> None:
    """It starts on its file, with its secrets mounted."""
    pod = Pod(workload("alertmanager", "prod"), tmp_path)
    pod.lay_out()
    with running(pod) as server:
        status = server.json("http", "/api/v2/status")
    loaded = yaml.safe_load(status["config"]["original"])
    assert [route["receiver"] for route in loaded["route"]["routes"]] == [
        "heartbeat",
        "critical-channel",
        "warning-channel",
        "default",
    ]


def test_every_secret_that_is_mounted_is_read() -> None:
    """Each receiver's file is filled by the secret of its name."""
    settings = load({}, stack="prod")
    server = next(
        item for item in build_plan(settings).observability.servers if item.workload.name == "alertmanager"
    )
    mount = server.workload.secrets[0]
    text = server.workload.config[0].files[0].text
    assert set(mount.files.values()) == {
        key for key in SecretKey if key.startswith(("slack", "pagerduty", "heartbeat"))
    }
    for name in mount.files:
        assert f"{mount.path}/{name}" in text
