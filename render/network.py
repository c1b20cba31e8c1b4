"""`python -m render.network`: docs/network.md, who may talk to whom, on which port, and why."""

from collections.abc import Iterator, Mapping

from config.settings import load
from model.plan import build_plan
from model.reach import Edge, Peer

_HEAD = """# Network

Made by `make docs` from the edges that servers declare (`model/servers`, `model/workloads.py`); a test holds
it current, and another computes from the rendered policies that they allow exactly this.

Everything else is denied, in both directions, in every namespace: nobody without a row here talks to anybody.
Beside the rows every pod may ask the cluster's name servers (port 53). `node-exporter` is in its node's
network, where policies do not hold: what it may is the security group's to say.

"In" says which stacks have a connection: those with their defaults, all three sinks at once in `sinks`, and
prod with a Neo4j cluster, several nodes of Redis and a workspace in `1year`. Ranges are the defaults': yours
follow `network.cidr`, `network.dataSourceCidrs` and `cluster.serviceCidr`. In an existing network pods may go
to the whole internet on 443 instead of to the endpoints of AWS, since nobody here knows those.
"""
_HOSTS = {"ingress": {"host": "axiom.example.com"}, "grafana": {"host": "grafana.axiom.example.com"}}
_STACKS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "dev": ("dev", {}),
    "staging": ("staging", _HOSTS),
    "prod": ("prod", _HOSTS),
    "sinks": ("prod", {**_HOSTS, "logSinks": ["loki", "cloudwatch", "datadog"]}),
    "1year": ("prod", {**_HOSTS, "tier": "1year", "neo4j": {"acceptLicense": True}}),
}


def page() -> str:
    """The page."""
    return "\n".join([_HEAD, *_table()]) + "\n"


def _table() -> Iterator[str]:
    yield "| from | to | port | why | in |"
    yield "|---|---|---|---|---|"
    found: dict[Edge, list[str]] = {}
    for name, (stack, raw) in _STACKS.items():
        for edge in build_plan(load(raw, stack=stack)).access.edges:
            found.setdefault(edge, []).append(name)
    for edge in sorted(found, key=_order):
        where = "every stack" if len(found[edge]) == len(_STACKS) else ", ".join(found[edge])
        yield f"| {_end(edge.source)} | {_end(edge.target)} | {_port(edge)} | {edge.why} | {where} |"


def _order(edge: Edge) -> tuple[str, str, int, str, str]:
    return (_end(edge.source), _end(edge.target), edge.port, edge.protocol, edge.why)


def _end(end: Peer) -> str:
    if end.cidr is not None:
        return "anywhere" if end.cidr == "0.0.0.0/0" else end.cidr
    return f"{end.namespace}/{end.app or '*'}"


def _port(edge: Edge) -> str:
    last = f"–{edge.last_port}" if edge.last_port else ""
    return f"{edge.port}{last}" + ("" if edge.protocol == "TCP" else f"/{edge.protocol}")


if __name__ == "__main__":
    print(page(), end="")
