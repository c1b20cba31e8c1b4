"""Panels as Grafana's JSON: fields, options and targets of each kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from model.dashboards.colours import MOODS, of_series
from model.dashboards.grid import Place
from model.dashboards.limits import Steps, Thresholds, greatest_of_series
from model.dashboards.limits import of_series as steps_of_series
from model.dashboards.words import Kind, Panel, Title

# The variable that names the data source: the same panel serves every Prometheus.
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_REFERENCES = "ABCDEFGH"
# The latest value says all; a graph asks for every one.
_AT_ONCE: frozenset[Kind] = frozenset({"bargauge", "stat", "table"})
_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_TOOLTIP = {"mode": "multi", "sort": "desc"}
_OPTIONS: Mapping[Kind, Mapping[str, Any]] = {
    "timeseries": {
        "legend": {
            "calcs": ["lastNotNull", "max"],
            "displayMode": "table",
            "placement": "right",
            "showLegend": True,
        },
        "tooltip": _TOOLTIP,
    },
    "bargauge": {
        "displayMode": "basic",
        "orientation": "horizontal",
        "reduceOptions": _LAST,
        "showUnfilled": True,
        "valueMode": "color",
    },
    "stat": {
        "colorMode": "background_solid",
        "graphMode": "none",
        "justifyMode": "center",
        "orientation": "auto",
        "reduceOptions": _LAST,
        "textMode": "value_and_name",
    },
    "status-history": {
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "rowHeight": 0.9,
        "showValue": "auto",
        "tooltip": _TOOLTIP,
    },
    "table": {"cellHeight": "sm", "showHeader": True},
}


def row(title: Title, place: Place, number: int) -> dict[str, Any]:
    """A heading."""
    return {
        "collapsed": False,
        "gridPos": _grid(place),
        "id": number,
        "panels": [],
        "title": title.text,
        "type": "row",
    }


def panel(
    found: Panel, place: Place, number: int, thresholds: Thresholds, links: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A panel."""
    written = {
        "datasource": SOURCE,
        "description": found.good,
        "fieldConfig": {"defaults": _defaults(found, thresholds), "overrides": _overrides(found)},
        "gridPos": _grid(place),
        "id": number,
        "links": list(links),
        "options": _options(found),
        "targets": _targets(found),
        "title": found.title.text,
        "type": found.kind,
    }
    if found.columns:
        written["transformations"] = [_organised(found)]
    return written


def _grid(place: Place) -> dict[str, int]:
    return {"h": place.h, "w": place.w, "x": place.x, "y": place.y}


def _options(found: Panel) -> Mapping[str, Any]:
    options = _OPTIONS[found.kind]
    if not found.sorted_by:
        return options
    heading = next(column.heading for column in found.columns if column.source == found.sorted_by)
    return {**options, "sortBy": [{"desc": True, "displayName": heading}]}


def _targets(found: Panel) -> list[dict[str, Any]]:
    at_once = found.kind in _AT_ONCE
    return [
        {
            "datasource": SOURCE,
            "editorMode": "code",
            "expr": query.expr,
            "format": "table" if found.kind == "table" else "time_series",
            "instant": at_once,
            "legendFormat": query.legend,
            "range": not at_once,
            "refId": reference,
        }
        for query, reference in zip(found.queries, _REFERENCES, strict=False)
    ]


def _defaults(found: Panel, thresholds: Thresholds) -> dict[str, Any]:
    steps = thresholds.steps(found.limits)
    written: dict[str, Any] = {
        "color": {"mode": _colour_mode(found)},
        "mappings": _mappings(found),
        "thresholds": _steps(steps),
        "unit": found.unit,
    }
    bounds = {"min": found.minimum, "max": found.maximum, "noValue": found.nothing}
    written |= {key: value for key, value in bounds.items() if value is not None}
    if found.kind == "timeseries":
        written["custom"] = {
            "drawStyle": "line",
            "fillOpacity": 60 if found.stacked else 10,
            "lineWidth": 2,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"group": "A", "mode": "normal" if found.stacked else "none"},
            "thresholdsStyle": {"mode": "line" if len(steps) > 1 else "off"},
        }
    if found.kind == "status-history":
        written["custom"] = {"fillOpacity": 80, "lineWidth": 0}
    return written


def _colour_mode(found: Panel) -> str:
    # Series whose names nobody knows beforehand: shades of one colour, by their value.
    return "continuous-blues" if found.kind == "timeseries" else "thresholds"


def _steps(steps: Steps) -> dict[str, Any]:
    written = [{"color": MOODS[mood], "value": _figure(value)} for value, mood in steps]
    return {"mode": "absolute", "steps": written}


def _figure(value: float | None) -> float | None:
    """As people write it: whole numbers without a fraction."""
    return int(value) if value is not None and value == int(value) else value


def _mappings(found: Panel) -> list[dict[str, Any]]:
    options = {
        str(value): {"color": MOODS[meaning.mood], "index": index, "text": meaning.text}
        for index, (value, meaning) in enumerate(found.meanings.items())
    }
    return [{"options": options, "type": "value"}] if options else []


def _overrides(found: Panel) -> list[dict[str, Any]]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    if found.kind == "timeseries":
        for name, colour in of_series(found.queries).items():
            value = {"fixedColor": colour, "mode": "fixed"}
            by_name.setdefault(name, []).append({"id": "color", "value": value})
    for name, steps in steps_of_series(found.limits).items():
        by_name.setdefault(name, []).append({"id": "thresholds", "value": _steps(steps)})
    if found.kind == "bargauge":
        for name, greatest in greatest_of_series(found.limits).items():
            by_name.setdefault(name, []).append({"id": "max", "value": _figure(greatest)})
    for column in found.columns:
        by_name.setdefault(column.heading, []).append({"id": "unit", "value": column.unit})
    return [
        {"matcher": {"id": "byName", "options": name}, "properties": properties}
        for name, properties in sorted(by_name.items())
    ]


def _organised(found: Panel) -> dict[str, Any]:
    """Only these columns, in this order and under these headings."""
    sources = [column.source for column in found.columns]
    return {
        "id": "organize",
        "options": {
            "includeByName": dict.fromkeys(sources, True),
            "indexByName": {source: index for index, source in enumerate(sources)},
            "renameByName": {column.source: column.heading for column in found.columns},
        },
    }
