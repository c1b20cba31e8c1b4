"""The whole comment: what a reader sees first, and that nothing is hidden from him."""

import json

import pytest
from preview_samples import CONFIG, DEPLOYMENT, PROD, RDS, REDIS, config_map, digest, parsed, step

from review.comment import Options, comment
from review.fit import LIMIT
from review.markdown import size
from review.preview import previews

ONE_YEAR = {**PROD, "axiom-monitoring:tier": "1year"}
LICENCE = (
    "one problem in the settings of stack prod:\n  neo4j.acceptLicense: got nothing; tier 1year runs Neo4j"
    " Enterprise, whose licence must be acknowledged\n    pulumi config set --path neo4j.acceptLicense true"
)


def told(*texts: str, **options: str) -> str:
    """The comment about previews."""
    return comment([each for text in texts for each in previews(text)], Options(**options))


def test_a_tier_that_the_settings_refuse_is_told_from_plans() -> None:
    """What `pulumi config set tier 1year` leads to, though the preview looked at nothing."""
    found = told(digest(config=ONE_YEAR, errors=[LICENCE]))
    head = found.splitlines()[0]
    assert "refused" in head
    assert "tier **current → 1year**" in found
    assert "Neo4j licence needed" in found
    assert "pulumi config set --path neo4j.acceptLicense true --stack prod" in found
    assert "the way from disabled to enabled is two steps" in found
    assert "`multiAz false → true`" in found
    assert "cluster mode, 3 shards of 2 × cache.m7g.large" in found
    assert "| PostgreSQL | db.m6g.xlarge, 100 GiB, one zone | db.r6g.xlarge, 100 GiB, Multi-AZ |" in found
    # What the risks say is not said twice.
    assert "Why it failed" not in found


def test_what_is_at_risk_comes_before_anything_else() -> None:
    """Before the figures and the changes, and the worst of it first."""
    found = told(
        digest(
            step("update", DEPLOYMENT, "core-api-pods", {"spec": {"template": 1}}, {"spec": {"template": 2}}),
            step("delete", RDS, "postgres-instance", {"username": "a"}),
        )
    )
    places = [
        found.index(text) for text in ("destroys", "#### At risk", "postgres-instance", "core-api-pods")
    ]
    assert places == sorted(places)
    assert found.index("#### At risk") < found.index("#### What carries it") < found.index("#### Changes")


def test_nothing_changes_is_said() -> None:
    """In place of what stood there before."""
    found = told(digest(), marker="review of prod")
    assert found.startswith("<!-- review of prod -->\n### ✅ `prod`: **safe**, nothing changes")
    assert "At risk" not in found


def test_a_program_that_fails_is_told_with_its_end() -> None:
    """A traceback's last lines say what happened."""
    trace = "Traceback (most recent call last):\n" + "  File x\n" * 60 + "RuntimeError: boom"
    found = told(digest(errors=[trace]))
    assert "**the preview failed**" in found
    assert "RuntimeError: boom" in found
    assert found.count("File x") < 10


def test_another_error_of_a_refused_resource_is_told() -> None:
    """Only the refusal itself stands among the risks already."""
    old, new = ({"clusterMode": mode, "numCacheClusters": 1} for mode in ("disabled", "enabled"))
    refusal = "redis-group: clusterMode disabled → enabled: impossible: the way is two steps\n  more"
    other = "redis-group: InvalidParameter: the provider refuses it"
    errors = [refusal, "refused, see above: redis-group", other, "sdk: redis-group cannot be read"]
    found = told(digest(step("update", REDIS, "redis-group", old, new), errors=errors))
    failed = found.partition("#### Why it failed")[2].partition("#### At risk")[0]
    assert "InvalidParameter" in failed
    assert "cannot be read" in failed
    assert "impossible" not in failed
    assert "see above" not in failed


