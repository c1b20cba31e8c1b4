"""The rows of the data files, typed and frozen: what a service, a store, a tier or a version is."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from config.scalars import Neo4jEdition, RedisMode
from config.section import Section


class TriggerData(Section):
    """A figure of Prometheus that an autoscaler follows, beside CPU and memory."""

    query: str
    """PromQL that gives one number, or nothing where nothing is known."""
    threshold: float
    """What the number is held against: as a whole (`Value`), or for each pod (`AverageValue`)."""
    target: Literal["Value", "AverageValue"]


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
    trigger: TriggerData | None = None
    """What an autoscaler follows beside CPU and memory."""
    database: bool
    """Whether it connects to PostgreSQL (its own database there) and to Redis."""
    graph: bool
    """Whether it connects to Neo4j."""
    prompts: bool
    """Whether it sends prompts to LangSmith."""
    internet: bool
    """Whether it calls HTTPS services outside: LLM providers, Sentry, LangSmith."""
    data_sources: bool
    """Whether it queries databases outside the network."""
    calls: tuple[str, ...]
    """Workloads of the platform whose API it calls."""
    path: str | None
    """Where the public host leads to it; none is not public."""
    sla_tier: int
    environment: Mapping[str, str]

    @property
    def own_metrics(self) -> bool:
        """Whether it is a program of ours that observes itself; Canvas is Nginx with an exporter."""
        return self.job is not None and self.component != "frontend"


class PostgresData(Section):
    """RDS PostgreSQL before any tier's change."""

    instance_class: str
    storage_gibibytes: int
    maximum_gibibytes: int
    username: str
    database: str
    """The first database; each service has one of its own beside it."""
    owners: tuple[str, ...]
    """Who has a database and the role that owns it, by the name of both."""
    parameters: Mapping[str, str]


class RedisSize(Section):
    """A node of ElastiCache and how much of it is kept free."""

    node_type: str
    reserved_memory_percent: int
    """Share of the memory that `maxmemory` leaves free for snapshots and failover."""


class RedisData(Section):
    """ElastiCache Redis."""

    size: RedisSize
    dev_size: RedisSize
    family: str
    maxmemory_policy: str


class Neo4jSize(Section):
    """A Neo4j server."""

    cpu: str
    memory: str
    heap: str
    page_cache: str


class Neo4jData(Section):
    """Neo4j."""

    size: Neo4jSize
    dev_size: Neo4jSize
    storage_gibibytes: int
    vector_search_milliseconds: int


class MindsdbData(Section):
    """MindsDB, behind Weaver."""

    cpu: str
    memory: str
    dev_memory: str
    storage_gibibytes: int


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
    storage_gibibytes: int | None = None


class RedisTier(Section):
    """What a tier makes of Redis."""

    mode: RedisMode
    shards: int
    replicas: int


class Neo4jTier(Section):
    """What a tier makes of Neo4j."""

    edition: Neo4jEdition
    servers: int
    """Members of the cluster, all primaries: one is a single server."""


class PrometheusTier(Section):
    """Size of one Prometheus replica."""

    cpu: str
    memory: str
    memory_limit: str
    storage_gibibytes: int


class NodesTier(Section):
    """What the account must be able to give: nodes of one size in each of three zones."""

    per_zone: int
    cpu: int
    memory_gibibytes: int


class LokiTier(Section):
    """What a tier asks of Loki, where it is a sink outside of dev."""

    replicas: int


class TierData(Section):
    """A tier in full: the load it promises and what carries it."""

    users: int
    requests_per_day: int
    instances: Mapping[str, int]
    """Pods of the workloads that differ from `services.yaml`."""
    postgres: PostgresTier
    redis: RedisTier
    neo4j: Neo4jTier
    prometheus: PrometheusTier
    nodes: NodesTier
    loki: LokiTier
    workspace: bool
    """Whether metrics also go to a managed workspace, which keeps them longer."""


class Image(Section):
    """An image by repository and tag."""

    repository: str
    tag: Annotated[str, Field(pattern=r"^v?\d+\.\d+")]
    """A version: what moves, such as `latest`, would differ from node to node."""


class Chart(Section):
    """A Helm chart by its repository's address and its version."""

    repository: str
    version: str


class Versions(Section):
    """Images, charts and engines."""

    images: Mapping[str, Image]
    charts: Mapping[str, Chart]
    engines: Mapping[str, str]
    service_repository: str
