"""Panels' queries as Prometheus gets them: Grafana's variables replaced."""

import re
from collections.abc import Mapping

from config.data import services
from config.metrics import FAMILY, metrics
from model.scrape import SCRAPE_INTERVAL

# Four scrapes, as Grafana computes it for a short step.
_LEAST = f"{4 * int(SCRAPE_INTERVAL.removesuffix('s'))}s"
VARIABLES: Mapping[str, str] = {
    "$__rate_interval": _LEAST,
    "$__range": "6h",
    # Of `service` it follows: what panels read has a job, and no service.
    "$job": ".+",
}
_VARIABLE = re.compile(r"\$\w+")


class UnknownVariable(ValueError):
    """A query names a variable that no dashboard has."""


def plain(expr: str, values: Mapping[str, str] = VARIABLES) -> str:
    """The expression with a value in place of each variable.

    Raises:
        UnknownVariable: there is no such variable.
    """

    def value(found: re.Match[str]) -> str:
        if found[0] not in values:
            raise UnknownVariable(f"no variable {found[0]}; there are {', '.join(sorted(values))}")
        return values[found[0]]

    return _VARIABLE.sub(value, expr)


def share(part: str, whole: str) -> str:
    """How much of a whole a part is: nothing where the part has no series yet, no value without a whole."""
    return f"({part} or 0 * {whole}) / ({whole} > 0)"


def family(name: str) -> str:
    """The metric that a series belongs to: itself, or its histogram."""
    return name if name in metrics() else FAMILY.sub("", name)


def service_jobs() -> tuple[str, ...]:
    """The jobs of Axiom's own services."""
    return tuple(sorted(service.job for service in services().values() if service.job))
