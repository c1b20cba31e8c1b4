"""The units that panels may have, by Grafana's ids."""

from typing import Literal, get_args

Unit = Literal[
    "none",
    "short",
    "percentunit",
    "s",
    "ms",
    "bytes",
    "reqps",
    "ops",
    "cps",
    "currencyUSD",
    "dateTimeFromNow",
    "bool_on_off",
]
UNITS: frozenset[str] = frozenset(get_args(Unit))
