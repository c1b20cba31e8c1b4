"""The rows of `prices.yaml`, typed and frozen: what AWS asks for what a stack declares."""

import math
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Literal

from pydantic import TypeAdapter

from config.files import checked_file
from config.section import Section


class Above(Section):
    """What a unit costs beyond a number of units in a month."""

    units: float
    usd: float


class Price(Section):
    """Price of one unit in US dollars, and where the figure is from."""

    usd: float
    above: tuple[Above, ...] = ()
    """Cheaper units beyond the first, in ascending order."""
    per: Literal["hour", "month", "GiB-month", "GB", "million"]
    of: str
    source: str
    date: str
    checked: bool
    """Whether it was read at the source; otherwise it is from memory."""

    def of_units(self, units: float) -> float:
        """What a number of units costs in a month; hours are counted by the caller."""
        steps = ((0.0, self.usd), *((step.units, step.usd) for step in self.above), (math.inf, 0.0))
        return sum(usd * max(0.0, min(units, end) - start) for (start, usd), (end, _) in pairwise(steps))


class NodeClass(Section):
    """The class of nodes that is priced: Auto Mode chooses the real ones."""

    instance: str
    cpu: int
    memory_gibibytes: int


class Prices(Section):
    """All of them, of one region."""

    region: str
    hours_per_month: int
    node: NodeClass
    prices: Mapping[str, Price]
    by_use: tuple[str, ...]
    """What is billed by use and is in no sum."""


@cache
def prices() -> Prices:
    """The content of the file."""
    return checked_file("prices.yaml", TypeAdapter(Prices))
