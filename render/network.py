"""docs/network.md: who may talk to whom, why, and in which stacks."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations, product
from typing import Any

from config.scalars import Environment, Neo4jEdition, Provision, SinkName, Tier
from config.settings import Settings, load
from model.plan import build_plan
from model.reach import ANYWHERE, Edge, Peer
from model.slices import Plan

_HEAD = """# Network

Made by `make docs` from the edges that servers declare; a test holds it current. Each line is allowed by a
NetworkPolicy at both of its ends. **What no line names is refused, in both directions.** Another test
computes from the rendered policies that they allow exactly this (`tests/scanners/test_reachability.py`).

May X talk to Y? Look for X under "from", then for Y under "to", then at "when". If no line has both, it may
not. To allow it, add an `Edge` with its reason to the server that knows of it (`model/servers/`,
`model/sinks/`, `model/workloads.py`). Where each runs: [architecture.md](architecture.md#workloads).
"""
_REST = """## What holds for all

- **Refused by default.** In {spaces} a policy selects every pod and allows
  nothing, in or out.
- **Names.** Every pod may ask {names} (the tenth address of `cluster.serviceCidr`) and the pods of
  `kube-dns` in `kube-system`, at 53 TCP and UDP.
- **Probes.** What a node sends to its own pods is not subject to policies: the kubelet needs no line.
- **`node-exporter`** is in its node's network, where policies do not hold: its port is open to whom the
  nodes' security groups let in.
- **Load balancers** send from the public subnets where they face the internet in a network that the stack
  made; from `network.cidr` where they are internal or the network is an existing one.
- **Kubernetes API.** Its Service has the first address of `cluster.serviceCidr`. Policies are enforced before
  that is replaced by an endpoint's, so both are allowed.
- **AWS.** Credentials come from the Pod Identity agent of the node, 169.254.170.23. APIs answer at the
  endpoints in a network that the stack made, at `2year`:
  {endpoints}.
  Nobody knows where those of an existing network are. S3 has a gateway and public addresses, so who keeps
  objects reaches any address at 443.
- **Addresses, not names.** A policy knows ranges only: "any address" is not limited to the reason in its
  line, and `network.cidr` at a port is every host of the network at that port.
"""
_WHEN = """## When

Which defaults meet a condition, with Neo4j's licence accepted: environments, and tiers if not all.
"""
_ALWAYS = "always"
_MOST_CONDITIONS = 2
_LAST_PORT = 65535
_LICENCE: Mapping[str, Any] = {"neo4j": {"acceptLicense": True}}
_LOGIN = "https://login.example.com/oauth2"
_SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
_EXISTING = {"mode": "existing", "vpcId": "vpc-0123456789abcdef0", "privateSubnetIds": _SUBNETS}
# Settings that switch connections on beyond sinks and tiers; each alone.
_SWITCHES: Sequence[Mapping[str, Any]] = (
    {"ingress": {"host": "axiom.example.com"}},
    {"ingress": {"host": "axiom.example.com", "internal": True}},
    {"grafana": {"host": "grafana.example.com", "internal": False}},
    {"grafana": {"host": "grafana.example.com", "internal": True}},
    {"grafana": {"oidc": {"clientId": "x", "authUrl": _LOGIN, "tokenUrl": _LOGIN, "apiUrl": _LOGIN}}},
    {"network": {"dataSourceCidrs": ["192.0.2.0/24"]}},
)


def _logs_to(sink: SinkName, settings: Settings) -> bool:
    return sink in settings.log_sinks


def _public(settings: Settings) -> bool:
    hosts = (settings.ingress, settings.grafana)
    return any(each.host and not each.internal for each in hosts)


# What decides whether a stack has a connection, in the words of the page.
CONDITIONS: Mapping[str, Callable[[Settings], bool]] = {
    **{f"`{sink}` is a log sink": partial(_logs_to, sink) for sink in SinkName},
    "Neo4j is Enterprise": lambda settings: settings.neo4j_edition is Neo4jEdition.ENTERPRISE,
    "Neo4j is Community": lambda settings: settings.neo4j_edition is Neo4jEdition.COMMUNITY,
    "`network.mode` is `create`": lambda settings: settings.network.mode is Provision.CREATE,
    "`network.mode` is `existing`": lambda settings: settings.network.mode is Provision.EXISTING,
    "`ingress.host` is set": lambda settings: settings.ingress.host is not None,
    "`grafana.host` is set": lambda settings: settings.grafana.host is not None,
    "a host is public": _public,
    "`grafana.oidc.clientId` is set": lambda settings: settings.grafana.oidc.client_id is not None,
    "`network.dataSourceCidrs` is set": lambda settings: bool(settings.network.data_source_cidrs),
}


@dataclass(frozen=True, order=True)
class Line:
    """One connection as the page tells it, of any stack."""

    source: str
    target: str
    why: str
    port: int
    ports: str
    """The port, or the range that it begins, and the protocol."""


@dataclass(frozen=True)
class Stack:
    """Settings, and what is decided of them."""

    settings: Settings
    plan: Plan


def page() -> str:
    """The whole page, in Markdown."""
    known = stacks()
    return "\n".join(
        [
            _HEAD,
            "## Connections\n",
            _table(("from", "to", "port", "why", "when"), _rows(conditional(known))),
            _WHEN,
            _table(("condition", "met by the defaults of"), _met()),
            _rest(known),
        ]
    )


@cache
def stacks() -> tuple[Stack, ...]:
    """Enough of them to tell the conditions apart."""
    sinks = [list(each) for size in range(1, 1 + len(SinkName)) for each in combinations(SinkName, size)]
    modes: Sequence[Mapping[str, Any]] = ({}, {"network": _EXISTING})
    by_sinks = [_stack(Environment.DEV, {"logSinks": each, **mode}) for each in sinks for mode in modes]
    return (*_by_default(), *by_sinks, *(_stack(Environment.DEV, switch) for switch in _SWITCHES))


def _by_default() -> list[Stack]:
    return [_stack(environment, {"tier": tier}) for environment, tier in product(Environment, Tier)]


def _stack(environment: Environment, chosen: Mapping[str, Any]) -> Stack:
    settings = load({**_LICENCE, **chosen}, stack=environment)
    return Stack(settings, build_plan(settings))


def conditional(known: Sequence[Stack]) -> dict[Line, str]:
    """Every connection of these stacks, with the condition on which they have it.

    Raises:
        ValueError: no condition, and no two together, say which of the stacks have a connection.
    """
    having: dict[Line, set[int]] = {}
    for number, stack in enumerate(known):
        for edge in stack.plan.access.edges:
            having.setdefault(_line(edge, stack), set()).add(number)
    meeting = {
        text: {number for number, stack in enumerate(known) if meets(stack.settings)}
        for text, meets in CONDITIONS.items()
    }
    return {line: _when(line, found, meeting, len(known)) for line, found in having.items()}


def _when(line: Line, having: set[int], meeting: Mapping[str, set[int]], count: int) -> str:
    for size in range(_MOST_CONDITIONS + 1):
        for chosen in combinations(meeting, size):
            if set(range(count)).intersection(*(meeting[text] for text in chosen)) == having:
                return " and ".join(chosen) or _ALWAYS
    raise ValueError(f"no condition of render/network.py says when there is {line}")


def _line(edge: Edge, stack: Stack) -> Line:
    ports = f"{edge.port} to {edge.last_port}" if edge.last_port else str(edge.port)
    if (edge.port, edge.last_port) == (1, _LAST_PORT):
        ports = "any"
    # Only load balancers come from a range.
    source = "load balancers" if edge.source.cidr else _end(edge.source, stack)
    return Line(source, _end(edge.target, stack), edge.why, edge.port, f"{ports} {edge.protocol}")


def _end(peer: Peer, stack: Stack) -> str:
    if peer.cidr is None:
        return f"`{peer.app}`" if peer.app else f"every pod of `{peer.namespace}`"
    network, cluster = stack.settings.network, stack.settings.cluster
    api = next(ipaddress.IPv4Network(cluster.service_cidr).hosts())
    told = {ANYWHERE: "any address", network.cidr: "`network.cidr`", f"{api}/32": "the API's Service"}
    told |= dict.fromkeys(network.data_source_cidrs, "`network.dataSourceCidrs`")
    return told.get(peer.cidr, peer.cidr.removesuffix("/32"))


def _rows(lines: Mapping[Line, str]) -> Iterator[tuple[str, ...]]:
    """Ports of the same two ends and reason stand in one line."""
    ports: dict[tuple[str, str, str, str], list[str]] = {}
    for line, when in sorted(lines.items()):
        ports.setdefault((line.source, line.target, line.why, when), []).append(line.ports)
    for (source, target, why, when), found in ports.items():
        yield source, target, ", ".join(found), why, when


def _met() -> Iterator[tuple[str, str]]:
    usual = [stack.settings for stack in _by_default()]
    for text, meets in CONDITIONS.items():
        found = [settings for settings in usual if meets(settings)]
        places = [
            _tiers(each, [one.tier for one in found if one.environment is each]) for each in Environment
        ]
        yield text, ", ".join(place for place in places if place) or "none"


def _tiers(environment: Environment, found: Sequence[Tier]) -> str:
    if not found:
        return ""
    return environment if len(found) == len(Tier) else f"{environment} ({', '.join(found)})"


def _rest(known: Iterable[Stack]) -> str:
    biggest = next(stack.plan for stack in known if stack.settings.tier is Tier.TWO_YEARS)
    (names,) = {space.dns_address for space in biggest.platform.namespaces}
    return _REST.format(
        names=names,
        spaces=", ".join(f"`{space.name}`" for space in biggest.platform.namespaces),
        endpoints=", ".join(f"`{name}`" for name in biggest.platform.network.interface_endpoints),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
