"""Decides the monitoring stack: its servers, what the log sinks need, and the generated files."""

from collections.abc import Iterable
from dataclasses import replace

from config.data import tier
from config.settings import Settings
from model.buckets import key_alias
from model.dashboards import dashboards
from model.rules import rule_groups
from model.servers import servers
from model.servers.grafana_content import through_api, with_content
from model.servers.prometheus import prometheus, scrape_jobs
from model.sinks import sinks_of
from model.sizes import told_memory
from model.slices import LogGroupSpec, ObservabilityPlan, WorkspaceSpec
from model.spec import ServerSpec

_WORKSPACE_DAYS = 150


def observability_plan(settings: Settings, scraped: Iterable[ServerSpec]) -> ObservabilityPlan:
    """The monitoring stack, which also watches the servers of `scraped`."""
    others = servers(settings)
    jobs = scrape_jobs((*others, *scraped))
    names = {job.name for job in jobs}
    groups = rule_groups(settings, names)
    boards = dashboards(settings, groups, names)
    made = (*with_content(others, settings, boards), prometheus(settings, jobs, groups))
    every = tuple(replace(server, workload=told_memory(server.workload)) for server in made)
    return ObservabilityPlan(
        servers=every,
        log_groups=tuple(group for sink in sinks_of(settings) for group in sink.log_groups(settings)),
        buckets=tuple(bucket for server in every for bucket in server.buckets),
        bucket_key_alias=key_alias(settings),
        workspace=_workspace(settings),
        grafana_content=through_api(settings, boards),
        files=_files(every) | {f"grafana/dashboards/{uid}.json": text for uid, text in boards.items()},
    )


def _workspace(settings: Settings) -> WorkspaceSpec | None:
    if not tier(settings.tier).workspace:
        return None
    alias = f"axiom-{settings.environment}"
    group = LogGroupSpec(
        name=f"/aws/vendedlogs/prometheus/{alias}/workspace", retention_days=settings.retention.logs_days
    )
    return WorkspaceSpec(alias=alias, keep_days=_WORKSPACE_DAYS, log_group=group)


def _files(every: Iterable[ServerSpec]) -> dict[str, str]:
    """What the servers mount, by path in a rendered tree; in place of a token stands whose it is."""
    found: dict[str, str] = {}
    for server in every:
        name = server.workload.name
        for mount in server.workload.config:
            if mount.folder is None:
                continue
            found |= {f"{name}/{mount.folder}{file.name}": file.text for file in mount.files}
            if mount.account:
                found[f"{name}/{mount.folder}{mount.account}/token"] = f"<token of the account {name}>\n"
    return found
