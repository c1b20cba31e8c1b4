"""What a change of each kind of content means, in words."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from review.meaning import access, dashboards, files, fluent_bit, hpa, loki, routes, rules, scrape, workloads
from review.meaning.reading import Reader
from review.meaning.tree import differences

Tree = dict[str, Any]


def edited(tree: Tree, *edits: tuple[tuple[Any, ...], Any]) -> Tree:
    """A copy with the values at these paths; None removes what is there."""
    found = copy.deepcopy(tree)
    for path, value in edits:
        here: Any = found
        for key in path[:-1]:
            here = here[key]
        if value is None:
            del here[path[-1]]
        elif isinstance(here, list) and path[-1] == len(here):
            here.append(value)
        else:
            here[path[-1]] = value
    return found


RULE = {
    "alert": "HighLatency", "for": "5m",
    "expr": "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 10",
    "labels": {"severity": "warning"}, "annotations": {"summary": "slow"},
}  # fmt: skip
ABSENT = {"alert": "TargetAbsent", "expr": 'absent(up{job="a"})'}
OTHER = {"alert": "TargetAbsent", "expr": 'absent(up{job="b"})'}
RULES = {"groups": [{"name": "g", "rules": [RULE, ABSENT, {"record": "a:b", "expr": "sum(b)"}]}]}
FIRST = ("groups", 0, "rules", 0)
ROUTES = {
    "route": {
        "receiver": "default", "group_wait": "30s",
        "routes": [{"matchers": ['severity="critical"'], "receiver": "critical"}],
    },
    "receivers": [{"name": "default"}, {"name": "critical", "slack_configs": [{"channel": "#a"}]}],
}  # fmt: skip
SCRAPE = {
    "global": {"scrape_interval": "15s"},
    "scrape_configs": [{"job_name": "axiom-core", "scrape_interval": "15s"}, {"job_name": "redis"}],
}
FLUENT = {
    "service": {"flush": 1},
    "pipeline": {
        "inputs": [{"name": "tail", "tag": "kube.*", "path": "/var/log"}],
        "filters": [{"name": "kubernetes", "match": "kube.*"}],
        "outputs": [{"name": "loki", "match": "kube.*", "host": "a"}, {"name": "datadog", "match": "kube.*"}],
    },
}
LOKI = {
    "limits_config": {"retention_period": "168h", "x": 1},
    "schema_config": {"configs": [{"from": "2026-01-01", "schema": "v13"}]},
}
DASHBOARD = {
    "title": "Core", "refresh": "30s", "templating": {"list": [{"name": "env", "query": "a"}]},
    "panels": [
        {"title": "p95", "type": "timeseries", "gridPos": {"x": 0}, "targets": [{"refId": "A", "expr": "a"}]},
        {"title": "Row", "type": "row", "panels": [{"title": "Inside", "type": "stat"}]},
    ],
}  # fmt: skip
PODS = {
    "metadata": {"name": "a"},
    "spec": {
        "replicas": 2,
        "template": {
            "metadata": {"annotations": {"axiom.io/config-digest": "a", "axiom.io/secret-digest": "b"}},
            "spec": {
                "containers": [
                    {
                        "name": "core", "image": "a:1",
                        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
                        "ports": [{"name": "http", "containerPort": 80}],
                    }
                ]
            },
        },
    },
}  # fmt: skip
POD = ("spec", "template", "spec", "containers", 0)
DIGEST = ("spec", "template", "metadata", "annotations")
SCALER = {
    "spec": {
        "minReplicas": 2, "maxReplicas": 8,
        "metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}},
        ],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
    }
}  # fmt: skip
POLICY = {
    "spec": {
        "podSelector": {},
        "egress": [
            {"to": [{"podSelector": {"matchLabels": {"app": "loki"}}}], "ports": [{"port": 3100}]},
            {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
        ],
    }
}
MEMORY = {"type": "Resource", "resource": {"name": "memory", "target": {"averageUtilization": 80}}}
Told = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
CASES: list[tuple[Told, Tree, tuple[tuple[Any, ...], Any], str]] = [
    (rules.changes, RULES, ((*FIRST, "expr"), RULE["expr"].replace("10", "8")),
     "alert `HighLatency`: threshold `> 10` → `8` s"),
    (rules.changes, RULES, ((*FIRST, "expr"), RULE["expr"].replace("0.95", "0.99")),
     "alert `HighLatency`: expression"),
    (rules.changes, RULES, ((*FIRST, "for"), "10m"),
     "alert `HighLatency`: waits `5m` → `10m` before it fires"),
    (rules.changes, RULES, ((*FIRST, "for"), None),
     "alert `HighLatency`: waits `5m` → `no time` before it fires"),
    (rules.changes, RULES, ((*FIRST, "labels", "severity"), "critical"),
     "alert `HighLatency`: severity `warning` → `critical`"),
    (rules.changes, RULES, ((*FIRST, "annotations", "summary"), "x"),
     "alert `HighLatency`: other words in `summary`"),
    (rules.changes, RULES, (FIRST, None), "alert `HighLatency` removed: `histogram_quantile"),
    (rules.changes, RULES, (("groups", 0, "rules", 3), {"alert": "New", "expr": "a > 1"}),
     "alert `New` added: `a > 1`"),
    (rules.changes, RULES, (("groups", 0, "rules", 2), None), "recording rule `a:b` removed: `sum(b)`"),
    (routes.changes, ROUTES, (("route", "receiver"), "critical"),
     "the default route goes to: `default` → `critical`"),
    (routes.changes, ROUTES, (("route", "group_wait"), "1m"),
     "the default route waits for others: `30s` → `1m`"),
    (routes.changes, ROUTES, (("route", "routes", 0, "receiver"), "default"),
     "goes to: `critical` → `default`"),
    (routes.changes, ROUTES, (("route", "routes", 0), None), 'route `[severity="critical"]` removed'),
    (routes.changes, ROUTES, (("receivers", 1, "slack_configs", 0, "channel"), "#b"), "receiver `critical`"),
    (routes.changes, ROUTES, (("receivers", 2), {"name": "pager"}), "receiver `pager` added"),
    (scrape.changes, SCRAPE, (("scrape_configs", 1), None), "job `redis` dropped: its metrics end"),
    (scrape.changes, SCRAPE, (("scrape_configs", 2), {"job_name": "loki"}), "job `loki` added"),
    (scrape.changes, SCRAPE, (("scrape_configs", 0, "scrape_interval"), "30s"),
     "job `axiom-core`: `scrape_interval`: `15s` → `30s`"),
    (scrape.changes, SCRAPE, (("remote_write",), [{"url": "a"}]), "metrics are also sent elsewhere"),
    (scrape.changes, SCRAPE, (("global", "scrape_interval"), "1m"), "`global.scrape_interval`: `15s` → `1m`"),
    (fluent_bit.changes, FLUENT, (("pipeline", "outputs", 1), None),
     "output `datadog kube.*` dropped: logs go there no more"),
    (fluent_bit.changes, FLUENT, (("pipeline", "filters", 1), {"name": "grep", "match": "*"}),
     "filter `grep *` added"),
    (fluent_bit.changes, FLUENT, (("pipeline", "outputs", 0, "host"), "b"),
     "output `loki kube.*`: `host`: `a` → `b`"),
    (fluent_bit.changes, FLUENT, (("service", "flush"), 5), "`service.flush`: `1` → `5`"),
    (loki.changes, LOKI, (("limits_config", "retention_period"), "72h"), "logs are kept: `168h` → `72h`"),
    (loki.changes, LOKI, (("limits_config", "x"), 2), "`limits_config.x`: `1` → `2`"),
    (loki.changes, LOKI, (("schema_config", "configs", 0, "schema"), "v14"), "schema: "),
    (dashboards.changes, DASHBOARD, (("panels", 2), {"title": "New", "type": "stat"}), "panel `New` added"),
    (dashboards.changes, DASHBOARD, (("panels", 1, "panels", 0), None), "panel `Inside` removed"),
    (dashboards.changes, DASHBOARD, (("panels", 0, "targets", 0, "expr"), "b"),
     "panel `p95`: query `A`: `a` → `b`"),
    (dashboards.changes, DASHBOARD, (("panels", 0, "gridPos", "x"), 5), "panel `p95`: moved"),
    (dashboards.changes, DASHBOARD, (("panels", 0, "type"), "stat"),
     "panel `p95`: `type`: `timeseries` → `stat`"),
    (dashboards.changes, DASHBOARD, (("templating", "list", 0, "query"), "b"),
     "variable `env.query`: `a` → `b`"),
    (dashboards.changes, DASHBOARD, (("title",), "Other"), "title `Core` → `Other`"),
    (dashboards.changes, DASHBOARD, (("refresh",), "1m"), "`refresh`: `30s` → `1m`"),
    (workloads.changes, PODS, (("spec", "replicas"), 3), "pods `2` → `3`"),
    (workloads.changes, PODS, ((*POD, "image"), "a:2"), "`core`: image `a:1` → `a:2`"),
    (workloads.changes, PODS, ((*POD, "resources", "requests", "cpu"), "2"),
     "`core`: asks for CPU `1` → `2`"),
    (workloads.changes, PODS, ((*POD, "resources", "limits"), {"memory": "2Gi"}),
     "`core`: `resources.limits` added"),
    (workloads.changes, PODS, ((*POD, "ports", 0), None), "`core`: port `http` closed"),
    (workloads.changes, PODS, ((*DIGEST, "axiom.io/config-digest"),
     "z"),
     "its configuration files changed"),
    (workloads.changes, PODS, ((*DIGEST, "axiom.io/secret-digest"),
     "z"),
     "its secrets changed"),
    (hpa.changes, SCALER, (("spec", "minReplicas"), 3), "pods at the least `2` → `3`"),
    (hpa.changes, SCALER, (("spec", "maxReplicas"), 9), "pods at the most `8` → `9`"),
    (hpa.changes, SCALER, (("spec", "metrics", 0, "resource", "target", "averageUtilization"), 60),
     "adds pods by `cpu`: `70%` → `60%`"),
    (hpa.changes, SCALER, (("spec", "metrics", 1), MEMORY), "also follows `memory`"),
    (hpa.changes, SCALER, (("spec", "behavior", "scaleDown", "stabilizationWindowSeconds"), 60),
     "seconds of quiet before pods go `300` → `60`"),
    (access.changes, POLICY, (("spec", "egress", 1), None), "may reach `10.0.0.0/8 on every port` no more"),
    (access.changes, POLICY, (("spec", "egress", 2), {"to": [{"podSelector": {}}], "ports": [{"port": 1}]}),
     "may reach `every pod:1`"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "tree", "edit", "said"), CASES)
def test_an_edit_is_told_in_words(
    changes: Told, tree: Tree, edit: tuple[tuple[Any, ...], Any], said: str
) -> None:
    """One line for it, and nothing else."""
    (line,) = changes(tree, edited(tree, edit))
    assert said in line


@pytest.mark.parametrize(("changes", "tree"), [(case[0], case[1]) for case in CASES])
def test_what_is_the_same_is_not_told(changes: Told, tree: Tree) -> None:
    """No edit, no line."""
    assert list(changes(tree, copy.deepcopy(tree))) == []


def test_rules_of_one_name_are_told_apart() -> None:
    """By their expressions: one that comes first moves no other."""
    one = {"groups": [{"name": "g", "rules": [OTHER]}]}
    both = {"groups": [{"name": "g", "rules": [ABSENT, OTHER]}]}
    assert list(rules.changes(both, {"groups": [{"name": "g", "rules": [OTHER, ABSENT]}]})) == []
    assert list(rules.changes(one, both)) == ['alert `TargetAbsent` added: `absent(up{job="a"})`']


@pytest.mark.parametrize(
    ("tree", "edit", "said"),
    [
        (RULES, ((*FIRST, "for"), "10m"), "before it fires"),
        (ROUTES, (("receivers", 2), {"name": "x"}), "receiver `x` added"),
        (SCRAPE, (("scrape_configs", 1), None), "dropped"),
        (FLUENT, (("pipeline", "outputs", 1), None), "no more"),
        (LOKI, (("limits_config", "retention_period"), "72h"), "logs are kept"),
        (DASHBOARD, (("panels", 0), None), "panel `p95` removed"),
        ({"a": {"b": 1}, "c": 2}, (("a", "b"), 3), "`a.b`: `1` → `3`"),
    ],
)
@pytest.mark.parametrize("written", [yaml.safe_dump, json.dumps])
def test_a_file_is_known_by_its_content(
    tree: Tree, edit: tuple[tuple[Any, ...], Any], said: str, written: Callable[[Any], str]
) -> None:
    """Whatever its name, in YAML and in JSON."""
    lines = list(files.changes(written(tree), written(edited(tree, edit)), Reader()))
    assert any(said in line for line in lines), lines


def test_a_text_is_told_by_its_lines() -> None:
    """What changed, and little beside it."""
    old = "\n".join(f"line {n}" for n in range(100))
    (said,) = files.changes(old, old.replace("line 50", "line fifty"), Reader())
    assert "-line 50" in said
    assert "+line fifty" in said
    assert "line 10" not in said


def test_the_same_content_written_differently_says_so() -> None:
    """It changes nothing but a text."""
    assert list(files.changes("a: 1\nb: 2\n", "b: 2\na: 1\n", Reader())) == [
        "written differently, with the same content"
    ]


@pytest.mark.parametrize(
    "text",
    ["a: [", "x" * 250_000, "a: " + "[" * 100 + "]" * 100, "- " * 100, "- a\n- b", "\x00",
     "a: !!python/object:os.x {}",
     "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]\n" for n in range(40))
     + "c: [" + ",".join("*b39" for _ in range(2000)) + "]"],
)  # fmt: skip
def test_what_is_no_file_of_ours_is_text(text: str) -> None:
    """Broken, deep, large, dangerous or no mapping."""
    assert Reader().read(text) is None


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 190_000, "a: " + "{a: " * 45_000, "- " * 90_000, "? " * 90_000, "- !!seq " * 20_000,
     "a: # " + "]" * 90_000 + "\n " + "[" * 90_000, "a: " + "[ # ]\n" * 30_000, '{"a": ' + "[" * 190_000,
     "\n".join(" " * 200 * n + "- " * 100 for n in range(40))],
)  # fmt: skip
def test_no_text_ends_the_process(text: str) -> None:
    """The reader in C would, of one that nests without an end."""
    assert len(text) < 200_000
    assert Reader().read(text) is None


def test_reading_comes_to_an_end() -> None:
    """A budget, not a limit for each."""
    reader = Reader(left=100)
    assert reader.read("a: 1") == {"a": 1}
    assert reader.read("a: " + "x" * 100) is None


def test_items_are_matched_by_their_names() -> None:
    """One more moves no others."""
    one, other = [{"name": "a", "v": 1}, {"name": "b", "v": 2}], [{"name": "c"}, {"name": "b", "v": 3}]
    assert {path for path, _, _ in differences(one, other)} == {"[a]", "[b].v", "[c]"}