@pytest.mark.parametrize("size", ["1e400", "inf", "nan", "infGi", "9" * 5000, 10**400, [1], -1])
def test_sizes_that_are_none_are_survived(size: object) -> None:
    """Of pods, disks and stores."""
    containers = [{"name": "a", "resources": {"requests": {"cpu": size, "memory": size}}}]
    pods = {"spec": {"replicas": size, "template": {"spec": {"containers": containers}}}}
    store = {"allocatedStorage": size, "numNodeGroups": size, "numCacheClusters": size}
    peers = [{"from": [{"podSelector": {"matchLabels": [size]}}]}]
    policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
    steps = [
        step("create", DEPLOYMENT, "a-pods", None, pods),
        step("create", RDS, "other", None, store),
        step("create", REDIS, "other-group", None, store),
        step("update", policy, "p", {}, {"spec": {"ingress": peers}}),
    ]
    assert "### " in told(digest(*steps))


def test_a_resource_that_is_refused_is_told() -> None:
    """With what the provider said."""
    found = told(
        digest(step("update", CONFIG, "a", {"data": {}}, {"data": {"b": "c"}}), errors=["spec.x: no field"])
    )
    assert "spec.x: no field" in found
    assert "the preview failed" in found
    assert "`b` added: `c`" in found


def test_a_replaced_resource_says_for_what() -> None:
    """The property that cannot change in place."""
    found = told(digest(step("replace", "aws:iam/role:Role", "r", {"n": 1}, {"n": 2}, replaceReasons=["n"])))
    assert "### ⚠️ `prod`: **replaces**" in found
    assert "`n` cannot change in place" in found


def test_tier_and_sinks_show_before_and_after() -> None:
    """Sinks from the stack's own outputs, to what the settings want."""
    config = {**PROD, "axiom-monitoring:logSinks": '["loki"]'}
    assert "log sinks **cloudwatch, datadog → loki**" in told(digest(config=config))
    assert "tier current · log sinks cloudwatch, datadog" in told(digest())


def test_another_tier_is_told_on_request() -> None:
    """From plans, with its own risks and cost."""
    found = told(digest(), tier="1year")
    assert "And if the tier were 1year: about $" in found
    assert "two steps" in found
    assert "Neo4j Enterprise's licence is needed" in found


def test_several_stacks_share_one_comment() -> None:
    """Each with a headline of its own."""
    found = told(digest(), digest(stack="dev", config={"axiom-monitoring:environment": "dev"}))
    assert "### ✅ `prod`" in found
    assert "### ✅ `dev`" in found


def test_stacks_beyond_the_room_are_counted() -> None:
    """A comment about fifty says so of forty."""
    found = told(*(digest() for _ in range(50)))
    assert size(found) <= LIMIT
    shown = found.count("### ✅ `prod`")
    assert shown >= 5
    assert f"Left out here: {50 - shown} more stacks" in found


def test_resources_stand_below_their_component() -> None:
    """In a fixed order."""
    parent = "axiom:monitoring:Redis::redis"
    found = told(
        digest(step("update", REDIS, "redis-group", {"nodeType": "a"}, {"nodeType": "b"}, parent=parent))
    )
    assert (
        "**Redis redis**\n\n- `redis-group` (`ReplicationGroup`) changed\n  - `nodeType`: `a` → `b`" in found
    )


def test_the_gravest_changes_come_first() -> None:
    """A component with a deletion before one that only grows, whatever their names."""
    kind, parent = "aws:iam/role:Role", "axiom:monitoring:Identity::"
    found = told(
        digest(
            step("create", kind, "one", None, {}, parent=f"{parent}a"),
            step("delete", kind, "two", {}, parent=f"{parent}z"),
            step("update", kind, "three", {"x": 1}, {"x": 2}, parent=f"{parent}m"),
        )
    )
    places = [found.index(f"**Identity {name}**") for name in "zma"]
    assert places == sorted(places)


