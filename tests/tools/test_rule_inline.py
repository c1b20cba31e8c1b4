"""Expressions without recorded series select and mean the same."""

from collections.abc import Mapping, Sequence

import pytest

from model.rules.promql import parsed, selections
from tools.rule_inline import NotInlinedError, Recording, inlined

RECORDINGS: Mapping[str, Sequence[Recording]] = {
    "job:requests:rate5m": [Recording("sum by (job) (rate(requests_total[5m]))", {}, 15)],
    "slo:requests:rate5m": [
        Recording("sum(rate(requests_total[5m]))", {"slo": "core", "tier": "1"}, 60),
        Recording("sum(rate(runs_total[5m])) or vector(0)", {"slo": "worker", "tier": "3"}, 60),
    ],
    "slo:share:ratio1h": [Recording("avg_over_time(slo:requests:rate5m[1h]) - 1", {}, 60)],
}
CORE = (
    'label_replace(label_replace(sum(rate(requests_total[5m])), "slo", "core", "", ""), "tier", "1", "", "")'
)
WORKER = (
    "label_replace(label_replace(sum(rate(runs_total[5m])) or vector(0),"
    ' "slo", "worker", "", ""), "tier", "3", "", "")'
)
# An expression, and what it is without recorded series.
ROWS = {
    "up == 0": "up == 0",
    "2 * job:requests:rate5m": "2 * ((sum by (job) (rate(requests_total[5m]))))",
    "slo:requests:rate5m > 1": f"({CORE} or {WORKER}) > 1",
    'slo:requests:rate5m{slo="worker"}': f"({WORKER})",
    'slo:requests:rate5m{tier!~"2|3"}': f"({CORE})",
    'slo:requests:rate5m{tier!="1"}': f"({WORKER})",
    "max_over_time(slo:requests:rate5m[30d])": f"max_over_time(({CORE} or {WORKER})[30d:1m])",
    # What the rule behind does not say of itself, the names that it reads do.
    '3 - slo:share:ratio1h{tier=~"1|2"}': f"3 - ((avg_over_time(({CORE})[1h:1m]) - 1))",
}


@pytest.mark.parametrize("text", ROWS)
def test_a_recorded_name_becomes_what_is_behind_it(text: str) -> None:
    """As a tree: how it is written does not matter."""
    assert parsed(inlined(text, RECORDINGS)).prettify() == parsed(ROWS[text]).prettify()


def test_another_expression_is_told_apart() -> None:
    """The comparison of the test above turns red."""
    planted = ROWS["2 * job:requests:rate5m"].replace("5m", "6m")
    assert parsed(inlined("2 * job:requests:rate5m", RECORDINGS)).prettify() != parsed(planted).prettify()


def test_what_is_selected_is_scraped() -> None:
    """Through two layers of recorded series."""
    found = selections(parsed(inlined("slo:share:ratio1h / job:requests:rate5m", RECORDINGS)))
    assert {each.name for each in found} == {"requests_total", "runs_total"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("slo:other:rate5m", "nothing records slo:other:rate5m"),
        ("max_over_time(slo:other:rate5m[1h])", "nothing records slo:other:rate5m"),
        ('slo:requests:rate5m{slo="weaver"}', "nothing records"),
        # The label of the sum is not that of what is summed.
        ('job:requests:rate5m{job="core"}', "requests_total is scraped"),
    ],
)
def test_what_has_nothing_behind_it_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotInlinedError, match=why):
        inlined(text, RECORDINGS)
