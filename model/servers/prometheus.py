"""Prometheus: scrapes every target, evaluates every rule.

Settings and traps: prometheus.io, version 3 (retention lives in the file, the flags are
deprecated; exemplars need their feature flag; the file reloads by itself).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from config.data import image, tier
from config.scalars import Disk
from config.settings import Settings
from model.container import Claim, ConfigFile, FileMount, Fixed, HttpProbe, Port, Probes, Resources
from model.disks import disk
from model.kubelets import ACCOUNT, kubelet_jobs
from model.kubelets import PORT as KUBELET_PORT
from model.kubelets import RIGHTS as KUBELET_RIGHTS
from model.late import Late
from model.reach import Namespace, Peer, scraped, to_aws, to_kubernetes
from model.rules import RuleGroup, rule_files
from model.scrape import SCRAPE_INTERVAL, scrape_configs, server_job, service_jobs, service_ports
from model.servers.names import (
    ALERTMANAGER_PORT,
    PROMETHEUS_PORT,
    alertmanager_replicas,
    forwarded,
    peers,
    prometheus_replicas,
)
from model.sinks import logs_page
from model.spec import Access, Permission, Rule, ScrapeJob, ServerSpec, WorkloadSpec
from model.yamltext import dumped

NAME = "prometheus"
_CONFIG = "/etc/prometheus/config"
_RULES = "/etc/prometheus/rules"
_DATA = "/prometheus"
_USER = 65534
_PORT = Port(name="http", number=PROMETHEUS_PORT)
# Blocks go by size before the volume is full; the WAL counts towards the total.
_USABLE_SHARE = 0.8
_DISCOVERY = Rule(api_groups=("",), resources=("pods",), verbs=("get", "list", "watch"))


def scrape_jobs(others: Iterable[ServerSpec]) -> tuple[ScrapeJob, ...]:
    """What it scrapes: the services, whatever `others` declare, the kubelets and itself."""
    return (
        *service_jobs(),
        *(job for server in others for job in server.scrape),
        *kubelet_jobs(),
        server_job(NAME, _PORT),
    )


def prometheus(settings: Settings, jobs: Sequence[ScrapeJob], groups: Mapping[str, RuleGroup]) -> ServerSpec:
    """The server with these jobs and rules."""
    targets = (
        *((Namespace.AXIOM, app, service.http_port) for app, service in service_ports().items()),
        (Namespace.MONITORING, NAME, PROMETHEUS_PORT),
    )
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    edges = tuple(scraped(Peer(namespace=namespace, app=app), port) for namespace, app, port in targets)
    return ServerSpec(
        workload=_workload(settings, jobs, groups),
        scrape=(server_job(NAME, _PORT),),
        edges=(
            *edges,
            scraped(Peer(cidr=settings.network.cidr), KUBELET_PORT),
            *to_kubernetes(me, settings.network.cidr, settings.cluster.service_cidr),
            *to_aws(me, settings.network.aws_range),
        ),
        permissions=(*(found for job in jobs for found in job.permissions), *_permissions(settings)),
    )


def _permissions(settings: Settings) -> tuple[Permission, ...]:
    if not tier(settings.tier).workspace:
        return ()
    workspaces = f"arn:aws:aps:{settings.region}:*:workspace/*"
    # The workspace's number is known only to AWS; the stack's tags are known here.
    mine = {
        "aws:ResourceTag/project": "axiom-monitoring",
        "aws:ResourceTag/environment": settings.environment,
    }
    return (
        Permission(actions=("aps:RemoteWrite",), resources=(workspaces,), condition={"StringEquals": mine}),
    )


def _workload(settings: Settings, jobs: Sequence[ScrapeJob], groups: Mapping[str, RuleGroup]) -> WorkloadSpec:
    size = tier(settings.tier).prometheus
    main = ConfigFile(name="prometheus.yml", text=dumped(_config(settings, scrape_configs(jobs))))
    texts = rule_files(settings, groups, partial(logs_page, settings))
    rules = tuple(ConfigFile(name=name, text=text) for name, text in texts.items())
    return WorkloadSpec(
        name=NAME,
        component="metrics",
        kind="StatefulSet",
        namespace=Namespace.MONITORING,
        image=image(NAME, settings.images),
        user=_USER,
        ports=(_PORT,),
        in_go=True,
        resources=Resources(cpu=size.cpu, memory=size.memory, memory_limit=size.memory_limit),
        replicas=Fixed(prometheus_replicas(settings)),
        probes=Probes(
            # Replaying the log of a big head takes minutes.
            startup=HttpProbe(path="/-/ready", port=_PORT.name, period=10, failures=90),
            readiness=HttpProbe(path="/-/ready", port=_PORT.name, period=5),
            liveness=HttpProbe(path="/-/healthy", port=_PORT.name, period=15),
        ),
        args=(
            f"--config.file={_CONFIG}/prometheus.yml",
            f"--storage.tsdb.path={_DATA}",
            f"--web.external-url={forwarded(PROMETHEUS_PORT)}",
            "--config.auto-reload",
            "--enable-feature=exemplar-storage",
            "--web.enable-remote-write-receiver",
        ),
        pod_fields={"POD_NAME": "metadata.name"},
        config=(
            FileMount(name="prometheus-config", path=_CONFIG, files=(main,), reloads=True, account=ACCOUNT),
            FileMount(name="prometheus-rules", path=_RULES, files=rules, reloads=True, folder="rules/"),
        ),
        claim=_disk(settings),
        access=Access(namespaced=dict.fromkeys(Namespace, (_DISCOVERY,)), cluster=KUBELET_RIGHTS),
        # The head is written out on the way down.
        grace_seconds=300,
        headless=True,
        # Replicas scrape at other instants: a reader that changed between them would see jumps.
        sticky=True,
    )


def _disk(settings: Settings) -> Claim:
    return disk(Disk.PROMETHEUS, _DATA, tier(settings.tier).prometheus.storage_gibibytes, settings)


def kept_gibibytes(settings: Settings) -> int:
    """Size above which the oldest blocks go: `GB` in Prometheus is a power of two."""
    return int(_disk(settings).gibibytes * _USABLE_SHARE)


def _config(settings: Settings, jobs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    size = kept_gibibytes(settings)
    alertmanagers = peers("alertmanager", alertmanager_replicas(settings), ALERTMANAGER_PORT)
    return {
        "global": {
            "scrape_interval": SCRAPE_INTERVAL,
            "evaluation_interval": SCRAPE_INTERVAL,
            "external_labels": {
                "cluster": settings.cluster_name,
                # The pair of labels by which remote storage tells replicas apart.
                "__replica__": "${POD_NAME}",
            },
        },
        "storage": {
            "tsdb": {"retention": {"time": f"{settings.retention.metrics_days}d", "size": f"{size}GB"}},
            "exemplars": {"max_exemplars": 100000},
        },
        "rule_files": [f"{_RULES}/*.yml"],
        "alerting": {
            # Replicas send the same alert: with their label it would be two.
            "alert_relabel_configs": [{"regex": "__replica__", "action": "labeldrop"}],
            # Every Alertmanager by name, never one of them behind a Service.
            "alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}],
        },
        "scrape_configs": list(jobs),
        **_remote_write(settings),
    }


def _remote_write(settings: Settings) -> dict[str, Any]:
    if not tier(settings.tier).workspace:
        return {}
    queue = {"capacity": 10000, "max_shards": 50, "max_samples_per_send": 1000}
    target = {
        "url": f"{Late.METRICS_WORKSPACE}api/v1/remote_write",
        "sigv4": {"region": settings.region},
        "queue_config": queue,
    }
    return {"remote_write": [target]}
