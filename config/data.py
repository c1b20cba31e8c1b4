"""The data that every stack shares: services, stores, tiers, versions; typed and frozen.

The files say where each figure comes from. A file that breaks its type is a mistake in the
checkout, told with file and place.
"""

from collections.abc import Mapping
from functools import cache, reduce
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from config.scalars import Neo4jEdition, RedisMode, Tier
from config.sections import Images, Section

Kind = TypeVar("Kind")
_HERE = Path(__file__).parent


class DataError(Exception):
    """A data file of the checkout is wrong."""


class Service(Section):
    """One workload of the platform."""

    service: str
    """The service it belongs to, as in logs: core, oracle, …"""
    job: str | None = None
    """Its scrape job; none has no metrics endpoint of its own."""
    component: str
    instances: int
    cpu: str
    memory: str
    http_port: int
    scrape_interval: str | None = None
    autoscaled: bool
    database: bool
    """Whether it connects to PostgreSQL."""
    sla_tier: int
    environment: Mapping[str, str]


class PostgresData(Section):
    """RDS PostgreSQL before any tier's change."""

    instance_class: str
    storage_gibibytes: int
    maximum_gibibytes: int
    username: str
    database: str
    parameters: Mapping[str, str]


class RedisData(Section):
    """ElastiCache Redis."""

    vcpu: int
    memory: str
    dev_maxmemory: str
    maxmemory_policy: str


class Neo4jData(Section):
    """Neo4j."""

    vcpu: int
    memory: str
    storage_gibibytes: int
    heap_max: str
    page_cache: str
    vector_search_milliseconds: int


class MindsdbData(Section):
    """MindsDB, behind Weaver."""

    memory: str


class CanvasData(Section):
    """What Nginx serves Canvas with."""

    bundle_limit_kilobytes: int
    static_max_age_days: int


class Stores(Section):
    """Every store, and the servers behind the services."""

    postgres: PostgresData
    redis: RedisData
    neo4j: Neo4jData
    mindsdb: MindsdbData
    canvas: CanvasData


class PostgresTier(Section):
    """What a tier makes of RDS."""

    multi_az: bool
    instance_class: str | None = None


class Nodes(Section):
    """Bounds of the node group."""

    minimum: int
    desired: int
    maximum: int


class PrometheusTier(Section):
    """Size of one Prometheus replica."""

    cpu: str
    memory: str
    memory_limit: str
    storage_gibibytes: int


class TierData(Section):
    """A tier in full: the load it promises and what carries it."""

    users: int
    requests_per_day: int
    instances: Mapping[str, int]
    """Pods of the workloads that differ from `services.yaml`."""
    postgres: PostgresTier
    redis_mode: RedisMode
    neo4j_edition: Neo4jEdition
    nodes: Nodes
    prometheus: PrometheusTier


class Slo(Section):
    """One objective: latencies in seconds, availability and error rate as shares."""

    service: str
    kind: str
    job: str | None = None
    p50: float
    p95: float
    p99: float
    availability: float | None = None
    error_rate: float | None = None


class Image(Section):
    """An image by repository and tag."""

    repository: str
    tag: str


class Versions(Section):
    """Images and engines."""

    images: Mapping[str, Image]
    engines: Mapping[str, str]
    service_repository: str


@cache
def services() -> Mapping[str, Service]:
    """The workloads by name, which is also their label `app`."""
    return _load("services.yaml", TypeAdapter(dict[str, Service]))


@cache
def slos() -> tuple[Slo, ...]:
    """The objectives."""
    return _load("slos.yaml", TypeAdapter(tuple[Slo, ...]))


@cache
def buckets() -> Mapping[str, tuple[float, ...]]:
    """Bucket edges of the histograms that rules look into."""
    return _load("metrics.yaml", TypeAdapter(dict[str, tuple[float, ...]]))


@cache
def alert_files() -> Mapping[str, str]:
    """The text of every file under `alerts/`, by the name of its group."""
    return {path.stem: path.read_text() for path in sorted((_HERE / "alerts").glob("*.yaml"))}


@cache
def stores() -> Stores:
    """The stores."""
    return _load("stores.yaml", TypeAdapter(Stores))


@cache
def versions() -> Versions:
    """The table of versions."""
    return _load("versions.yaml", TypeAdapter(Versions))


@cache
def tier(name: Tier) -> TierData:
    """A tier with the ones before it folded in."""
    changes = _read("tiers.yaml")
    order = list(Tier)
    included = [changes[str(member)] for member in order[: order.index(name) + 1]]
    return _checked("tiers.yaml", TypeAdapter(TierData), reduce(_merged, included))


def image(name: str, images: Images) -> str:
    """The reference of a third-party image: registry prefix, repository, tag, digest."""
    found = versions().images[name]
    return _reference(found.repository, found.tag, name, images)


def service_image(name: str, images: Images) -> str:
    """The reference of one of the platform's own images."""
    repository = f"{versions().service_repository}/{services()[name].service}"
    return _reference(repository, images.app_version, name, images)


def _reference(repository: str, tag: str, name: str, images: Images) -> str:
    prefix = f"{images.registry_prefix}/" if images.registry_prefix else ""
    digest = f"@{images.digests[name]}" if name in images.digests else ""
    return f"{prefix}{repository}:{tag}{digest}"


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    return {**below, **above} | {
        key: {**below[key], **value}
        for key, value in above.items()
        if isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
    }


def _load(file: str, adapter: TypeAdapter[Kind]) -> Kind:
    return _checked(file, adapter, _read(file))


def _read(file: str) -> Any:
    try:
        return yaml.safe_load((_HERE / file).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise DataError(f"config/{file}:{line} {getattr(error, 'problem', None) or error}") from None


def _checked(file: str, adapter: TypeAdapter[Kind], found: Any) -> Kind:
    try:
        return adapter.validate_python(found, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DataError(f"config/{file}: {place}: {first['msg']}") from None
