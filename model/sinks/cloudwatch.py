"""CloudWatch Logs, in groups that the program owns: only those expire and have our key.

Grafana's way from a trace to its logs knows no CloudWatch, so it is a correlation of the data
sources; `$` is doubled in provisioned files, where Grafana expands variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from config.logs import log_contract
from config.scalars import SinkName
from config.settings import Settings
from model.reach import Peer, to_aws
from model.sinks.sink import TAG, AgentNeeds, Exploration, TraceExport, buffer_size
from model.slices import LogGroupSpec
from model.spec import Permission, ServerSpec

NAME = "cloudwatch"
_HOUR_MILLISECONDS = 3_600_000


@dataclass(frozen=True)
class CloudWatch:
    """The sink."""

    name: SinkName = SinkName.CLOUDWATCH
    page_time: str = ""

    def servers(self, settings: Settings) -> tuple[ServerSpec, ...]:
        return ()

    def log_groups(self, settings: Settings) -> tuple[LogGroupSpec, ...]:
        return (LogGroupSpec(name=_group(settings), retention_days=settings.retention.logs_days),)

    def agent(self, settings: Settings, agent: Peer) -> AgentNeeds:
        # Not CreateLogGroup: a group that Fluent Bit made would be nobody's.
        write = Permission(
            actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            resources=(_group_arn(settings), f"{_group_arn(settings)}:*"),
        )
        return AgentNeeds(
            output=_output(settings), edges=to_aws(agent, settings.network.aws_range), permissions=(write,)
        )

    def exploration(self, settings: Settings, grafana: Peer) -> Exploration:
        return Exploration(
            source=_source(settings),
            edges=to_aws(grafana, settings.network.aws_range),
            permissions=_reading(settings),
            from_trace={"correlations": [_logs_of_trace(settings)]},
        )

    def traces(self, settings: Settings) -> TraceExport | None:
        return None

    def page(self, settings: Settings, app: str) -> str | None:
        console = f"https://{settings.region}.console.aws.amazon.com/cloudwatch/home?region={settings.region}"
        group = _in_fragment(_group(settings))
        before, after = map(_in_fragment, ('{ $.app = "', '*" }'))
        search = f"$3FfilterPattern$3D{before}{app}{after}$26start$3D-{_HOUR_MILLISECONDS}"
        return f"{console}#logsV2:log-groups/log-group/{group}/log-events{search}"


def _in_fragment(text: str) -> str:
    """As the console writes a text behind its `#`: escaped twice, with `$` for the sign of escaping."""
    return quote(quote(text, safe=""), safe="").replace("%", "$")


def _group(settings: Settings) -> str:
    return f"/axiom/{settings.environment}/application"


def _group_arn(settings: Settings) -> str:
    return f"arn:aws:logs:{settings.region}:*:log-group:{_group(settings)}"


def _output(settings: Settings) -> Mapping[str, Any]:
    return {
        "name": "cloudwatch_logs",
        "alias": NAME,
        "match": TAG,
        "region": settings.region,
        "log_group_name": _group(settings),
        "log_stream_prefix": "${NODE_NAME}.",
        "auto_create_group": "off",
        "workers": 1,
        "retry_limit": "no_limits",
        "storage.total_limit_size": buffer_size(settings),
    }


def _source(settings: Settings) -> Mapping[str, Any]:
    to_trace = {
        "targetUID": "tempo",
        "label": "Trace",
        "description": "The trace of this line",
        "config": {
            "field": "trace_id",
            "target": {"queryType": "traceql", "query": "$${trace_id}"},
        },
    }
    return {
        "name": "CloudWatch",
        "uid": NAME,
        "type": "cloudwatch",
        "access": "proxy",
        "editable": False,
        "jsonData": {"authType": "default", "defaultRegion": settings.region, "logsTimeout": "30m"},
        "correlations": [to_trace],
    }


def _logs_of_trace(settings: Settings) -> Mapping[str, Any]:
    shown = ", ".join(("@timestamp", *log_contract().shown_by_cloudwatch(), "@message"))
    query = f'fields {shown} | filter trace_id = "$${{traceID}}" | sort @timestamp asc | limit 500'
    return {
        "targetUID": NAME,
        "label": "Logs of this trace",
        "description": "Its lines in CloudWatch",
        "config": {
            "field": "traceID",
            "target": {
                "queryMode": "Logs",
                "region": settings.region,
                # By name: a group's number of account is known only to AWS.
                "logGroupNames": [_group(settings)],
                "expression": query,
            },
        },
    }


def _reading(settings: Settings) -> tuple[Permission, ...]:
    """What the data source asks for; the first have no form for single resources."""
    everywhere = Permission(
        actions=(
            "logs:DescribeLogGroups",
            "logs:StopQuery",
            "cloudwatch:ListMetrics",
            "cloudwatch:GetMetricData",
        ),
        resources=("*",),
    )
    of_group = Permission(
        actions=(
            "logs:GetLogEvents",
            "logs:GetLogGroupFields",
            "logs:GetQueryResults",
            "logs:StartQuery",
        ),
        resources=(_group_arn(settings), f"{_group_arn(settings)}:*"),
    )
    return (everywhere, of_group)
