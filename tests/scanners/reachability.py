"""Who may reach whom: as an analyzer computes it from the objects, and as the plan's edges say.

network-config-analyzer knows nothing of the program: it reads workloads and NetworkPolicies.
"""

import ipaddress
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from real_server import tool

from model.container import Fixed
from model.reach import Edge, Peer
from model.slices import Plan
from model.spec import JobSpec, WorkloadSpec

EVERY_PORT = 0
_LAST = ipaddress.IPv4Address("255.255.255.255")
_LINE = re.compile(r"^(\S+) => (\S+) : (.*)$")
_RANGE = re.compile(r"^(\d+\.\d+\.\d+\.\d+)(?:-(\d+\.\d+\.\d+\.\d+))?$")
# The analyzer's stand-ins for what lies in other namespaces.
_NAMES = "kube-system/kube-dns"
_INGRESS = "ingress-controller-ns/"
_STAND_INS = (_NAMES, _INGRESS)


@dataclass(frozen=True, order=True)
class Way:
    """One allowed connection; an end is `namespace/app` or an address, port 0 is every port."""

    source: str
    target: str
    protocol: str
    port: int

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} {self.protocol} {self.port or 'every port'}"


@dataclass(frozen=True)
class Range:
    """Addresses from the first to the last."""

    first: ipaddress.IPv4Address
    last: ipaddress.IPv4Address

    @classmethod
    def of(cls, text: str) -> Self | None:
        """What a line's end says, if it is a range."""
        found = _RANGE.match(text)
        if not found:
            return None
        return cls(ipaddress.IPv4Address(found[1]), ipaddress.IPv4Address(found[2] or found[1]))

    def __contains__(self, address: ipaddress.IPv4Address) -> bool:
        return self.first <= address <= self.last


@dataclass(frozen=True)
class Reach:
    """What a workload may send to a range, or the range to it."""

    app: str
    direction: str
    span: Range
    ports: frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Answer:
    """What the analyzer found: ways between workloads, and between workloads and ranges."""

    inside: frozenset[Way]
    outside: tuple[Reach, ...]


def analyzed(manifests: Path) -> Answer:
    """The analyzer's answer for a folder of objects."""
    where = ("--connectivity", str(manifests), "--resource_list", str(manifests))
    # Pods, of which a workload with several has two: only so a workload's way to itself is seen.
    form = ("--output_format", "txt_no_fw_rules", "--output_endpoints", "pods")
    command = [tool("network-config-analyzer"), *where, *form]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    inside: set[Way] = set()
    outside = []
    for source, target, ports in _lines(done.stdout):
        ends = (Range.of(source), Range.of(target))
        if ends[0]:
            outside.append(Reach(_app(target), "from", ends[0], ports))
        elif ends[1]:
            outside.append(Reach(_app(source), "to", ends[1], ports))
        else:
            inside |= {Way(_app(source), _app(target), *port) for port in ports}
    assert inside
    return Answer(frozenset(inside), tuple(outside))


def _lines(text: str) -> Iterator[tuple[str, str, frozenset[tuple[str, int]]]]:
    for line in text.splitlines():
        found = _LINE.match(line)
        # What the analyzer's stand-ins send, and what they are sent from outside, is no business of ours.
        ours = found and not found[1].startswith(_STAND_INS) and not found[2].startswith(_INGRESS)
        if found and ours and (not Range.of(found[1]) or not found[2].startswith(_STAND_INS)):
            yield found[1], found[2], _ports(found[3])


def _ports(text: str) -> frozenset[tuple[str, int]]:
    # It says "All connections" of them.
    protocols = re.findall(r"TCP|UDP", text) or ["any"]
    listed = re.search(r"dst_ports:([\d,-]+)", text)
    numbers = [EVERY_PORT] if not listed else list(_numbers(listed[1]))
    return frozenset((protocol, number) for protocol in protocols for number in numbers)


