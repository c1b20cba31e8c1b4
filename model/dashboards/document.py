"""A whole dashboard as Grafana's JSON: variables, annotations, links and panels."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from model.dashboards.colours import MOODS
from model.dashboards.grid import placed
from model.dashboards.limits import Thresholds
from model.dashboards.names import Name
from model.dashboards.panels import SOURCE, panel, row
from model.dashboards.words import Board, Panel, Title

# The newest that is written in this form; Grafana brings older ones up to date by itself.
_SCHEMA = 41
_TAG = "axiom"
_ALL = {"text": "All", "value": "$__all"}
_ON_TIME_CHANGE = 2
_HIDDEN = 2


@dataclass(frozen=True)
class Annotation:
    """Marks on every graph: PromQL, whose series are told in `text`."""

    name: str
    expr: str
    text: str
    colour: str
    value_is_time: bool = False


ANNOTATIONS = (
    # A rollout is a new ReplicaSet; scaling makes none.
    Annotation(
        "배포 · Deploys",
        'kube_replicaset_created{namespace="axiom"} * 1000',
        "{{replicaset}}",
        "#0072B2",
        True,
    ),
    Annotation(
        "알림 · Alerts",
        'ALERTS{alertstate="firing",severity=~"critical|warning"}',
        "{{alertname}} {{service}}",
        MOODS["bad"],
    ),
    Annotation("기능 배포 중단 · Budget freeze", "slo:error_budget_spent:bool == 1", "{{slo}}", "#CC79A7"),
)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a stack knows that dashboards tell."""

    environment: str
    runbooks: str
    """Address of the folder of runbooks."""
    thresholds: Thresholds
    annotations: Sequence[Annotation]


def text(board: Board, jobs: Collection[str], context: Context) -> str:
    """The file: a key or value a line, so that a changed figure is one changed line."""
    document = written(board, jobs, context)
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def written(board: Board, jobs: Collection[str], context: Context) -> dict[str, Any]:
    """The dashboard, whose panels read series of `jobs`."""
    return {
        "annotations": {"list": [_annotation(found) for found in context.annotations]},
        "description": board.about,
        "editable": False,
        "graphTooltip": 1,
        "links": [_menu()],
        "panels": [
            row(what, place, number)
            if isinstance(what, Title)
            else panel(what, place, number, context.thresholds, _links(what, context))
            for number, (what, place) in enumerate(placed(board.rows), 1)
        ],
        "refresh": "1m",
        "schemaVersion": _SCHEMA,
        "tags": [_TAG, context.environment],
        "templating": {"list": variables(jobs, context.environment)},
        "time": {"from": board.since, "to": "now"},
        "timezone": "browser",
        "title": f"Axiom / {board.name.title}",
        "uid": board.name.uid,
    }


def variables(jobs: Collection[str], environment: str) -> list[dict[str, Any]]:
    """Data source, service and job, of which each narrows the next; and the environment, for the menu.

    All of a service's jobs are their names, joined: Grafana puts an `allValue` into queries as it stands,
    so that a service would narrow nothing until a job is chosen too.
    """
    every = "|".join(sorted(jobs))
    # A service's jobs: `core` has axiom-core and axiom-core-worker, `redis` has redis.
    of_service = f'up{{job=~"{every}",job=~"(axiom-)?($service)(-.*)?"}}'
    return [
        {
            "current": {"text": "Prometheus", "value": "prometheus"},
            "label": "데이터 소스 · Data source",
            "name": "datasource",
            "query": "prometheus",
            "refresh": 1,
            "type": "datasource",
        },
        {
            # One Prometheus holds one environment, and no series says which: there is nothing to choose.
            "current": {"text": environment, "value": environment},
            "hide": _HIDDEN,
            "label": "환경 · Environment",
            "name": "environment",
            "query": environment,
            "skipUrlSync": True,
            "type": "constant",
        },
        _query(
            "service", "서비스 · Service", f'label_values(up{{job=~"{every}"}}, job)', "/^(?:axiom-)?([^-]+)/"
        ),
        _query("job", "작업 · Job", f"label_values({of_service}, job)", ""),
    ]


def _query(name: str, label: str, query: str, regex: str) -> dict[str, Any]:
    return {
        "current": _ALL,
        "datasource": SOURCE,
        "definition": query,
        "includeAll": True,
        "label": label,
        "multi": True,
        "name": name,
        "query": query,
        "refresh": _ON_TIME_CHANGE,
        "regex": regex,
        "sort": 1,
        "type": "query",
    }


def _annotation(found: Annotation) -> dict[str, Any]:
    return {
        "datasource": SOURCE,
        "enable": True,
        "expr": found.expr,
        "hide": False,
        "iconColor": found.colour,
        "name": found.name,
        "step": "60s",
        "textFormat": found.text,
        "titleFormat": found.name,
        "useValueForTime": found.value_is_time,
    }


def _menu() -> dict[str, Any]:
    return {
        "asDropdown": True,
        "icon": "external link",
        "includeVars": False,
        "keepTime": True,
        "tags": [_TAG],
        "targetBlank": False,
        "title": "Axiom $environment",
        "tooltip": "다른 대시보드 · Other dashboards",
        "type": "dashboards",
        "url": "",
    }


def _links(found: Panel, context: Context) -> list[dict[str, Any]]:
    return [
        {
            "targetBlank": True,
            "title": f"런북 · Runbook: {found.runbook}",
            "url": f"{context.runbooks}/{found.runbook}",
        },
        {"targetBlank": False, "title": f"다음 · Next: {found.to.title}", "url": path(found.to)},
    ]


def path(name: Name) -> str:
    """Where Grafana shows a dashboard, at the same time and of the same source."""
    return f"/d/{name.uid}?${{__url_time_range}}&${{datasource:queryparam}}"