def test_a_secret_that_changed_is_told_without_a_value() -> None:
    """It looks the same on both sides."""
    diff = {"password": {"kind": "update"}}
    change = step("update", RDS, "other", {"password": "one"}, {"password": "two"}, detailedDiff=diff)
    found = told(digest(change))
    assert "`password`: another secret" in found
    assert "one" not in found.split("`password`")[1].splitlines()[0]


def test_a_file_is_told_by_its_meaning() -> None:
    """Not line by line."""
    old, new = (
        json.dumps(
            {"groups": [{"name": "g", "rules": [{"alert": "HighLatency", "expr": f"p95_seconds > {n}"}]}]}
        )
        for n in (10, 8)
    )
    found = told(digest(config_map("prometheus-files-rules", "axiom-latency.yml", old, new)))
    assert "`axiom-latency.yml`: alert `HighLatency`: threshold `> 10` → `8` s" in found


@pytest.mark.parametrize("odd", [1, 1.5, "loki", None, {"a": 1}, [1, None], "[" * 5000])
def test_odd_outputs_and_settings_are_survived(odd: object) -> None:
    """Of another program, or of another version of this one."""
    config = {
        "axiom-monitoring:environment": "prod",
        "axiom-monitoring:neo4j": odd,
        "axiom-monitoring:tier": odd,
    }
    assert "### " in told(digest(outputs={"tier": odd, "sinks": odd}, config=config))


def test_the_same_input_gives_the_same_comment() -> None:
    """Whatever the order of the steps."""
    steps = [step("delete", CONFIG, f"c{n}", {"data": {}}) for n in range(20)]
    assert told(digest(*steps)) == told(digest(*steps[::-1]))


def test_what_was_not_checked_is_said() -> None:
    """A cluster that does not stand, a kind that nobody knows, values that come later."""
    text = json.loads(
        digest(step("create", "aws:eks/cluster:Cluster", "cluster-control-plane", None, {"name": "a"}))
    )
    text["diagnostics"] = [
        {"severity": "info", "message": "warning: not checked: the API server has no kind W"}
    ]
    found = told(json.dumps(text))
    assert "nothing inside Kubernetes was checked" in found
    assert "`the API server has no kind W`" in found
    assert "nothing inside Kubernetes was checked" not in told(digest())


@pytest.mark.parametrize("text", [digest(), digest(config=ONE_YEAR, errors=[LICENCE])])
def test_every_table_has_its_columns(text: str) -> None:
    """A value with a bar in it would add one."""
    tokens = [token.type for token in parsed(told(text))]
    assert tokens.count("td_open") == 3 * (tokens.count("tr_open") - tokens.count("thead_open"))


def test_long_dashboards_leave_room_for_rules_and_are_told_once() -> None:
    """By their panels: not by their outline too, which is the same in lines."""
    panels = [
        {"title": f"p{place}", "type": "stat", "description": "d" * 400, "id": place} for place in range(150)
    ]
    boards, outlines = (
        [json.dumps({"title": "Core", "panels": panels[start:]}) for start in (0, 1)],
        [f"panels / {start}\n" * 8_000 for start in (0, 1)],
    )
    sides = [
        {"data": {"core.json": board}, "metadata": {"annotations": {"axiom/outline": outline}}}
        for board, outline in zip(boards, outlines, strict=True)
    ]
    dashboards = [step("update", CONFIG, f"grafana-files-{place}", *sides) for place in range(6)]
    rule = {"alert": "A", "expr": "up == 0", "annotations": {"description": "d" * 9_000}}
    old, new = (
        json.dumps({"groups": [{"name": "g", "rules": [{**rule, "for": wait}]}]}) for wait in ("1m", "2m")
    )
    found = told(digest(*dashboards, config_map("prometheus-files-rules", "g.yml", old, new)))
    assert found.count("`core.json`: panel `p0` removed") == len(dashboards)
    assert "alert `A`: " in found
    assert "outline" not in found
    assert "too many to compare" not in found
