"""The servers of the monitoring stack, and what they need in AWS."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.buckets import Buckets, BucketsArgs
from components.grafana_content import GrafanaContent, GrafanaContentArgs
from components.log_groups import LogGroups, LogGroupsArgs
from components.metrics_workspace import MetricsWorkspace, MetricsWorkspaceArgs
from components.secret_files import SecretValues
from config.secrets import SecretKey
from model.late import Late
from model.slices import Plan
from stacks.platform import Platform
from stacks.pods import deploy_servers
from stacks.providers import grafana_provider
from stacks.stores import Stores


@dataclass(frozen=True, kw_only=True)
class Observability:
    """Where the servers answer, by their names, and where logs and blocks go in AWS."""

    addresses: Mapping[str, str]
    log_groups: list[pulumi.Output[str]]
    buckets: list[pulumi.Output[str]]


def deploy_observability(
    plan: Plan, platform: Platform, stores: Stores, secrets: SecretValues
) -> Observability:
    """Make the monitoring stack."""
    wanted = plan.observability
    late = {**stores.late, **_workspace(plan, platform)}
    _grafana_content(plan, secrets)
    return Observability(
        log_groups=_log_groups(plan, platform),
        buckets=_buckets(plan, platform),
        addresses=deploy_servers(
            wanted.servers, plan, platform, late=late, secrets=secrets, after=(stores.ready,)
        ),
    )


def _log_groups(plan: Plan, platform: Platform) -> list[pulumi.Output[str]]:
    groups = plan.observability.log_groups
    if not groups:
        return []
    args = LogGroupsArgs(groups=groups, key_arn=platform.log_key_arn)
    return LogGroups("application-logs", args, platform.aws_options).names


def _buckets(plan: Plan, platform: Platform) -> list[pulumi.Output[str]]:
    args = BucketsArgs(
        buckets=plan.observability.buckets,
        key_alias=plan.observability.bucket_key_alias,
        account_id=platform.account_id,
        protected=plan.platform.volumes_retained,
    )
    return Buckets("buckets", args, platform.aws_options).names


def _grafana_content(plan: Plan, secrets: SecretValues) -> None:
    spec = plan.observability.grafana_content
    if spec is None:
        return
    provider = grafana_provider(spec.url, secrets[SecretKey.GRAFANA_API_TOKEN])
    GrafanaContent(
        "grafana-content", GrafanaContentArgs(spec=spec), pulumi.ResourceOptions(providers=[provider])
    )


def _workspace(plan: Plan, platform: Platform) -> Mapping[Late, pulumi.Input[str]]:
    spec = plan.observability.workspace
    if spec is None:
        return {}
    args = MetricsWorkspaceArgs(
        spec=spec,
        account_id=platform.account_id,
        log_key_arn=platform.log_key_arn,
        protected=plan.platform.volumes_retained,
    )
    return {Late.METRICS_WORKSPACE: MetricsWorkspace("metrics", args, platform.aws_options).endpoint}