def _numbers(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _app(pod: str) -> str:
    """The workload of a pod as the analyzer calls it; the Job's name ends in its digest."""
    plain = re.sub(r"-\d+$", "", pod)
    return re.sub(r"-livesim$|(?<=postgres-roles)-[0-9a-f]{8}$", "", plain)


def planned(plan: Plan) -> frozenset[Way]:
    """The plan's ways between workloads, and everybody's to the name servers.

    Of a workload with one pod nobody can say whether it may reach itself.
    """
    alone = {_place(work) for work in _workloads(plan) if work.replicas == Fixed(1)}
    ways = {way for edge in plan.access.edges if not _range_of(edge) for way in _ways(edge)}
    ways = {way for way in ways if way.source != way.target or way.source not in alone}
    names = {Way(app, _NAMES, protocol, 53) for app in apps(plan) for protocol in ("TCP", "UDP")}
    return frozenset(ways | names)


def apps(plan: Plan) -> set[str]:
    """Every workload, as `namespace/app`."""
    return {_place(work) for work in _workloads(plan)} | {_place(plan.stores.roles)}


def _workloads(plan: Plan) -> Iterator[WorkloadSpec]:
    for server in plan.servers:
        yield server.workload


def _place(work: WorkloadSpec | JobSpec) -> str:
    return f"{work.namespace}/{work.app}"


def differences(plan: Plan, answer: Answer) -> list[str]:
    """Each way that only one of the two knows."""
    wanted = planned(plan)
    found = [f"missing: {way}" for way in sorted(wanted - answer.inside)]
    found += [f"too much: {way}" for way in sorted(answer.inside - wanted)]
    return [*found, *_differences_outside(plan, answer)]


def _differences_outside(plan: Plan, answer: Answer) -> Iterator[str]:
    """Of ranges, judged wherever one that either of the two names begins, or has just ended."""
    ranged = [edge for edge in plan.access.edges if _range_of(edge)]
    for app in sorted(apps(plan)):
        for direction in ("to", "from"):
            mine = [edge for edge in ranged if _end(edge, direction) == app]
            theirs = [found for found in answer.outside if (found.app, found.direction) == (app, direction)]
            for address in sorted(_addresses(mine, theirs)):
                wanted = _plain(_wanted(plan, mine, address, direction))
                found = _plain(port for reach in theirs if address in reach.span for port in reach.ports)
                if found != wanted:
                    yield f"{app} {direction} {address}: {sorted(found)}, not {sorted(wanted)}"


def _wanted(
    plan: Plan, edges: Iterable[Edge], address: ipaddress.IPv4Address, direction: str
) -> set[tuple[str, int]]:
    found = {port for edge in edges if address in (_range_of(edge) or ()) for port in _ports_of(edge)}
    if direction == "to" and any(str(address) == space.dns_address for space in plan.platform.namespaces):
        found |= {("TCP", 53), ("UDP", 53)}
    return found


def _plain(ports: Iterable[tuple[str, int]]) -> frozenset[tuple[str, int]]:
    """Beside every port of a protocol its others say nothing."""
    listed = set(ports)
    whole = {protocol for protocol, port in listed if port == EVERY_PORT}
    return frozenset(each for each in listed if each[1] == EVERY_PORT or each[0] not in whole)


def _addresses(edges: Iterable[Edge], reaches: Iterable[Reach]) -> set[ipaddress.IPv4Address]:
    """Between two of these nothing changes for either."""
    networks = [found for edge in edges if (found := _range_of(edge))]
    spans = [(network.network_address, network.broadcast_address) for network in networks]
    spans += [(reach.span.first, reach.span.last) for reach in reaches]
    return {edge for first, last in spans for edge in (first, last + 1 if last < _LAST else last)}


def _range_of(edge: Edge) -> ipaddress.IPv4Network | None:
    cidr = edge.source.cidr or edge.target.cidr
    return ipaddress.IPv4Network(cidr) if cidr else None


def _end(edge: Edge, direction: str) -> str:
    return _name(edge.source if direction == "to" else edge.target)


def _ways(edge: Edge) -> Iterator[Way]:
    for protocol, port in _ports_of(edge):
        yield Way(_name(edge.source), _name(edge.target), protocol, port)


def _ports_of(edge: Edge) -> Iterator[tuple[str, int]]:
    whole = edge.last_port == 65535
    for number in [EVERY_PORT] if whole else range(edge.port, (edge.last_port or edge.port) + 1):
        yield edge.protocol, number


def _name(end: Peer) -> str:
    return f"{end.namespace}/{end.app}" if end.app else ""
