"""The files are dashboards of Grafana: its own types know every field, and its linter's rules hold.

The types are those of grafana-foundation-sdk. What they do not know is lost when they read a file
and write it again, so both must be alike.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

import pytest
from dashboards.rendered import STACKS, documents, panels, targets
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    FieldColorModeId,
    MappingType,
    ThresholdsMode,
    VariableType,
)

from model.dashboards.names import NAMES
from model.dashboards.units import UNITS

register_default_plugins()
EVERY = [(*stack, name.uid) for stack in STACKS for name in NAMES]
# What the types do not know, with the reason.
UNKNOWN = {
    # An annotation is a query of its data source, whose own fields these are.
    "annotations.list.step",
    "annotations.list.textFormat",
    "annotations.list.titleFormat",
    "annotations.list.useValueForTime",
    # What Grafana writes beside the query when it saves one.
    "templating.list.definition",
}


def lost(document: Any) -> set[str]:
    """Paths of what Grafana's types drop or change, without the numbers of lists."""
    read = Dashboard.from_json(json.loads(json.dumps(document)))
    again = json.loads(JSONEncoder().encode(read))
    return set(_lost(document, again, ""))


def _lost(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key, value in one.items():
            yield from _lost(value, other.get(key, "nothing"), f"{path}.{key}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            yield from _lost(left, right, path)
    elif one != other:
        yield path


@pytest.mark.parametrize(("environment", "tier", "uid"), EVERY)
def test_grafanas_types_know_every_field(environment: str, tier: str, uid: str) -> None:
    """Nothing is lost but what is named above."""
    assert lost(documents(environment, tier)[uid]) <= UNKNOWN


def test_each_exception_is_needed() -> None:
    """A field that the types have learnt leaves the list."""
    assert set.union(*map(lost, documents("prod").values())) == UNKNOWN


@pytest.mark.parametrize(
    ("place", "key", "path"),
    [
        (lambda found: found, "tittle", "tittle"),
        (lambda found: panels(found)[0]["options"], "displayStyle", "panels.options.displayStyle"),
        (lambda found: panels(found)[0]["targets"][0], "expression", "panels.targets.expression"),
        (lambda found: panels(found)[0]["gridPos"], "width", "panels.gridPos.width"),
        (
            lambda found: panels(found)[2]["fieldConfig"]["defaults"]["custom"],
            "lineWeight",
            "panels.fieldConfig.defaults.custom.lineWeight",
        ),
    ],
)
def test_a_planted_field_is_lost(place: Callable[[Any], Any], key: str, path: str) -> None:
    """Of the dashboard, of a panel's options, of a query, of the grid, of a graph."""
    document = documents("prod")["axiom-overview"]
    place(document)[key] = "planted"
    assert path in lost(document)


def known_units() -> set[str]:
    """Every unit that Grafana has by its id."""
    hints = units.__annotations__.values()
    return {value for hint in hints if get_origin(hint) is Literal for value in get_args(hint)}


def test_grafana_has_every_unit() -> None:
    """Those of panels are among its own; a planted one is not."""
    assert known_units() >= UNITS
    assert "parsecs" not in known_units()


WORDS: Mapping[str, tuple[Callable[[Any], Iterator[Any]], set[str]]] = {
    "colours": (
        lambda found: (panel["fieldConfig"]["defaults"]["color"]["mode"] for panel in panels(found)),
        set(FieldColorModeId),
    ),
    "thresholds": (
        lambda found: (panel["fieldConfig"]["defaults"]["thresholds"]["mode"] for panel in panels(found)),
        set(ThresholdsMode),
    ),
    "mappings": (
        lambda found: (
            each["type"] for panel in panels(found) for each in panel["fieldConfig"]["defaults"]["mappings"]
        ),
        set(MappingType),
    ),
    "variables": (lambda found: (each["type"] for each in found["templating"]["list"]), set(VariableType)),
}


@pytest.mark.parametrize("what", WORDS)
def test_grafana_has_every_word(what: str) -> None:
    """Modes and types are of its closed lists, and there are some."""
    read, known = WORDS[what]
    used = {word for document in documents("prod").values() for word in read(document)}
    assert used
    assert used <= known


# Rules of Grafana's dashboard-linter, each as what breaks it. Not taken: `instance` as a variable, since
# pods come and go and no panel is of one. That each query follows `job`, is PromQL and has its labels is
# judged when a stack is planned (model/dashboards/lint.py).
def source_variable(document: Any) -> Iterator[str]:
    """A variable chooses the data source, and its first value is one."""
    first = document["templating"]["list"][0]
    if [first[key] for key in ("type", "name", "query")] != ["datasource", "datasource", "prometheus"]:
        yield "no data source variable"


def job_variable(document: Any) -> Iterator[str]:
    """Jobs are chosen from what the service has.

    The linter wants `.+` for all of them, which Grafana would put into queries as it stands: the chosen
    service would narrow nothing.
    """
    found = next((each for each in document["templating"]["list"] if each["name"] == "job"), {})
    if not (found.get("multi") and found.get("includeAll") and "$service" in found.get("query", "")):
        yield "no job variable"
    if "allValue" in found:
        yield "all jobs are not those of the service"


def environment_is_read(document: Any) -> Iterator[str]:
    """Nobody can choose what filters nothing; the menu says which environment this is."""
    found = next((each for each in document["templating"]["list"] if each["name"] == "environment"), {})
    if (found.get("type"), found.get("hide")) != ("constant", 2):
        yield "a choice of environments"
    if not any(link["title"] == "Axiom $environment" for link in document["links"]):
        yield "nothing reads the environment"


def panels_use_the_variable(document: Any) -> Iterator[str]:
    """No panel and no query names a data source by itself."""
    for panel, target in targets(document):
        if {panel["datasource"]["uid"], target["datasource"]["uid"]} != {"${datasource}"}:
            yield panel["title"]


def panels_have_words_and_units(document: Any) -> Iterator[str]:
    """Titles, descriptions, units and queries."""
    for panel in panels(document):
        if not all((panel["title"], panel["description"], panel["fieldConfig"]["defaults"]["unit"])):
            yield panel["title"]
        if not panel["targets"]:
            yield panel["title"]


def counters_are_added_up(document: Any) -> Iterator[str]:
    """A rate is summed before it is shown, and summed after the rate."""
    for panel, target in targets(document):
        bare = re.search(r"^\s*(rate|increase)\(", target["expr"])
        if bare or re.search(r"(rate|increase)\(\s*sum", target["expr"]):
            yield panel["title"]


def nobody_edits(document: Any) -> Iterator[str]:
    """Changes come from the program."""
    if document["editable"]:
        yield "editable"


def variables_are_read_anew(document: Any) -> Iterator[str]:
    """When the time changes, so does what there is."""
    for found in document["templating"]["list"]:
        if found["type"] == "query" and found["refresh"] != 2:
            yield found["name"]


RULES: Mapping[str, tuple[Callable[[Any], Iterator[str]], Callable[[Any], Any]]] = {
    "source variable": (source_variable, lambda found: found["templating"]["list"].pop(0)),
    "job variable": (job_variable, lambda found: found["templating"]["list"].pop()),
    "all jobs": (job_variable, lambda found: found["templating"]["list"][3].update(allValue=".+")),
    "environment": (
        environment_is_read,
        lambda found: found["templating"]["list"][1].update(type="custom", hide=0),
    ),
    "panels' sources": (
        panels_use_the_variable,
        lambda found: panels(found)[0]["targets"][0].update(datasource={"uid": "prometheus"}),
    ),
    "words and units": (panels_have_words_and_units, lambda found: panels(found)[0].update(description="")),
    "counters": (
        counters_are_added_up,
        lambda found: panels(found)[0]["targets"][0].update(expr="rate(api_requests_total[1m])"),
    ),
    "editing": (nobody_edits, lambda found: found.update(editable=True)),
    "renewal": (variables_are_read_anew, lambda found: found["templating"]["list"][2].update(refresh=1)),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_linters_rule_holds(rule: str) -> None:
    """In every dashboard; and a planted violation is found."""
    check, plant = RULES[rule]
    every = [document for stack in STACKS for document in documents(*stack).values()]
    assert [problem for document in every for problem in check(document)] == []
    plant(every[0])
    assert list(check(every[0]))
