"""The words that dashboards are written in: frozen values, before any JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from model.dashboards.names import Name
from model.dashboards.units import Unit

Kind = Literal["timeseries", "bargauge", "stat", "status-history", "table"]
Quantile = Literal["p50", "p95", "p99"]
Mood = Literal["good", "warning", "bad", "neutral"]


@dataclass(frozen=True)
class Title:
    """What a panel is called, in both languages."""

    korean: str
    english: str

    @property
    def text(self) -> str:
        """Both."""
        return f"{self.korean} · {self.english}"


@dataclass(frozen=True)
class Query:
    """PromQL and what its series are called: `{{label}}` is the value of a label."""

    expr: str
    legend: str
    mood: Mood | None = None
    """What its one series says by itself, or neutral: one beside the others, such as their sum."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where a value turns bad. The figures stand in the tables of alerts and objectives only."""

    alerts: tuple[str, ...] = ()
    """Alerts over the same figure: each threshold is a step."""
    latency: Quantile | None = None
    """The objective of each job, the loosest of its kinds of requests."""
    agreement: bool = False
    """What each service's SLA tier promises, by the name of the agreement."""
    objective: tuple[str, str, Quantile] | None = None
    """The latency objective of one kind of request: service, kind, quantile."""
    of_token_budget: bool = False
    """The panel shows a share of the budget of tokens; the alert watches tokens."""


@dataclass(frozen=True)
class Meaning:
    """What a value says in words."""

    text: str
    mood: Mood


@dataclass(frozen=True)
class Column:
    """A column of a table: the label, or `Value`, and its heading."""

    source: str
    heading: str
    unit: Unit = "none"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel. Without any of its queries' series it does not exist."""

    title: Title
    kind: Kind
    unit: Unit
    queries: tuple[Query, ...]
    good: str
    """What good looks like."""
    runbook: str
    """The alert whose page says what to do."""
    to: Name
    """The dashboard to look at next."""
    lists: tuple[str, ...] = ()
    """Points of the requirements' list (section 5) that it shows, by key."""
    limits: Limits = Limits()
    width: int = 12
    height: int = 7
    minimum: float | None = None
    maximum: float | None = None
    stacked: bool = False
    meanings: Mapping[int, Meaning] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    sorted_by: str | None = None
    """The column whose greatest value stands on top."""
    nothing: str | None = None
    """What stands there when no series is the good case."""


@dataclass(frozen=True)
class Row:
    """Panels from left to right under a heading; the first row of a dashboard may have none."""

    title: Title | None
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Board:
    """One dashboard."""

    name: Name
    about: str
    rows: tuple[Row, ...]
    since: str = "now-6h"

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Every panel in its order."""
        return tuple(panel for row in self.rows for panel in row.panels)
