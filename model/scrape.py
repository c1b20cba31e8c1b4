"""The scrape configuration: the only source of the `job` label."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from config.data import services
from config.tables import Service
from model.container import Port
from model.reach import Namespace
from model.relabel import Step, copied, drop, keep, written
from model.series import samples_limit
from model.spec import PodPort, ScrapeJob

SCRAPE_INTERVAL = "15s"
# The port of an API serves /metrics too: declared once, under the name that scraping keeps.
METRICS_PORT = "metrics"
_POD = "__meta_kubernetes_pod"
_LABEL_LIMITS = {"label_limit": 50, "label_name_length_limit": 128, "label_value_length_limit": 1024}
POD_LABELS = (copied("__meta_kubernetes_namespace", "namespace"), copied(f"{_POD}_name", "pod"))
NODE_LABEL = copied(f"{_POD}_node_name", "node")


def service_jobs() -> tuple[ScrapeJob, ...]:
    """One job for every service that has metrics, whether its pods run or not."""
    return tuple(
        pod_job(service.job, app, Namespace.AXIOM, METRICS_PORT, interval=service.scrape_interval)
        for app, service in services().items()
        if service.job
    )


def service_ports() -> Mapping[str, Service]:
    """The services that are scraped, by label `app`."""
    return {app: service for app, service in services().items() if service.job}


def server_job(name: str, port: Port) -> ScrapeJob:
    """The job of a server of the monitoring stack, which has its own name."""
    return pod_job(name, name, Namespace.MONITORING, port.name)


def pod_job(
    name: str,
    app: str,
    namespace: Namespace,
    port: str,
    *,
    interval: str | None = None,
    path: str = "/metrics",
    labels: Sequence[Step] | None = None,
) -> ScrapeJob:
    """A job over the pods with label `app`, at their container port called `port`.

    Its series say in which pod they arose, or have the labels that `labels` gives instead.
    """
    timing = {"scrape_interval": interval} if interval else {}
    config = {
        "job_name": name,
        **timing,
        "metrics_path": path,
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [str(namespace)]}}],
        "relabel_configs": [
            keep(f"{_POD}_label_app", app),
            # Discovery gives a target for every container port, init containers included.
            keep(f"{_POD}_container_port_name", port),
            drop(f"{_POD}_container_init", "true"),
            drop(f"{_POD}_phase", "Pending|Succeeded|Failed"),
            *(POD_LABELS if labels is None else labels),
        ],
    }
    return ScrapeJob(name=name, config=config, pods=PodPort(namespace=namespace, app=app, port=port))


def probe_job(name: str, module: str, targets: Iterable[str], exporter: str) -> ScrapeJob:
    """A job that has `exporter` look at each target with one of its modules."""
    looked_at = list(targets)
    config = {
        "job_name": name,
        "metrics_path": "/probe",
        "params": {"module": [module]},
        "static_configs": [{"targets": looked_at}],
        "relabel_configs": [
            copied("__address__", "__param_target"),
            copied("__param_target", "instance"),
            written("__address__", exporter),
        ],
    }
    return ScrapeJob(name=name, config=config, targets=len(looked_at))


def scrape_configs(jobs: Iterable[ScrapeJob]) -> Sequence[Mapping[str, Any]]:
    """The text under `scrape_configs`, each job with limits.

    A target beyond them is refused as a whole and counts as down: better than one that takes
    Prometheus with it.

    Raises:
        ValueError: two jobs have one name.
    """
    listed = list(jobs)
    names = [job.name for job in listed]
    if len(set(names)) < len(names):
        raise ValueError(f"two scrape jobs have one name: {sorted(names)}")
    return [{**job.config, "sample_limit": samples_limit(job.name), **_LABEL_LIMITS} for job in listed]
