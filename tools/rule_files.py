"""The rendered rule files of a stack, and what has to be there before they are evaluated."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from model.rules.promql import parsed, selections
from model.scrape import SCRAPE_INTERVAL
from model.yamltext import dumped
from tools.rule_inline import Recording, is_recorded
from tools.rule_series import HOUR, Need, Series

_FOLDER = "prometheus/rules/"
_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Rule:
    """A rule with its group's name and interval; `name` is what it records or alerts."""

    group: str
    interval: int
    """Seconds."""
    name: str
    expr: str
    labels: Mapping[str, str]
    records: bool


def rule_texts(files: Mapping[str, str]) -> Mapping[str, str]:
    """The rule files among the files of a stack, by their bare names."""
    return {path.removeprefix(_FOLDER): text for path, text in files.items() if path.startswith(_FOLDER)}


def rules_of(texts: Iterable[str]) -> tuple[Rule, ...]:
    """Every rule, in the order in which its group evaluates it."""
    groups = (group for text in texts for group in yaml.safe_load(text)["groups"])
    return tuple(
        Rule(
            group=group["name"],
            interval=seconds(group.get("interval", SCRAPE_INTERVAL)),
            name=rule.get("record") or rule["alert"],
            expr=rule["expr"],
            labels=rule.get("labels", {}),
            records="record" in rule,
        )
        for group in groups
        for rule in group["rules"]
    )


def hurried(text: str) -> str:
    """A rule file whose groups are all evaluated as often as the quickest."""
    document = yaml.safe_load(text)
    return dumped({"groups": [{**group, "interval": SCRAPE_INTERVAL} for group in document["groups"]]})


def needs(rules: Iterable[Rule]) -> Mapping[str, Need]:
    """What each selected name needs; behind it the longest range, and at least an hour."""
    found: dict[str, Need] = {}
    for rule in rules:
        for each in selections(parsed(rule.expr)):
            before = found.get(each.name, Need(HOUR, {}))
            named = dict(before.named)
            for label, value in each.equal.items():
                named[label] = tuple(dict.fromkeys((*named.get(label, ()), value)))
            found[each.name] = Need(max(before.history, int(each.seconds or 0)), named)
    return found


def recordings(rules: Iterable[Rule]) -> Mapping[str, Sequence[Recording]]:
    """What stands behind each recorded name."""
    found: dict[str, list[Recording]] = {}
    for rule in rules:
        if rule.records:
            found.setdefault(rule.name, []).append(Recording(rule.expr, rule.labels, rule.interval))
    return found


def recorded_series(rules: Sequence[Rule]) -> Iterator[Series]:
    """Recorded series that some rule reads over a range: what lies behind them already."""
    ranged = {
        each.name for rule in rules for each in selections(parsed(rule.expr)) if each.seconds is not None
    }
    of = needs(rules)
    for rule in rules:
        if rule.records and rule.name in ranged and is_recorded(rule.name):
            yield Series(
                labels={"__name__": rule.name, **rule.labels},
                kind="level",
                history=of[rule.name].history,
                step=rule.interval,
                recorded=True,
            )


def seconds(interval: str) -> int:
    """Seconds of an interval of one unit."""
    return int(interval[:-1]) * _UNITS[interval[-1]]
