"""What the load of a tier causes: requests, logs, spans, series; all of it assumed ratios times pods.

The ratios and their reasons stand in `config/capacity.yaml`.
"""

from collections.abc import Iterable, Sequence

from config.capacity import assumptions
from config.data import tier
from config.settings import Settings
from model.nodes import Nodes
from model.scrape import SCRAPE_INTERVAL, service_jobs, service_ports
from model.series import of_container, of_target
from model.slices import Load
from model.spec import ScrapeJob, ServerSpec

DAY = 86400


def peak_requests(settings: Settings) -> float:
    """Requests a second in the busiest hour."""
    given, promised = assumptions(), tier(settings.tier)
    return promised.requests_per_day * given.promise[settings.environment] / DAY * given.load.peak_factor


def load_of(settings: Settings, servers: Iterable[ServerSpec]) -> Load:
    """The load of a stack that has these servers."""
    given, promised, listed = assumptions(), tier(settings.tier), tuple(servers)
    ratios, share = given.load, given.promise[settings.environment]
    per_day = promised.requests_per_day * share
    peak = peak_requests(settings)
    nodes = Nodes.of([server.workload for server in listed], promised.nodes)
    pods = {most: sum(nodes.pods(server.workload, most=most) for server in listed) for most in (False, True)}
    series = {most: _series(listed, nodes, promised.users * share, most=most) for most in (False, True)}
    background = ratios.log_lines_per_pod_second * ratios.log_bytes_per_line
    of_request = ratios.log_lines_per_request * ratios.log_bytes_per_line
    active = _usual(series[False], series[True])
    return Load(
        users=promised.users,
        requests_per_day=promised.requests_per_day,
        share=share,
        requests_per_second=per_day / DAY,
        peak_requests_per_second=peak,
        logs_gigabytes_per_day=(per_day * of_request + DAY * _usual(pods[False], pods[True]) * background)
        / 1e9,
        peak_log_bytes_per_second=peak * of_request + pods[True] * background,
        peak_spans_per_second=peak * ratios.spans_per_request,
        peak_events_per_second=peak * ratios.events_per_request,
        tokens_per_day=per_day * ratios.tokens_per_request,
        active_series=active,
        most_series=series[True] * given.prometheus.churn_factor,
        samples_per_second=_samples(listed, nodes, active),
    )


def _usual(least: float, most: float) -> float:
    """A figure most of the time: that at the minimum, and now and then that at the maximum."""
    share = assumptions().load.scaled_share
    return least * (1 - share) + most * share


def _series(servers: Sequence[ServerSpec], nodes: Nodes, users: float, *, most: bool) -> float:
    """Series with all autoscalers at one end of their range."""
    given = assumptions().series
    found = given.of_traces + given.per_node * float(nodes.most if most else nodes.least)
    for server in servers:
        workload = server.workload
        pods = nodes.pods(workload, most=most)
        of_users = users * given.per_user_and_pod if workload.name in service_ports() else 0
        found += pods * (given.per_pod + (1 + len(workload.sidecars)) * of_container() + of_users)
        found += sum(_targets(job, pods) * of_target(job.name) for job in _jobs(server))
    return found


def _targets(job: ScrapeJob, pods: float) -> float:
    return pods if job.targets is None else job.targets


def _jobs(server: ServerSpec) -> tuple[ScrapeJob, ...]:
    """The jobs that scrape a server: its own, and Prometheus' for the services."""
    service = service_ports().get(server.workload.name)
    named = tuple(job for job in service_jobs() if service and job.name == service.job)
    return (*server.scrape, *named)


def _samples(servers: Sequence[ServerSpec], nodes: Nodes, active: float) -> float:
    """Samples a second: every series once an interval, and those of quick jobs more often."""
    usual = _seconds(SCRAPE_INTERVAL)
    extra = 0.0
    for server in servers:
        for job in _jobs(server):
            interval = _seconds(job.config.get("scrape_interval", SCRAPE_INTERVAL))
            pods = _usual(*(nodes.pods(server.workload, most=most) for most in (False, True)))
            extra += _targets(job, pods) * of_target(job.name) * (1 / interval - 1 / usual)
    return active / usual + extra


def _seconds(interval: str) -> float:
    return float(interval.removesuffix("s"))
