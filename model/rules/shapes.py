"""The shape of a rule file of `config/alerts`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from config.section import Section


class Labels(Section):
    """Labels that an alert is written with; its SLA tier and team follow."""

    severity: Literal["critical", "warning", "info"]
    service: str
    job: str | None = None
    """Written where the expression keeps none."""
    window: str | None = None
    """What tells rules of one name apart that may fire together: without it their alerts would be one."""


class Annotations(Section):
    """What people read: the summary and first action in Korean, the rest in English."""

    summary: str
    description: str
    action: str
    runbook: str | None = None


class AlertRule(Section):
    """An alert, in Prometheus's own words."""

    alert: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]+$")]
    expr: str
    for_: Annotated[str | None, Field(alias="for")] = None
    labels: Labels
    annotations: Annotations


class RecordingRule(Section):
    """A recorded series, named level:metric:operations."""

    record: Annotated[str, Field(pattern=r"^[a-z_]+:[a-z0-9_]+:[a-z0-9_]+$")]
    expr: str
    labels: Mapping[str, str] = {}


class RuleGroup(Section):
    """Rules that are evaluated one after another."""

    interval: str | None = None
    dashboard: str = "axiom-overview"
    """Uid of the dashboard that a message about them links to."""
    rules: tuple[AlertRule | RecordingRule, ...]
