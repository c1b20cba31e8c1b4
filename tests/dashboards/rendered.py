"""The dashboards of stacks, read back from their files."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from config.settings import Settings, load
from model.dashboards import dashboards
from model.plan import build_plan
from model.rules import rule_groups

STACKS = [(environment, tier) for environment in ("dev", "staging", "prod") for tier in ("current", "2year")]
FOLDER = "grafana/dashboards/"


def settings(environment: str, tier: str = "current") -> Settings:
    """An environment's settings at a tier."""
    return load({"tier": tier, "neo4j": {"acceptLicense": True}}, stack=environment)


@cache
def files(environment: str, tier: str) -> Mapping[str, str]:
    """The dashboards' files of a plan by uid."""
    found = build_plan(settings(environment, tier)).observability.files
    return {
        path.removeprefix(FOLDER).removesuffix(".json"): text
        for path, text in found.items()
        if path.startswith(FOLDER)
    }


def documents(environment: str, tier: str = "current") -> Mapping[str, Any]:
    """The same, parsed."""
    return {uid: json.loads(text) for uid, text in files(environment, tier).items()}


@cache
def jobs(environment: str, tier: str = "current") -> frozenset[str]:
    """What the stack scrapes."""
    plan = build_plan(settings(environment, tier))
    named = (job.name for server in plan.servers for job in server.scrape)
    scraped = next(server for server in plan.servers if server.workload.name == "prometheus")
    text = scraped.workload.config[0].files[0].text
    return frozenset({*named, *(line.split()[-1] for line in text.splitlines() if "job_name:" in line)})


def again(environment: str, tier: str = "current") -> Mapping[str, str]:
    """The dashboards made anew, with whatever was patched meanwhile."""
    wanted, scraped = settings(environment, tier), jobs(environment, tier)
    return dashboards(wanted, rule_groups(wanted, scraped), scraped)


def panels(document: Any) -> list[Any]:
    """The panels without headings."""
    return [panel for panel in document["panels"] if panel["type"] != "row"]


def titled(document: Any, english: str) -> Any:
    """The panel with an English title."""
    return next(panel for panel in panels(document) if panel["title"].endswith(f"· {english}"))


def targets(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every panel with each of its queries."""
    for panel in panels(document):
        for target in panel["targets"]:
            yield panel, target


def properties(panel: Any, what: str) -> dict[str, Any]:
    """A property of single series, by their name."""
    return {
        each["matcher"]["options"]: written["value"]
        for each in panel["fieldConfig"]["overrides"]
        for written in each["properties"]
        if written["id"] == what
    }
