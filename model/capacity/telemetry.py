"""Logs and traces: the disks and the pace of those who take them, and CloudWatch's quotas."""

import math
from collections.abc import Iterator

from model.capacity.check import Check, Setting
from model.capacity.scene import Scene
from model.container import EveryNode
from model.servers.cloudwatch_exporter import metrics_of
from model.servers.log_pipeline import REJECTED_GIBIBYTES
from model.servers.names import TEMPO
from model.sinks import sinks_of
from model.spec import WorkloadSpec

_GIBI = 1024**3


def checks(scene: Scene) -> Iterator[Check]:
    """The checks; those of a sink only where it is one."""
    yield _agent(scene)
    yield _buffers(scene)
    yield from _server(scene, TEMPO, _spans(scene), scene.given.traces.tempo_seconds)
    yield _pace(scene, TEMPO, _spans(scene), scene.given.traces.tempo_bytes_per_second)
    yield from _sinks(scene)
    yield _calls(scene)


def _sinks(scene: Scene) -> Iterator[Check]:
    """What the sinks bring along: servers of their own, groups of CloudWatch."""
    given, logs = scene.given.logs, scene.load.peak_log_bytes_per_second
    for sink in sinks_of(scene.settings):
        for server in sink.servers(scene.settings):
            # What has no bucket keeps all of it on its disk, packed.
            days = scene.settings.retention.logs_days * 86400 * given.packed_share
            seconds = given.server_seconds if server.buckets else days
            yield from _server(scene, server.workload.name, logs, seconds)
            yield _pace(scene, server.workload.name, logs, given.server_bytes_per_second)
        if sink.log_groups(scene.settings):
            yield _ingestion(scene)


def _spans(scene: Scene) -> float:
    return scene.load.peak_spans_per_second * scene.given.load.bytes_per_span


def _server(scene: Scene, name: str, pace: float, seconds: float) -> Iterator[Check]:
    """What lies on a server's disk until it is in S3."""
    claim, share = scene.one(name).claim, scene.given.disk_use
    if claim is None:
        return
    need = pace * seconds / _GIBI
    yield Check(
        name=f"{name}-volume",
        formula="bytes/s at the peak x seconds that they stay on the disk <= volume x use",
        inputs={"bytes/s": pace, "seconds": seconds, "volume GiB": claim.gibibytes, "use": share},
        need=need,
        limit=claim.gibibytes * share,
        unit="GiB",
        remedy="the disk would be full before its content is in S3",
        setting=Setting(f"volumes.{name}", str(math.ceil(need / share))),
    )


def _pace(scene: Scene, name: str, pace: float, limit: float) -> Check:
    return Check(
        name=f"{name}-pace",
        formula="bytes/s at the peak <= bytes/s that one server takes",
        inputs={"bytes/s": pace},
        need=pace,
        limit=limit * scene.pods(scene.one(name), most=True),
        unit="bytes/s",
        remedy=f"one {name} is not enough: docs/decisions/0007-shape-of-monitoring.md",
    )


def _agent(scene: Scene) -> Check:
    given, nodes = scene.given.logs, scene.nodes.least
    return Check(
        name="log-agent",
        formula="bytes/s at the peak / nodes x skew <= bytes/s of an agent",
        inputs={
            "bytes/s": scene.load.peak_log_bytes_per_second,
            "nodes": nodes,
            "skew": given.skew_factor,
        },
        need=scene.load.peak_log_bytes_per_second / nodes * given.skew_factor,
        limit=given.agent_bytes_per_second,
        unit="bytes/s",
        remedy="fewer lines, or smaller nodes so that there are more agents (config/tiers.yaml)",
    )


def _buffers(scene: Scene) -> Check:
    """What Fluent Bit may keep on a node: for each sink, and what sinks refused."""
    given, sinks = scene.given.logs, len(scene.settings.log_sinks)
    size, limit = scene.settings.logs.buffer_gibibytes, given.node_disk_gibibytes * given.node_disk_share
    fits = int((limit - REJECTED_GIBIBYTES) / sinks)
    return Check(
        name="log-buffer",
        formula="sinks x buffer + what they refused <= disk of a node x share",
        inputs={
            "sinks": sinks,
            "buffer GiB": size,
            "refused GiB": REJECTED_GIBIBYTES,
            "disk GiB": given.node_disk_gibibytes,
            "share": given.node_disk_share,
        },
        need=sinks * size + REJECTED_GIBIBYTES,
        limit=limit,
        unit="GiB",
        remedy="the buffers would take the disk of images and pods",
        setting=Setting("logs.bufferGibibytes", str(fits)) if fits else None,
    )


def _ingestion(scene: Scene) -> Check:
    """Each container has a stream, and each stream a call a second while it has lines."""
    containers = sum(scene.pods(found, most=True) * _containers(found) for found in scene.workloads)
    return Check(
        name="cloudwatch-ingestion",
        formula="containers at the most x one PutLogEvents a second <= quota",
        inputs={"containers": containers},
        need=containers,
        limit=scene.given.quotas.put_log_events,
        unit="calls/s",
        remedy="ask AWS for a higher quota of PutLogEvents (Service Quotas)",
    )


def _containers(workload: WorkloadSpec) -> int:
    # The agents leave their own lines out.
    own = isinstance(workload.replicas, EveryNode) and workload.component == "logs"
    return 0 if own else 1 + len(workload.sidecars)


def _calls(scene: Scene) -> Check:
    redis, quotas = scene.plan.stores.redis, scene.given.quotas
    nodes = redis.shards * (1 + redis.replicas)
    metrics = metrics_of(databases=1, cache_nodes=nodes)
    need = math.ceil(metrics / quotas.metrics_per_call)
    return Check(
        name="cloudwatch-metrics",
        formula="metrics of RDS and ElastiCache / metrics a call, all at once <= GetMetricData a second",
        inputs={"metrics": metrics, "metrics a call": quotas.metrics_per_call},
        need=need,
        limit=quotas.get_metric_data,
        unit="calls/s",
        remedy="fewer metrics in model/servers/cloudwatch_exporter.py",
    )
