"""Prices of LLMs as recorded series, so that PromQL can multiply tokens by them."""

from collections.abc import Iterator

from config.llm_prices import llm_prices
from model.rules.shapes import RecordingRule

SERIES = "model_direction:llm_price:usd"
_TOKENS = 1_000_000


def price_rules() -> Iterator[RecordingRule]:
    """USD for one token of each model and direction."""
    for model, price in llm_prices().models.items():
        for direction, dollars in price.model_dump().items():
            labels = {"model": model, "direction": direction}
            yield RecordingRule(record=SERIES, expr=f"vector({dollars / _TOKENS:g})", labels=labels)
