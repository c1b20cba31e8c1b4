"""The servers of the monitoring stack, and what the log sinks need in AWS."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.log_groups import LogGroups, LogGroupsArgs
from model.slices import Plan
from stacks.platform import Platform
from stacks.pods import Secrets, deploy_workloads
from stacks.stores import Stores


@dataclass(frozen=True, kw_only=True)
class Observability:
    """Where the servers answer, by their names, and where logs go in AWS."""

    addresses: Mapping[str, pulumi.Output[str]]
    log_groups: list[pulumi.Output[str]]


def deploy_observability(plan: Plan, platform: Platform, stores: Stores, secrets: Secrets) -> Observability:
    """Make the monitoring stack."""
    servers = [server.workload for server in plan.observability.servers]
    return Observability(
        log_groups=_log_groups(plan, platform),
        addresses=deploy_workloads(servers, plan, platform, stores, secrets),
    )


def _log_groups(plan: Plan, platform: Platform) -> list[pulumi.Output[str]]:
    groups = plan.observability.log_groups
    if not groups:
        return []
    args = LogGroupsArgs(groups=groups, key_arn=platform.log_key_arn)
    return LogGroups("application-logs", args, platform.aws_options).names
