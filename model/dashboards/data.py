"""What the services stand on: PostgreSQL, Redis, Neo4j, and the outbox between them."""

from model.dashboards.names import API, DATA, RESILIENCE, WORKERS
from model.dashboards.words import Board, Limits, Panel, Query, Row, Title


def _neo4j_time(service: str) -> Query:
    rates = (
        f'sum by (le) (rate({service}_neo4j_query_duration_seconds_bucket{{job=~"$job"}}[$__rate_interval]))'
    )
    return Query(f"histogram_quantile(0.95, {rates})", service)


# Either may have no series yet: what has never been published can fail all the same.
_FAILED, _PUBLISHED = (
    f'(sum(rate(core_event_outbox_{what}_total{{job=~"$job"}}[$__rate_interval])) or vector(0))'
    for what in ("failed", "published")
)

_POSTGRES = Row(
    Title("PostgreSQL", "PostgreSQL"),
    (
        Panel(
            title=Title("커넥션 사용률", "Connections in use"),
            kind="stat",
            unit="percentunit",
            queries=(
                Query(
                    'sum(pg_stat_database_numbackends{job=~"$job"})'
                    ' / (max(pg_settings_max_connections{job=~"$job"}) > 0)',
                    "PostgreSQL",
                ),
            ),
            good="Below the share at which a bigger pool or a read replica is due.",
            limits=Limits(alerts=("PostgresConnectionsHigh",)),
            runbook="PostgresConnectionsHigh",
            to=API,
            lists=("postgres-pool",),
            width=4,
            minimum=0,
            maximum=1,
        ),
        Panel(
            title=Title("Core 커넥션 풀 (Pod별)", "Core's pool by pod"),
            kind="timeseries",
            unit="short",
            queries=(Query('max by (pod) (core_db_pool_active_connections{job=~"$job"})', "{{pod}}"),),
            good="Below the line: a process that holds its whole pool makes its requests wait.",
            limits=Limits(alerts=("DBPoolExhaustion",)),
            runbook="DBPoolExhaustion",
            to=API,
            lists=("postgres-pool",),
            width=7,
            minimum=0,
        ),
        Panel(
            title=Title("평균 쿼리 시간 (DB별)", "Mean time of a statement"),
            kind="timeseries",
            unit="s",
            queries=(
                Query(
                    'sum by (datname) (rate(pg_stat_statements_seconds_total{job=~"$job"}[$__rate_interval]))'
                    " / (sum by (datname)"
                    ' (rate(pg_stat_statements_calls_total{job=~"$job"}[$__rate_interval])) > 0)',
                    "{{datname}}",
                ),
            ),
            good="Milliseconds, and flat; the slowest statements stand on the dashboard of the API.",
            runbook="PostgresConnectionsHigh",
            to=API,
            lists=("postgres-time",),
            width=7,
            minimum=0,
        ),
        Panel(
            title=Title("남은 디스크", "Disk that is left"),
            kind="timeseries",
            unit="bytes",
            queries=(
                Query(
                    "min by (dimension_DBInstanceIdentifier)"
                    ' (aws_rds_free_storage_space_minimum{job=~"$job"})',
                    "{{dimension_DBInstanceIdentifier}}",
                ),
            ),
            good="Above the line; the disk grows by itself, once in six hours at the most.",
            limits=Limits(alerts=("RDSStorageLow",)),
            runbook="RDSStorageLow",
            to=RESILIENCE,
            lists=("postgres-disk",),
            width=6,
            minimum=0,
        ),
        Panel(
            title=Title("데이터베이스 크기", "Size of the databases"),
            kind="timeseries",
            unit="bytes",
            queries=(Query('max by (datname) (pg_database_size_bytes{job=~"$job"})', "{{datname}}"),),
            good="Grows as the customers do.",
            runbook="RDSStorageLow",
            to=WORKERS,
            lists=("postgres-disk",),
            width=24,
            height=6,
            minimum=0,
        ),
    ),
)

