"""The real Prometheus on the file of a stack with a Redis of six nodes: each is scraped once.

What is replaced is where AWS and the exporter are: both answer here, ElastiCache with what its
API would say of an account that has more than this stack's Redis.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from loopback import HOST, Handler, serving
from real_server import NOBODY, Pod, Running, running, workload

from config.settings import load
from model.plan import build_plan

pytestmark = pytest.mark.tools
SECONDS = 30.0
SHARDS, REPLICAS = 3, 1
MEMBERS = [f"axiom-prod-{shard:04}-{node:03}" for shard in (1, 2, 3) for node in (1, 2)]
ADDRESSES = {f"{member}.axiom-prod.abc123.apn2.cache.amazonaws.com:6379" for member in MEMBERS}
_XML = 'xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"'


@dataclass
class Around:
    """The API of ElastiCache and the exporter; `asked` counts the nodes that it was asked for."""

    address: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    actions: set[str] = field(default_factory=set)


def described(member: str, group: str, address: str | None) -> str:
    """One member of a replication group, as ElastiCache describes it."""
    endpoint = f"<Endpoint><Address>{address}</Address><Port>6379</Port></Endpoint>" if address else ""
    return f"""<CacheCluster><CacheClusterId>{member}</CacheClusterId>
        <ARN>arn:aws:elasticache:ap-northeast-2:123456789012:cluster:{member}</ARN>
        <ReplicationGroupId>{group}</ReplicationGroupId><Engine>redis</Engine>
        <CacheClusterStatus>available</CacheClusterStatus><CacheNodes><CacheNode>
        <CacheNodeId>0001</CacheNodeId><CacheNodeStatus>available</CacheNodeStatus>{endpoint}
        </CacheNode></CacheNodes></CacheCluster>"""


def account() -> str:
    """This stack's Redis, a node of it that is being made, and somebody else's."""
    ours = [
        described(one.partition(".")[0], "axiom-prod", one.partition(":")[0]) for one in sorted(ADDRESSES)
    ]
    young = described("axiom-prod-0003-003", "axiom-prod", None)
    other = described("other-001", "other", "other-001.abc.apn2.cache.amazonaws.com")
    return "".join([*ours, young, other])


def replied(action: str, *, alone: bool) -> str:
    """The body of an answer; no cache is outside of a group."""
    listed = {
        "DescribeCacheClusters": f"<CacheClusters>{'' if alone else account()}</CacheClusters>",
        "DescribeServerlessCaches": "<ServerlessCaches/>",
        "ListTagsForResource": "<TagList/>",
    }[action]
    return f"<{action}Response {_XML}><{action}Result>{listed}</{action}Result></{action}Response>"


class _Handler(Handler):
    """ElastiCache by POST, the exporter by GET."""

    def __init__(self, around: Around, *arguments: object) -> None:
        self._around = around
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._around.actions.add(form["Action"][0])
        alone = form.get("ShowCacheClustersNotInReplicationGroups") == ["true"]
        self.answer(200, replied(form["Action"][0], alone=alone).encode(), "text/xml")

    def do_GET(self) -> None:
        target = parse_qs(urlsplit(self.path).query).get("target", [""])[0]
        self._around.asked[target] += 1
        known = target.startswith("rediss://") and target.removeprefix("rediss://") in ADDRESSES
        self.answer(200 if known else 400, b"redis_up 1\n")


@contextmanager
def answering() -> Iterator[Around]:
    """On loopback, ended afterwards."""
    around = Around()
    with serving(partial(_Handler, around)) as port:
        around.address = f"{HOST}:{port}"
        yield around


def laid_out(root: Path, around: Around) -> Pod:
    """A pod of Prometheus that knows the job of Redis alone, and whose AWS is here."""
    pod = Pod(workload("prometheus", "prod", tier="1year"), root, NOBODY)
    pod.lay_out()
    file = pod.path("/etc/prometheus/config/prometheus.yml")
    document = yaml.safe_load(file.read_text())
    (job,) = [found for found in document["scrape_configs"] if found["job_name"] == "redis"]
    (found,) = job["aws_sd_configs"]
    found["endpoint"] = f"http://{around.address}"
    job["relabel_configs"][-1]["replacement"] = around.address
    file.write_text(yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}))
    return pod


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Around, Running]]:
    """After some rounds."""
    with answering() as around, running(laid_out(tmp_path_factory.mktemp("redis"), around)) as server:
        end = time.monotonic() + SECONDS
        while sum(around.asked.values()) < 3 * SHARDS * (1 + REPLICAS) and time.monotonic() < end:
            time.sleep(0.1)
        yield around, server


def test_each_node_is_one_healthy_target(scraped: tuple[Around, Running]) -> None:
    """Under its own address; neither a node without one nor another group's."""
    _, server = scraped
    targets = server.json("http", "/api/v1/targets?state=active")["data"]["activeTargets"]
    found = sorted(
        (target["labels"]["job"], target["labels"]["instance"], target["health"]) for target in targets
    )
    assert found == [("redis", address, "up") for address in sorted(ADDRESSES)]


def test_the_exporter_is_asked_for_each_node_alike(scraped: tuple[Around, Running]) -> None:
    """Over TLS, and never for an address that could be any of them."""
    around, _ = scraped
    counts = dict(around.asked)
    assert set(counts) == {f"rediss://{address}" for address in ADDRESSES}
    assert max(counts.values()) - min(counts.values()) <= 1


def test_prometheus_may_do_what_it_does_in_aws(scraped: tuple[Around, Running]) -> None:
    """Every call that discovery made is in its role."""
    around, _ = scraped
    plan = build_plan(load({"neo4j": {"acceptLicense": True}, "tier": "1year"}, stack="prod"))
    allowed = {action for found in plan.access.permissions["prometheus"] for action in found.actions}
    assert around.actions
    assert {f"elasticache:{action}" for action in around.actions} <= allowed


@pytest.mark.parametrize(("tier", "nodes"), [("current", 1), ("6month", 2), ("1year", 6), ("2year", 6)])
def test_one_node_is_known_and_several_are_asked_for(tier: str, nodes: int) -> None:
    """A stack with one node needs nothing of AWS to find it."""
    plan = build_plan(load({"neo4j": {"acceptLicense": True}, "tier": tier}, stack="prod"))
    document = yaml.safe_load(plan.observability.files["prometheus/prometheus.yml"])
    (job,) = [found for found in document["scrape_configs"] if found["job_name"] == "redis"]
    redis = plan.stores.redis
    assert redis.shards * (1 + redis.replicas) == nodes
    assert ("static_configs" in job, "aws_sd_configs" in job) == (nodes == 1, nodes > 1)
    assert ("elasticache" in plan.platform.network.interface_endpoints) == (nodes > 1)
