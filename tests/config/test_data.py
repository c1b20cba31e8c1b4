"""The figures of the requirements, and what a wrong data file says."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from config import data, files
from config.scalars import Neo4jEdition, Tier
from config.sections import Images
from config.settings import ENTERPRISE_TIERS
from config.tables import Image

# Requirements, section 10.1: instances, CPU, memory.
CAPACITY = {
    "core-api": (2, "2", "4Gi"),
    "core-worker": (4, "1", "2Gi"),
    "oracle": (2, "2", "2Gi"),
    "vision": (2, "2", "4Gi"),
    "synapse": (2, "2", "4Gi"),
    "weaver": (1, "1", "2Gi"),
    "canvas": (2, "500m", "512Mi"),
}


def test_workloads_have_the_capacity_of_the_requirements() -> None:
    """All seven, and no other."""
    found = {name: (row.instances, row.cpu, row.memory) for name, row in data.services().items()}
    assert found == CAPACITY


def test_stores_have_the_capacity_of_the_requirements() -> None:
    """RDS 100 GB, Neo4j 4 vCPU, 10 GB and 50 GB, Redis 2 vCPU and 4 GB, MindsDB 8 GB."""
    stores = data.stores()
    assert stores.postgres.storage_gibibytes == 100
    neo4j = stores.neo4j.size
    assert (neo4j.cpu, neo4j.memory, stores.neo4j.storage_gibibytes) == ("4", "10Gi", 50)
    assert (neo4j.heap, neo4j.page_cache) == ("4g", "4g")
    assert (stores.redis.size.node_type, stores.redis.maxmemory_policy) == ("cache.m7g.large", "allkeys-lru")
    assert stores.mindsdb.memory == "8Gi"


def test_redis_in_dev_holds_256_megabytes() -> None:
    """ElastiCache sets no maxmemory: half of a node of 0.5 GiB is kept free instead."""
    size = data.stores().redis.dev_size
    assert (size.node_type, size.reserved_memory_percent) == ("cache.t4g.micro", 50)


def test_load_of_the_tiers_is_that_of_the_requirements() -> None:
    """Users and requests a day."""
    found = [(data.tier(name).users, data.tier(name).requests_per_day) for name in Tier]
    assert found == [(50, 10_000), (200, 50_000), (500, 150_000), (2_000, 500_000)]


def test_a_pool_holds_a_hundred_connections_at_the_most() -> None:
    """DB_POOL_SIZE and DB_MAX_OVERFLOW of Core's API, of which DBPoolExhaustion speaks; others need less."""
    pools = {
        name: int(row.environment["DB_POOL_SIZE"]) + int(row.environment["DB_MAX_OVERFLOW"])
        for name, row in data.services().items()
        if row.database
    }
    assert pools.pop("core-api") == 100
    assert pools.pop("core-worker") == 20
    assert set(pools.values()) == {10}


def test_weaver_runs_two_processes_a_core() -> None:
    """Uvicorn workers = CPU × 2."""
    weaver = data.services()["weaver"]
    assert int(weaver.environment["WEB_CONCURRENCY"]) == 2 * int(weaver.cpu)


def test_tiers_and_settings_agree_on_enterprise() -> None:
    """The rule that asks for a licence covers exactly the tiers whose data say Enterprise."""
    enterprise = [name for name in Tier if data.tier(name).neo4j.edition is Neo4jEdition.ENTERPRISE]
    assert enterprise == list(ENTERPRISE_TIERS)


def test_an_image_carries_prefix_and_digest() -> None:
    """The mirror in front, the digest behind."""
    digest = "sha256:" + "a" * 64
    images = Images.model_validate(
        {"registryPrefix": "mirror.example.com/axiom", "digests": {"prometheus": digest}}
    )
    assert data.image("prometheus", images) == (
        f"mirror.example.com/axiom/quay.io/prometheus/prometheus:v3.16.0@{digest}"
    )


@pytest.mark.parametrize("tag", ["latest", "13", "main-1.2"])
def test_an_image_without_a_version_is_refused(tag: str) -> None:
    """What moves would differ from node to node."""
    with pytest.raises(ValidationError, match="tag"):
        Image(repository="docker.io/grafana/grafana", tag=tag)


def test_a_wrong_row_is_told_with_file_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the checkout is not a traceback of pydantic."""
    monkeypatch.setattr(files, "read", lambda _: {"core-api": {"instances": "many"}})
    data.services.cache_clear()
    try:
        with pytest.raises(files.DataError, match=r"config/services\.yaml: core-api\."):
            data.services()
    finally:
        data.services.cache_clear()


@pytest.mark.parametrize("content", ["a: [1\nb: 2\n", "only words\n", ""])
def test_a_data_file_that_is_no_yaml_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    """Broken, no mapping, or empty."""
    (tmp_path / "versions.yaml").write_text(content)
    monkeypatch.setattr(files, "HERE", tmp_path)
    data.versions.cache_clear()
    try:
        with pytest.raises(files.DataError, match=r"config/versions\.yaml:"):
            data.versions()
    finally:
        data.versions.cache_clear()
