"""Kubelets: of the containers and volumes of every node, what no pod reports of itself.

They are asked directly, as Prometheus's own account. EKS has their certificates signed by the
cluster's authority, so that they can be verified.
"""

from typing import Any

from model.relabel import Step, copied
from model.spec import Rule, ScrapeJob

PORT = 10250
# Where a pod finds its account's token and the cluster's authority.
ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
RIGHTS = (
    Rule(api_groups=("",), resources=("nodes",), verbs=("get", "list", "watch")),
    # What the kubelet has the API server decide; `nodes/proxy` would open its commands too.
    Rule(api_groups=("",), resources=("nodes/metrics",), verbs=("get",)),
)
_NODE = "__meta_kubernetes_node_name"
# cAdvisor adds up each pod, and each cgroup above it: of what containers use, their own rows are enough.
_CONTAINERS_ALONE: Step = {
    "source_labels": ["__name__", "container"],
    "regex": "container_(cpu|memory|oom|spec|fs)_.*;",
    "action": "drop",
}


def kubelet_jobs() -> tuple[ScrapeJob, ...]:
    """Two of one address: the kubelet's own figures with those of volumes, and the containers'."""
    return (
        _job("kubelet", "/metrics"),
        _job(
            "cadvisor",
            "/metrics/cadvisor",
            # Its figures bear times of their own: without this, those of a container that is gone stay.
            track_timestamps_staleness=True,
            metric_relabel_configs=[_CONTAINERS_ALONE],
        ),
    )


def _job(name: str, path: str, **more: Any) -> ScrapeJob:
    config = {
        "job_name": name,
        "scheme": "https",
        "metrics_path": path,
        "authorization": {"credentials_file": f"{ACCOUNT_PATH}/token"},
        "tls_config": {"ca_file": f"{ACCOUNT_PATH}/ca.crt"},
        "kubernetes_sd_configs": [{"role": "node"}],
        "relabel_configs": [copied(_NODE, "node"), copied(_NODE, "instance")],
        **more,
    }
    return ScrapeJob(name=name, config=config)
