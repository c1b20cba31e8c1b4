"""Fluent Bit: reads every container's lines on its node and sends them to the stack's sinks.

Settings and traps: docs.fluentbit.io, 5.1. Offsets and buffers lie on the node, so that a restart
loses nothing; retries end only where the disk's share ends; readiness, not liveness, follows the
sinks, or a dead sink would restart every agent.
"""

from collections.abc import Mapping
from typing import Any

from config.data import image
from config.settings import Settings
from model.container import (
    ConfigFile,
    EveryNode,
    FileMount,
    HostAccess,
    HostMount,
    HttpProbe,
    Port,
    Probes,
    Resources,
)
from model.reach import Namespace, Peer, scraped, to_kubernetes
from model.scrape import METRICS_PORT, pod_job
from model.sinks import sinks_of
from model.sinks.sink import AgentNeeds
from model.spec import Access, Rule, ServerSpec, WorkloadSpec
from model.yamltext import dumped

NAME = "fluent-bit"
_CONFIG = "/fluent-bit/config"
_STATE = "/var/fluent-bit/state"
_LOGS = "/var/log"
# Lines of the node are root's; of root's rights it has only that of reading them.
_ROOT = 0
_HTTP = Port(name=METRICS_PORT, number=2020)
_METADATA = Rule(api_groups=("",), resources=("namespaces", "pods"), verbs=("get", "list", "watch"))


def fluent_bit(settings: Settings) -> ServerSpec:
    """The agent, with what each sink needs of it."""
    me = Peer(namespace=Namespace.MONITORING_AGENTS, app=NAME)
    needs = tuple(sink.agent(settings, me) for sink in sinks_of(settings))
    return ServerSpec(
        workload=_workload(settings, needs),
        scrape=(
            pod_job(NAME, NAME, Namespace.MONITORING_AGENTS, METRICS_PORT, path="/api/v2/metrics/prometheus"),
        ),
        edges=(
            scraped(me, _HTTP.number),
            *to_kubernetes(me, settings.network.cidr, settings.cluster.service_cidr),
            *(edge for need in needs for edge in need.edges),
        ),
        permissions=tuple(permission for need in needs for permission in need.permissions),
    )


def _workload(settings: Settings, needs: tuple[AgentNeeds, ...]) -> WorkloadSpec:
    main = ConfigFile(name="fluent-bit.yaml", text=dumped(_config(needs)))
    return WorkloadSpec(
        name=NAME,
        component="logs",
        kind="DaemonSet",
        namespace=Namespace.MONITORING_AGENTS,
        image=image(NAME, settings.images),
        user=_ROOT,
        ports=(_HTTP,),
        # 64 chunks of 2 MB may lie in memory.
        resources=Resources(cpu="50m", memory="64Mi", memory_limit="256Mi"),
        replicas=EveryNode(),
        probes=Probes(
            readiness=HttpProbe(path="/api/v1/health", port=_HTTP.name),
            liveness=HttpProbe(path="/", port=_HTTP.name, period=30),
        ),
        args=(f"--config={_CONFIG}/fluent-bit.yaml",),
        pod_fields={"NODE_NAME": "spec.nodeName"},
        secret_environment={
            name: secret for need in needs for name, secret in need.secret_environment.items()
        },
        config=(FileMount(name="fluent-bit-config", path=_CONFIG, files=(main,)),),
        access=Access(cluster=(_METADATA,)),
        # Longer than its own grace, in which it empties its buffers.
        grace_seconds=60,
        host=HostAccess(
            mounts=(
                HostMount(name="logs", path=_LOGS, mount_path=_LOGS),
                HostMount(name="state", path=_STATE, mount_path=_STATE, writable=True),
            ),
            capabilities=("DAC_READ_SEARCH",),
        ),
    )


def _config(needs: tuple[AgentNeeds, ...]) -> dict[str, Any]:
    return {
        "service": _service(),
        "pipeline": {
            "inputs": [_input()],
            "filters": [_metadata()],
            "outputs": [dict(need.output) for need in needs],
        },
    }


def _service() -> Mapping[str, Any]:
    return {
        "flush": 1,
        "grace": 30,
        "log_level": "info",
        "http_server": "on",
        "http_listen": "0.0.0.0",  # noqa: S104 - inside the pod
        "http_port": _HTTP.number,
        "health_check": "on",
        "storage.path": f"{_STATE}/buffer",
        "storage.sync": "normal",
        "storage.checksum": "off",
        "storage.max_chunks_up": 64,
        "storage.backlog.mem_limit": "32M",
        "storage.metrics": "on",
        "storage.delete_irrecoverable_chunks": "on",
        # Seconds between retries; the default waits half an hour after a long outage.
        "scheduler.base": 5,
        "scheduler.cap": 60,
    }


def _input() -> Mapping[str, Any]:
    return {
        "name": "tail",
        "alias": "containers",
        "tag": "kube.*",
        "path": f"{_LOGS}/containers/*.log",
        # Its own lines would come back to it for ever.
        "exclude_path": f"{_LOGS}/containers/{NAME}-*.log",
        "multiline.parser": "cri",
        "db": f"{_STATE}/tail-containers.db",
        "db.locking": "true",
        # A pod that started while the agent was away is read from its first line.
        "read_from_head": "true",
        # Without it one long line stops its file.
        "skip_long_lines": "on",
        "buffer_max_size": "1M",
        "refresh_interval": 5,
        "rotate_wait": 30,
        "storage.type": "filesystem",
    }


def _metadata() -> Mapping[str, Any]:
    return {
        "name": "kubernetes",
        "alias": "metadata",
        "match": "kube.*",
        "merge_log": "on",
        "keep_log": "off",
        "k8s-logging.parser": "off",
        "k8s-logging.exclude": "on",
        "labels": "on",
        "annotations": "off",
        # Pods with much metadata are described too.
        "buffer_size": "0",
    }
