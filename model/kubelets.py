"""Kubelets: of the containers and volumes of every node, what no pod reports of itself.

They are asked directly, as Prometheus's own account. EKS has their certificates signed by the
cluster's authority, so that they can be verified. What is kept is what the catalogue lists: of all
that they have it is a sixth.
"""

from collections.abc import Iterator
from typing import Any

from config.metrics import exposed_by
from model.relabel import Step, copied, only
from model.spec import Rule, ScrapeJob

PORT = 10250
# The folder with the account's token and the cluster's authority, beside the file: promtool, too, looks
# for the token, and a rendered tree can have one.
ACCOUNT = "account"
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
            _CONTAINERS_ALONE,
            # Its figures bear times of their own: without this, those of a container that is gone stay.
            track_timestamps_staleness=True,
        ),
    )


def _job(name: str, path: str, *steps: Step, **more: Any) -> ScrapeJob:
    config = {
        "job_name": name,
        "scheme": "https",
        "metrics_path": path,
        "authorization": {"credentials_file": f"{ACCOUNT}/token"},
        "tls_config": {"ca_file": f"{ACCOUNT}/ca.crt"},
        "kubernetes_sd_configs": [{"role": "node"}],
        "relabel_configs": [copied(_NODE, "node"), copied(_NODE, "instance")],
        "metric_relabel_configs": [only(_samples(name)), *steps],
        **more,
    }
    return ScrapeJob(name=name, config=config)


def _samples(job: str) -> Iterator[str]:
    """Names of the samples of a job's metrics."""
    for name, metric in exposed_by(job).items():
        yield f"{name}(_bucket|_sum|_count)" if metric.buckets else name
