"""node-exporter: figures of every node, read from the host."""

from config.data import image
from config.settings import Settings
from model.container import (
    EveryNode,
    HostAccess,
    HostMount,
    HttpProbe,
    Port,
    Probes,
    Resources,
)
from model.reach import Namespace, Peer, scraped
from model.scrape import METRICS_PORT, NODE_LABEL, POD_LABELS, pod_job
from model.spec import ScrapeJob, ServerSpec, WorkloadSpec

NAME = "node-exporter"
_ROOT_MOUNT = "/host/root"
_HTTP = Port(name=METRICS_PORT, number=9100)


def node_exporter(settings: Settings) -> ServerSpec:
    """The agent. It is in the node's network: policies do not hold for it, security groups do."""
    return ServerSpec(
        workload=_workload(settings),
        scrape=(_job(),),
        edges=(scraped(Peer(cidr=settings.network.cidr), _HTTP.number),),
    )


def _job() -> ScrapeJob:
    # With the node by the name that kube-state-metrics and the kubelets give it.
    labels = (*POD_LABELS, NODE_LABEL)
    return pod_job(NAME, NAME, Namespace.MONITORING_AGENTS, METRICS_PORT, labels=labels)


def _workload(settings: Settings) -> WorkloadSpec:
    return WorkloadSpec(
        name=NAME,
        component="exporter",
        kind="DaemonSet",
        namespace=Namespace.MONITORING_AGENTS,
        image=image(NAME, settings.images),
        user=65534,
        ports=(_HTTP,),
        in_go=True,
        resources=Resources(cpu="20m", memory="32Mi", memory_limit="128Mi"),
        replicas=EveryNode(),
        probes=Probes(
            readiness=HttpProbe(path="/", port=_HTTP.name),
            liveness=HttpProbe(path="/", port=_HTTP.name, period=30),
        ),
        args=(
            f"--path.procfs={_ROOT_MOUNT}/proc",
            f"--path.sysfs={_ROOT_MOUNT}/sys",
            f"--path.rootfs={_ROOT_MOUNT}",
            # Volumes of pods are the kubelet's to report.
            "--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|run|var/lib/kubelet/.+)($|/)",
            "--collector.netclass.ignored-devices=^(veth.*|eni.*)$",
            "--collector.netdev.device-exclude=^(veth.*|eni.*)$",
        ),
        host=HostAccess(
            mounts=(HostMount(name="root", path="/", mount_path=_ROOT_MOUNT, propagated=True),),
            network=True,
            process_ids=True,
        ),
    )
