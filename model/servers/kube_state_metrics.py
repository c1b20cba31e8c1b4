"""kube-state-metrics: what the Kubernetes API knows of pods, autoscalers, volumes and nodes.

It lists exactly what its role lists: no Secret and no ConfigMap.
"""

from config.settings import Settings
from model.container import HttpProbe, Port, Probes, Resources
from model.reach import Namespace, Peer, scraped, to_kubernetes
from model.scrape import METRICS_PORT, pod_job
from model.servers.exporter import exporter
from model.spec import Access, Rule, ServerSpec, WorkloadSpec

NAME = "kube-state-metrics"
_HTTP = Port(name=METRICS_PORT, number=8080)
_SELF = Port(name="telemetry", number=8081)
# API group to the kinds that it reports.
_KINDS = {
    "": (
        "namespaces",
        "nodes",
        "persistentvolumeclaims",
        "persistentvolumes",
        "pods",
        "resourcequotas",
        "services",
    ),
    "apps": ("daemonsets", "deployments", "replicasets", "statefulsets"),
    "autoscaling": ("horizontalpodautoscalers",),
    "batch": ("jobs",),
    "networking.k8s.io": ("ingresses",),
    "policy": ("poddisruptionbudgets",),
}


def kube_state_metrics(settings: Settings) -> ServerSpec:
    """The exporter."""
    me = Peer(namespace=Namespace.MONITORING, app=NAME)
    return ServerSpec(
        workload=_workload(settings),
        # No pod and namespace of its own: its series have those of what they tell of.
        scrape=(pod_job(NAME, NAME, Namespace.MONITORING, METRICS_PORT, labels=()),),
        edges=(
            scraped(me, _HTTP.number),
            *to_kubernetes(me, settings.network.cidr, settings.cluster.service_cidr),
        ),
    )


def _workload(settings: Settings) -> WorkloadSpec:
    kinds = sorted(kind for group in _KINDS.values() for kind in group)
    return exporter(
        NAME,
        settings,
        port=_HTTP,
        in_go=True,
        resources=Resources(cpu="20m", memory="64Mi", memory_limit="256Mi"),
        health="/livez",
        ports=(_HTTP, _SELF),
        # It is ready when it has read everything, and says so beside its figures.
        probes=Probes(
            readiness=HttpProbe(path="/readyz", port=_SELF.name),
            liveness=HttpProbe(path="/livez", port=_HTTP.name, period=20),
        ),
        args=(
            f"--port={_HTTP.number}",
            f"--telemetry-port={_SELF.number}",
            f"--resources={','.join(kinds)}",
            # The label by which rules know a workload.
            "--metric-labels-allowlist=pods=[app],deployments=[app],statefulsets=[app]",
        ),
        access=Access(
            cluster=tuple(
                Rule(api_groups=(group,), resources=listed, verbs=("list", "watch"))
                for group, listed in _KINDS.items()
            )
        ),
    )
