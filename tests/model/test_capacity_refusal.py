"""A stack that does not carry its load is refused, with what mends it."""

from typing import Any

import pytest
from carried import found, scene

from config.errors import SettingsError
from config.settings import load
from model.capacity import CapacityError, require


def refused(environment: str = "prod", **raw: Any) -> str:
    """What a stack that does not carry its load is told."""
    looked = scene(environment, **raw)
    with pytest.raises(CapacityError) as caught:
        require(looked.plan, looked.settings, stack=environment)
    return str(caught.value)


def test_a_pool_that_no_class_of_the_tier_carries_is_refused() -> None:
    """With the sum, the limit and the smallest class that carries it."""
    told = refused(postgres={"poolSize": 120})
    assert "stack prod does not carry the load of tier current: one check fails" in told
    assert "postgres-connections: needs 2,463 connections, has 1,617" in told
    assert "core-api 1,800" in told
    assert "pulumi config set --path postgres.instanceClass db.m6g.2xlarge --stack prod" in told


def test_a_pool_that_no_class_carries_is_made_smaller() -> None:
    """Where memory cannot help, the pool has to; whichever of its parts is the larger."""
    assert "pulumi config set --path postgres.poolSize 26 --stack prod" in refused(
        postgres={"poolSize": 1000}
    )
    assert "pulumi config set --path postgres.maxOverflow 86 --stack prod" in refused(
        postgres={"maxOverflow": 1000}
    )


def test_a_retention_too_long_for_the_volume_is_refused() -> None:
    """Blocks would go by size before their time."""
    told = refused("dev", retention={"metricsDays": 365})
    assert "prometheus-volume" in told
    assert "pulumi config set --path volumes.prometheus" in told


def test_a_retention_shorter_than_the_window_is_no_setting() -> None:
    """Refused before any arithmetic."""
    with pytest.raises(SettingsError, match=r"retention\.metricsDays"):
        load({"retention": {"metricsDays": 29}}, stack="prod")


def test_a_class_too_small_for_its_load_is_refused_with_every_check() -> None:
    """Connections and processors, in one message."""
    told = refused(
        postgres={"instanceClass": "db.t4g.medium", "maxOverflow": 0}, retention={"metricsDays": 365}
    )
    assert "2 checks fail" in told
    assert "postgres-connections" in told
    assert "prometheus-volume" in told


def test_an_unknown_class_is_no_setting() -> None:
    """Nobody knows how many connections it allows."""
    with pytest.raises(SettingsError, match=r"postgres\.instanceClass.*db\.m6g\.xlarge"):
        load({"postgres": {"instanceClass": "db.z9.nano"}}, stack="prod")


def test_an_existing_store_is_somebody_elses_to_size() -> None:
    """No class, no check, no promise."""
    host = "db.example.internal"
    names = found(postgres={"mode": "existing", "host": host}, redis={"provision": "existing", "host": host})
    assert not any(name.startswith(("postgres-", "redis-", "availability-core")) for name in names)


def test_the_settings_of_the_pool_are_those_of_core_only() -> None:
    """Its API, not its workers."""
    looked = scene(postgres={"poolSize": 7, "maxOverflow": 0, "instanceClass": "db.r6g.large"})
    assert looked.one("core-api").environment["DB_POOL_SIZE"] == "7"
    assert looked.one("core-api").environment["DB_MAX_OVERFLOW"] == "0"
    assert looked.one("core-worker").environment["DB_POOL_SIZE"] == "5"
    assert looked.plan.stores.postgres.instance_class == "db.r6g.large"


def test_a_buffer_larger_than_the_disk_of_a_node_is_refused() -> None:
    """With the sinks that share it, and the largest buffer that fits."""
    told = refused(logs={"bufferGibibytes": 100})
    assert "log-buffer: needs 201 GiB, has 12\n" in told
    assert "pulumi config set --path logs.bufferGibibytes 5 --stack prod" in told
