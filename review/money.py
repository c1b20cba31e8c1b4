"""What a stack costs a month, line by line, from what is declared; what has no price is named."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.prices import Price, prices
from review.capacity import Capacity
from review.planned import EKS, ENDPOINT, INGRESS, KEY, NAT, SECRET, WORKSPACE
from review.preview import State
from review.quantities import at
from review.states import Side

_DAYS = 365 / 12
_SECONDS = 86400 * _DAYS
# Each of the two sends what it scrapes.
_PROMETHEUS = 2


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a bill: how many units of what, in whole dollars a month; None has no price."""

    key: str
    label: str
    quantity: float
    usd: int | None
    estimated: bool = False
    """Whether the quantity is of the plan's load, not of what is declared."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """The lines of a stack at one moment."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> int:
        """The sum of what has a price."""
        return sum(line.usd or 0 for line in self.lines)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Keys that config/prices.yaml lacks."""
        return tuple(line.key for line in self.lines if line.usd is None)

    def line(self, key: str) -> Line | None:
        """The line with a key."""
        return next((line for line in self.lines if line.key == key), None)


def bill(side: Side, counted: Capacity) -> Bill:
    """The bill of a stack with its autoscalers at their minimum."""
    quantities: Counter[str] = Counter()
    for key, quantity in _declared(side, counted):
        quantities[key] += quantity  # type: ignore[assignment]  # GiB may be a fraction
    lines = [_line(key, quantity, estimated=False) for key, quantity in quantities.items() if quantity]
    lines += [_line(key, quantity, estimated=True) for key, quantity in _estimated(side).items() if quantity]
    return Bill(lines=tuple(sorted(lines, key=lambda line: (-(line.usd or 0), line.key))))


def _line(key: str, quantity: float, *, estimated: bool) -> Line:
    price = prices().prices.get(key)
    if price is None:
        return Line(key=key, label=key, quantity=quantity, usd=None, estimated=estimated)
    usd = round(price.of_units(quantity * _hours(price)))
    return Line(key=key, label=price.of, quantity=quantity, usd=usd, estimated=estimated)


def _hours(price: Price) -> int:
    """How often a month one unit is billed."""
    return prices().hours_per_month if price.per == "hour" else 1


def _declared(side: Side, counted: Capacity) -> Iterator[tuple[str, float]]:
    kinds = Counter(state.kind for state in side.states)
    node = prices().node.instance
    yield "eks-cluster", kinds[EKS]
    yield f"ec2-{node}", counted.nodes
    yield f"auto-{node}", counted.nodes if kinds[EKS] else 0
    yield "ebs-gp3", counted.disk_gibibytes
    for database in counted.postgres:
        copies = 2 if database.standby else 1
        yield f"rds-{database.instance_class}", copies
        yield "rds-gp3", copies * database.gibibytes
    for cache in counted.redis:
        yield f"elasticache-{cache.node_type}", cache.nodes
    yield "nat-gateway", kinds[NAT]
    yield "public-address", kinds[NAT]
    yield "interface-endpoint", sum(_zones(state) for state in side.states if state.kind == ENDPOINT)
    yield "load-balancer", kinds[INGRESS]
    yield "kms-key", kinds[KEY]
    yield "secret", kinds[SECRET]


def _zones(state: State) -> int:
    """Zones that an endpoint has an address in; a gateway has none and costs nothing."""
    subnets = at(state.inputs, "subnetIds")
    interface = at(state.inputs, "vpcEndpointType") == "Interface"
    return len(subnets) if interface and isinstance(subnets, list) else 0


def _estimated(side: Side) -> Mapping[str, float]:
    """What depends on the load, as the plan assumes it."""
    if side.load is None or not side.states:
        return {}
    found = {}
    if "cloudwatch" in side.sinks:
        found["logs-ingestion"] = side.load.logs_gigabytes_per_day * _DAYS
    if any(state.kind == WORKSPACE for state in side.states):
        found["metrics-ingestion"] = side.load.samples_per_second * _PROMETHEUS * _SECONDS / 1e6
    return found
