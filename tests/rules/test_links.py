"""Where alerts link to: dashboards that there are, and the logs of what they are about."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml
from rules.promtool import SCRAPE, Rule, failure

from config.data import services
from config.settings import load
from model.plan import build_plan
from model.rules.sla import PER_JOB, app_prefix

HOST = "grafana.example.com"
TEMPLATE = '{{ reReplaceAll "^axiom-" "" $labels.job }}'


def rules(**settings: Any) -> Iterator[Rule]:
    """The alerts of prod, as Prometheus reads them."""
    files = build_plan(load(settings, stack="prod")).observability.files
    texts = (text for path, text in files.items() if "/rules/" in path)
    groups = (group for text in texts for group in yaml.safe_load(text)["groups"])
    yield from (rule for group in groups for rule in group["rules"] if "alert" in rule)


def named(alert: str, **settings: Any) -> Rule:
    """One of them."""
    return next(rule for rule in rules(**settings) if rule["alert"] == alert)


@pytest.mark.parametrize("host", [None, HOST])
def test_an_alert_links_to_a_dashboard_that_there_is(host: str | None) -> None:
    """Where Grafana has an address that people reach."""
    settings: Mapping[str, Any] = {"grafana": {"host": host}} if host else {}
    links = {rule["annotations"].get("dashboard_url") for rule in rules(**settings)}
    if host is None:
        assert links == {None}
        return
    files = build_plan(load(settings, stack="prod")).observability.files
    boards = {Path(path).stem for path in files if path.startswith("grafana/dashboards/")}
    assert len(links) > 3
    assert links <= {f"https://{host}/d/{board}" for board in boards}


def searched(sink: str, link: str) -> str:
    """What an address looks for, read as its page reads it."""
    address = urlsplit(link)
    if sink == "datadog":
        return parse_qs(address.query)["query"][0]
    if sink == "loki":
        assert address.netloc == HOST
        (pane,) = json.loads(parse_qs(address.query)["panes"][0]).values()
        return str(pane["queries"][0]["expr"])
    # The console's fragment is escaped twice, and `$` is its sign.
    group, _, search = unquote(address.fragment.replace("$", "%")).partition("/log-events?")
    assert unquote(group) == "logsV2:log-groups/log-group//axiom/prod/application"
    return parse_qs(search)["filterPattern"][0]


@pytest.mark.tools
@pytest.mark.parametrize(
    ("sink", "query"),
    [
        ("loki", '{job="fluent-bit", app=~"core.*"}'),
        ("cloudwatch", '{ $.app = "core*" }'),
        ("datadog", "@app:core*"),
    ],
)
def test_an_alert_links_to_the_logs_of_its_service(sink: str, query: str, tmp_path: Path) -> None:
    """In the stack's sink: over all services by the alert's own job, which promtool fills in."""
    rule = named("ServiceDown", logSinks=[sink], grafana={"host": HOST})
    link = rule["annotations"]["logs_url"].replace(TEMPLATE, "core")
    assert searched(sink, link) == query
    told = {
        "alertname": "ServiceDown",
        "exp_alerts": [
            {
                "exp_labels": {
                    **rule["labels"],
                    "job": "axiom-core",
                    "pod": "c",
                    "service": "axiom-core",
                    "sla_tier": "1",
                },
                "exp_annotations": {
                    **rule["annotations"],
                    "logs_url": link,
                    "summary": "axiom-core 서비스 다운",
                    "description": "Prometheus cannot scrape c of axiom-core.",
                },
            }
        ],
        "eval_time": "5m",
    }
    series = [{"series": 'up{job="axiom-core",pod="c"}', "values": "0x40"}]
    test = {"interval": f"{SCRAPE}s", "input_series": series, "alert_rule_test": [told]}
    assert failure([rule], [test], tmp_path) == ""


def test_without_an_address_of_grafana_loki_is_not_linked() -> None:
    """Nobody could open it."""
    assert "logs_url" not in named("ServiceDown", logSinks=["loki"])["annotations"]


def test_of_several_sinks_one_that_can_be_opened_is_linked() -> None:
    """Loki without Grafana's address is passed over."""
    link = named("ServiceDown", logSinks=["loki", "datadog"])["annotations"]["logs_url"]
    assert link.startswith("https://app.datadoghq.com/")


def test_what_is_no_service_of_axiom_links_to_no_logs() -> None:
    """A managed store writes none of these."""
    assert "logs_url" not in named("RedisMemoryUnlimited")["annotations"]


def test_a_site_of_its_own_is_its_host() -> None:
    """Only the first sites are below `app`."""
    link = named("ServiceDown", logSinks=["datadog"], datadog={"site": "us3.datadoghq.com"})
    assert link["annotations"]["logs_url"].startswith("https://us3.datadoghq.com/")


@pytest.mark.parametrize("name", services())
def test_the_prefix_of_a_service_finds_its_app(name: str) -> None:
    """By the service's name, and by its job in the alerts over all of them."""
    service = services()[name]
    assert name.startswith(str(app_prefix(service.service)))
    assert f'"^{"axiom-"}"' in str(app_prefix(PER_JOB))
    if service.job and service.job.startswith("axiom-"):
        assert name.startswith(service.job.removeprefix("axiom-"))