_REDIS = Row(
    Title("Redis", "Redis"),
    (
        Panel(
            title=Title("메모리 사용률 (노드별)", "Memory in use by node"),
            kind="timeseries",
            unit="percentunit",
            queries=(
                Query(
                    'redis_memory_used_bytes{job=~"$job"} / (redis_memory_max_bytes{job=~"$job"} > 0)',
                    "{{instance}}",
                ),
            ),
            good="Below the line; above it Redis may throw out streams and tokens with the cache.",
            limits=Limits(alerts=("RedisHighMemory",)),
            runbook="RedisHighMemory",
            to=WORKERS,
            lists=("redis-memory",),
            width=8,
            minimum=0,
            maximum=1,
        ),
        Panel(
            title=Title("초당 명령 수 (노드별)", "Commands a second by node"),
            kind="timeseries",
            unit="ops",
            queries=(
                Query(
                    'sum by (instance) (rate(redis_commands_processed_total{job=~"$job"}[$__rate_interval]))',
                    "{{instance}}",
                ),
            ),
            good="Follows the traffic; of several shards none has far more than its part.",
            runbook="RedisDown",
            to=API,
            lists=("redis-commands",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("축출된 키", "Keys thrown out"),
            kind="timeseries",
            unit="short",
            queries=(
                Query(
                    'sum by (instance) (increase(redis_evicted_keys_total{job=~"$job"}[$__rate_interval]))',
                    "{{instance}}",
                ),
            ),
            good="None: the one Redis holds more than a cache.",
            limits=Limits(alerts=("RedisEvictions",)),
            runbook="RedisEvictions",
            to=RESILIENCE,
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("Stream 길이", "Length of the streams"),
            kind="timeseries",
            unit="short",
            queries=(Query('max by (stream) (core_stream_length{job=~"$job"})', "{{stream}}"),),
            good="Level: what is written is read and trimmed.",
            runbook="OutboxBacklog",
            to=WORKERS,
            lists=("redis-streams",),
            width=8,
            minimum=0,
        ),
    ),
)

_NEO4J = Row(
    Title("Neo4j", "Neo4j"),
    (
        Panel(
            title=Title("p95 쿼리 시간 (서비스별)", "p95 of a query by service"),
            kind="timeseries",
            unit="s",
            queries=(_neo4j_time("oracle"), _neo4j_time("synapse")),
            good="Below the objective of a search of the ontology, which is one query or a few.",
            limits=Limits(objective=("synapse", "ontology search", "p95")),
            runbook="Neo4jPoolHigh",
            to=API,
            lists=("neo4j-time",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("커넥션 풀 사용률 (Pod별)", "Pool in use by pod"),
            kind="timeseries",
            unit="percentunit",
            queries=(Query('max by (pod) (synapse_neo4j_pool_usage{job=~"$job"})', "{{pod}}"),),
            good="Below the line: a full pool makes extractions and searches wait.",
            limits=Limits(alerts=("Neo4jPoolHigh",)),
            runbook="Neo4jPoolHigh",
            to=WORKERS,
            lists=("neo4j-pool",),
            width=8,
            minimum=0,
            maximum=1,
        ),
        Panel(
            title=Title("페이지 캐시 히트율", "Page cache hits"),
            kind="timeseries",
            unit="percentunit",
            queries=(Query('min by (pod) (neo4j_dbms_page_cache_hit_ratio{job=~"$job"})', "{{pod}}"),),
            good="Close to all. Neo4j counts pages, not uses of an index; only Enterprise tells.",
            runbook="Neo4jDown",
            to=API,
            lists=("neo4j-cache",),
            width=8,
            minimum=0,
            maximum=1,
        ),
    ),
)

_OUTBOX = Row(
    Title("이벤트 아웃박스", "Event outbox"),
    (
        Panel(
            title=Title("적체량", "Events that wait"),
            kind="timeseries",
            unit="short",
            queries=(Query('max(core_event_outbox_pending{job=~"$job"})', "outbox"),),
            good="Near nothing; every pod sees the one table, so the highest counts.",
            limits=Limits(alerts=("OutboxBacklog",)),
            runbook="OutboxBacklog",
            to=WORKERS,
            lists=("outbox-pending",),
            width=8,
            minimum=0,
        ),
        Panel(
            title=Title("발행 속도", "Events published a second"),
            kind="timeseries",
            unit="cps",
            queries=(
                Query(
                    "sum by (event_type)"
                    ' (rate(core_event_outbox_published_total{job=~"$job"}[$__rate_interval]))',
                    "{{event_type}}",
                ),
            ),
            good="Follows the traffic.",
            runbook="OutboxBacklog",
            to=WORKERS,
            lists=("outbox-published",),
            width=8,
            minimum=0,
            stacked=True,
        ),
        Panel(
            title=Title("발행 실패율", "Share of attempts that fail"),
            kind="timeseries",
            unit="percentunit",
            queries=(Query(f"{_FAILED} / ({_FAILED} + {_PUBLISHED} > 0)", "outbox"),),
            good="None: a failed attempt is repeated, and what fails for ever ends in the DLQ.",
            runbook="DLQGrowing",
            to=RESILIENCE,
            lists=("outbox-failed",),
            width=8,
            minimum=0,
        ),
    ),
)

BOARD = Board(
    name=DATA,
    about="Whether the stores have room, answer fast, and pass events on.",
    rows=(_POSTGRES, _REDIS, _NEO4J, _OUTBOX),
)
