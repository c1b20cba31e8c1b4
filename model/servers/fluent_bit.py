"""Fluent Bit: reads every container's lines on its node and sends them to the stack's sinks.

Settings and traps: docs.fluentbit.io, 5.1. Offsets and buffers lie on the node, so that a restart
loses nothing; retries end only where the disk's share ends; readiness, not liveness, follows the
sinks, or a dead sink would restart every agent.
"""

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
from model.servers import records
from model.servers.log_pipeline import HTTP_PORT, LOGS, NAME, RECORDS_PORT, STATE, pipeline
from model.sinks import sinks_of
from model.sinks.sink import SCRIPT, AgentNeeds
from model.spec import Access, Rule, ServerSpec, WorkloadSpec
from model.yamltext import dumped

_CONFIG, _, _SCRIPT = SCRIPT.rpartition("/")
# Lines of the node are root's; of root's rights it has only that of reading them.
_ROOT = 0
_HTTP = Port(name=METRICS_PORT, number=HTTP_PORT)
# What the lines are counted by: docs/logs.md.
_RECORDS = Port(name="records", number=RECORDS_PORT)
_METADATA = Rule(api_groups=("",), resources=("namespaces", "pods"), verbs=("get", "list", "watch"))


def fluent_bit(settings: Settings) -> ServerSpec:
    """The agent, with what each sink needs of it."""
    me = Peer(namespace=Namespace.MONITORING_AGENTS, app=NAME)
    needs = tuple(sink.agent(settings, me) for sink in sinks_of(settings))
    return ServerSpec(
        workload=_workload(settings, needs),
        scrape=(
            pod_job(NAME, NAME, Namespace.MONITORING_AGENTS, METRICS_PORT, path="/api/v2/metrics/prometheus"),
            pod_job(f"{NAME}-records", NAME, Namespace.MONITORING_AGENTS, _RECORDS.name),
        ),
        edges=(
            scraped(me, _HTTP.number),
            scraped(me, _RECORDS.number),
            *to_kubernetes(me, settings.network.cidr, settings.cluster.service_cidr),
            *(edge for need in needs for edge in need.edges),
        ),
        permissions=tuple(permission for need in needs for permission in need.permissions),
    )


def _workload(settings: Settings, needs: tuple[AgentNeeds, ...]) -> WorkloadSpec:
    main = ConfigFile(name="fluent-bit.yaml", text=dumped(pipeline([need.output for need in needs], SCRIPT)))
    script = ConfigFile(name=_SCRIPT, text=records.script(need.script for need in needs if need.script))
    return WorkloadSpec(
        name=NAME,
        component="logs",
        kind="DaemonSet",
        namespace=Namespace.MONITORING_AGENTS,
        image=image(NAME, settings.images),
        user=_ROOT,
        ports=(_HTTP, _RECORDS),
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
        config=(FileMount(name="fluent-bit-config", path=_CONFIG, files=(main, script)),),
        access=Access(cluster=(_METADATA,)),
        # Longer than its own grace, in which it empties its buffers.
        grace_seconds=60,
        host=HostAccess(
            mounts=(
                HostMount(name="logs", path=LOGS, mount_path=LOGS),
                HostMount(name="state", path=STATE, mount_path=STATE, writable=True),
            ),
            capabilities=("DAC_READ_SEARCH",),
        ),
    )
