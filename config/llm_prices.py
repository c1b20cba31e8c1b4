"""What LLMs cost, from `llm_prices.yaml`: dated list prices by model."""

import datetime
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import Field, TypeAdapter

from config.files import checked_file
from config.section import Section

Dollars = Annotated[float, Field(ge=0)]


class Price(Section):
    """USD for a million tokens, by their direction."""

    input: Dollars
    output: Dollars


class LlmPrices(Section):
    """The whole file."""

    read: datetime.date
    """When the prices were seen last."""
    source: str
    models: Mapping[str, Price]


@cache
def llm_prices() -> LlmPrices:
    """The prices.

    Raises:
        DataError: the file is wrong.
    """
    return checked_file("llm_prices.yaml", TypeAdapter(LlmPrices))
