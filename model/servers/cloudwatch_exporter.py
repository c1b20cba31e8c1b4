"""YACE: figures of the hosts of RDS and ElastiCache, which only CloudWatch has.

Settings: github.com/prometheus-community/yet-another-cloudwatch-exporter, 0.67. Resources are
found by the stack's tags; every call to CloudWatch is paid for, so it asks every five minutes.
"""

from collections.abc import Mapping
from typing import Any

from config.settings import Settings
from model.container import ConfigFile, FileMount, Port, Resources
from model.reach import Namespace, Peer, scraped, to_aws
from model.scrape import server_job
from model.servers.exporter import exporter
from model.spec import Permission, ServerSpec, WorkloadSpec
from model.tags import identifying_tags
from model.yamltext import dumped

NAME = "cloudwatch-exporter"
_CONFIG = "/etc/cloudwatch-exporter"
_HTTP = Port(name="http", number=5000)
_PERIOD_SECONDS = 300
_RDS = {
    "CPUUtilization": "Average",
    "DatabaseConnections": "Average",
    "FreeStorageSpace": "Minimum",
    "FreeableMemory": "Minimum",
    "DiskQueueDepth": "Average",
    "ReadLatency": "Average",
    "WriteLatency": "Average",
}
_DIMENSIONS = {
    "AWS/RDS": ("DBInstanceIdentifier",),
    "AWS/ElastiCache": ("CacheClusterId", "CacheNodeId"),
}
_ELASTICACHE = {
    "EngineCPUUtilization": "Average",
    "DatabaseMemoryUsagePercentage": "Maximum",
    "Evictions": "Sum",
    "CurrConnections": "Maximum",
    "ReplicationLag": "Maximum",
    "SwapUsage": "Maximum",
}


def cloudwatch_exporter(settings: Settings) -> ServerSpec:
    """The exporter."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    return ServerSpec(
        workload=_workload(settings),
        scrape=(server_job(NAME, _HTTP),),
        edges=(
            scraped(me, _HTTP.number),
            *to_aws(me, settings.network.aws_range),
        ),
        # None of these has a form for single resources.
        permissions=(
            Permission(
                actions=("cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "tag:GetResources"),
                resources=("*",),
            ),
        ),
    )


def asked_for() -> Mapping[str, Mapping[str, str]]:
    """Metrics with their statistic, by CloudWatch's namespace."""
    return {"AWS/RDS": _RDS, "AWS/ElastiCache": _ELASTICACHE}


def metrics_of(*, databases: int, cache_nodes: int) -> int:
    """How many metrics it asks CloudWatch for, each time."""
    return databases * len(_RDS) + cache_nodes * len(_ELASTICACHE)


def _workload(settings: Settings) -> WorkloadSpec:
    main = ConfigFile(name="config.yml", text=dumped(_config(settings)))
    return exporter(
        NAME,
        settings,
        port=_HTTP,
        in_go=True,
        resources=Resources(cpu="25m", memory="64Mi", memory_limit="128Mi"),
        health="/healthz",
        args=(
            f"--config.file={_CONFIG}/config.yml",
            f"--listen-address=:{_HTTP.number}",
            f"--scraping-interval={_PERIOD_SECONDS}",
        ),
        config=(FileMount(name="cloudwatch-exporter-config", path=_CONFIG, files=(main,)),),
    )


def _config(settings: Settings) -> Mapping[str, Any]:
    jobs = [_job(kind, metrics, settings) for kind, metrics in asked_for().items()]
    return {"apiVersion": "v1alpha1", "discovery": {"jobs": jobs}}


def _job(kind: str, metrics: Mapping[str, str], settings: Settings) -> Mapping[str, Any]:
    tags = identifying_tags(settings)
    return {
        "type": kind,
        "regions": [settings.region],
        "searchTags": [{"key": key, "value": f"^{value}$"} for key, value in tags.items()],
        # Tags do not limit this: CloudWatch has sums over classes, engines and the whole account too.
        "dimensionNameRequirements": list(_DIMENSIONS[kind]),
        "period": _PERIOD_SECONDS,
        "length": _PERIOD_SECONDS,
        "metrics": [
            {"name": name, "statistics": [statistic], "nilToZero": False}
            for name, statistic in metrics.items()
        ],
    }
