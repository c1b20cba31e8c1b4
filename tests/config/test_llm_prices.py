"""Prices of LLMs, and the series that they become."""

import datetime

import pytest

from config import files
from config.files import DataError
from config.llm_prices import llm_prices
from model.rules.prices import SERIES, price_rules


def test_a_price_is_of_one_token() -> None:
    """A million tokens cost what the table says."""
    found = {(rule.labels["model"], rule.labels["direction"]): rule.expr for rule in price_rules()}
    assert found["gpt-4o", "output"] == "vector(1e-05)"
    assert {rule.record for rule in price_rules()} == {SERIES}
    for model, price in llm_prices().models.items():
        assert float(found[model, "input"][7:-1]) * 1_000_000 == pytest.approx(price.input)


def test_prices_are_dated() -> None:
    """Nobody knows how old a price without a day is."""
    assert datetime.date(2024, 1, 1) < llm_prices().read <= datetime.date(2100, 1, 1)


@pytest.mark.parametrize(
    "found",
    [
        {"read": "2026-01-01", "source": "s", "models": {"m": {"input": -1, "output": 1}}},
        {"read": "2026-01-01", "source": "s", "models": {"m": {"input": 1}}},
        {"source": "s", "models": {}},
    ],
)
def test_a_wrong_table_is_refused(found: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below nothing, one way only, of no day."""
    monkeypatch.setattr(files, "read", lambda _: found)
    with pytest.raises(DataError, match=r"config/llm_prices\.yaml"):
        llm_prices.__wrapped__()
