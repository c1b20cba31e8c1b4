"""The rows of `capacity.yaml`, typed and frozen: what the arithmetic of a tier rests on.

The file says where each figure comes from; here stand the units.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import TypeAdapter

from config.files import checked_file
from config.scalars import Environment
from config.section import Section


class LoadRatios(Section):
    """What one request to the platform causes."""

    peak_factor: float
    """Requests a second at the peak, over those on average."""
    scaled_share: float
    """Share of the time that autoscalers are at their maximum."""
    log_lines_per_request: float
    log_bytes_per_line: float
    log_lines_per_pod_second: float
    spans_per_request: float
    bytes_per_span: float
    tokens_per_request: float
    events_per_request: float
    bytes_per_event: float


class LoadTest(Section):
    """One load test: a workload, how often it is asked, CPU seconds a request, which pods carry it."""

    workload: str
    requests_per_second: float
    cpu_seconds: float
    at: Literal["minimum", "maximum"]


class PostgresRatios(Section):
    """PostgreSQL: what a request leaves there, and how RDS counts connections."""

    bytes_per_request: float
    kept_days: int
    fixed_gibibytes: float
    usable_share: float
    cpu_seconds_per_request: float
    bytes_per_connection: int
    most_connections: int
    memory_share: float
    reserved_connections: int
    exporter_connections: int
    job_connections: int


class RdsClass(Section):
    """An instance class: vCPU and GiB."""

    cpu: int
    memory_gibibytes: float


class RedisKeys(Section):
    """A kind of keys: how many a request leaves, bytes of one, seconds that it lives."""

    per_request: float
    bytes: float
    seconds: int


class RedisRatios(Section):
    """Redis: connections, and what is kept there."""

    clients_per_process: int
    keys: Mapping[str, RedisKeys]
    overhead_factor: float
    skew_factor: float
    usable_share: float


class RedisNode(Section):
    """A node type: GiB and the most clients."""

    memory_gibibytes: float
    clients: int


class Neo4jRatios(Section):
    """What a server needs beside heap and page cache."""

    fixed_gibibytes: float
    heap_share: float


class SeriesRatios(Section):
    """Series of a target by job, and what grows with pods, nodes and users."""

    per_target: Mapping[str, int]
    per_other_target: int
    per_pod: int
    per_node: int
    of_traces: int
    per_user_and_pod: float
    limit_factor: float
    most_of_target: Mapping[str, int]
    """Samples at the most, where a target tells of others."""


class PrometheusRatios(Section):
    """What series and samples weigh."""

    base_bytes: int
    bytes_per_series: int
    query_gibibytes: float
    bytes_per_sample: float
    churn_factor: float
    usable_share: float


class LogRatios(Section):
    """What agents take, and a log server in the cluster."""

    server_seconds: int
    packed_share: float
    server_bytes_per_second: float
    agent_bytes_per_second: float
    skew_factor: float
    record_factor: float
    node_disk_gibibytes: float
    node_disk_share: float
    rotation_bytes: int
    rotation_files: int


class TraceRatios(Section):
    """What Tempo takes."""

    collector_bytes: float
    held_factor: float
    limiter_share: float
    tempo_seconds: int
    tempo_bytes_per_second: float


class Quotas(Section):
    """Quotas of AWS, before anybody asks for more."""

    put_log_events: float
    get_metric_data: float
    metrics_per_call: int
    amp_series: float
    amp_samples: float


class Availability(Section):
    """What is promised of a store, as a share of a month."""

    rds_single: float
    rds_multi_az: float
    elasticache_single: float
    elasticache_multi_az: float
    ec2_single: float
    ec2_multi_az: float


class NodeRatios(Section):
    """Zones that nodes are spread over, and the share of a node that pods can fill."""

    zones: int
    usable_share: float


class MonitoringShare(Section):
    """Shares of all requests that the monitoring stack may take, and ought to."""

    bar: float
    aim: float


class Assumptions(Section):
    """All of them."""

    promise: Mapping[Environment, float]
    load: LoadRatios
    cpu_seconds_per_request: Mapping[str, float]
    cpu_use: float
    load_tests: Mapping[str, LoadTest]
    extraction_seconds: float
    postgres: PostgresRatios
    rds_classes: Mapping[str, RdsClass]
    redis: RedisRatios
    redis_nodes: Mapping[str, RedisNode]
    neo4j: Neo4jRatios
    series: SeriesRatios
    prometheus: PrometheusRatios
    logs: LogRatios
    traces: TraceRatios
    disk_use: float
    quotas: Quotas
    availability: Availability
    nodes: NodeRatios
    monitoring: MonitoringShare


@cache
def assumptions() -> Assumptions:
    """The content of the file."""
    return checked_file("capacity.yaml", TypeAdapter(Assumptions))
