"""docs/capacity.md: what prod carries in each tier and by how much."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from config.scalars import Environment, Tier
from config.settings import load
from model.capacity import Check, Scene, checks
from model.capacity.check import shown
from model.capacity.figures import amounts
from model.capacity.promises import stores
from model.plan import build_plan
from model.slices import Load

_HEAD = """# Capacity

Made by `make docs` from `config/tiers.yaml` and `config/capacity.yaml`, for prod with its defaults; a test
holds it current. The figures of another stack stand in `plan.json` of `make render`.

A tier is a contract: the load it promises, what carries it, and the arithmetic between the two. A check that
fails stops the program before its first resource, with its figures and the command that mends it. Those under
"Stated" refuse nothing. The margin is the share of the limit that is left.
"""
_STATED = """## Stated

What the requirements want and what they give do not always meet.

- **Availability**: what AWS promises of the stores behind an objective, multiplied. Where that is below the
  objective, the tier does not carry it: single-zone PostgreSQL is promised at 99.5%, and Core's objective is
  99.9%. `postgres.multiAz` and `redis.replicas` are settings that prod may turn on earlier.
- **Triggers**: a process of Python uses one core, so an autoscaler that waits for 70% of two cores is moved
  by memory only.
- **Tokens**: the default of `alerting.tokenBudget` is the requirements'; a bigger tier needs another.
"""
_LOAD: Mapping[str, Callable[[Load], float]] = {
    "users": lambda load: load.users,
    "requests a day": lambda load: load.requests_per_day,
    "requests/s, average": lambda load: load.requests_per_second,
    "requests/s, peak": lambda load: load.peak_requests_per_second,
    "logs, GB a day to each sink": lambda load: load.logs_gigabytes_per_day,
    "logs, kB/s at the peak": lambda load: load.peak_log_bytes_per_second / 1000,
    "spans/s, peak": lambda load: load.peak_spans_per_second,
    "events/s through the outbox, peak": lambda load: load.peak_events_per_second,
    "LLM tokens a day": lambda load: load.tokens_per_day,
    "series, usual": lambda load: load.active_series,
    "series, most": lambda load: load.most_series,
    "samples/s of one Prometheus": lambda load: load.samples_per_second,
}


def page() -> str:
    """The whole page, in Markdown."""
    scenes = [scene(tier) for tier in Tier]
    found = [{check.name: check for check in checks(each.plan, each.settings)} for each in scenes]
    parts = [
        _HEAD,
        "## Load\n",
        _table("load", {name: [shown(of(each.load)) for each in scenes] for name, of in _LOAD.items()}),
        "## What carries it\n\nOf pods: at the least to at the most.\n",
        _table("capacity", dict(_carriers(scenes))),
        "## Checks\n\nNeed of limit, and the margin.\n",
        _table("check", dict(_checked(found, binding=True))),
        _STATED,
        _table("check", dict(_checked(found, binding=False))),
        "Promised by the stores:\n",
        _table("store", _promised(scenes)),
        "## Formulas\n",
        "\n".join(_formulas(found)),
    ]
    return "\n".join(parts) + "\n"


def scene(tier: Tier) -> Scene:
    """Prod in a tier, with its defaults."""
    settings = load({"tier": tier.value, "neo4j": {"acceptLicense": True}}, stack=Environment.PROD)
    return Scene(build_plan(settings), settings)


def _table(first: str, rows: Mapping[str, Sequence[str]]) -> str:
    lines = [[first, *Tier], ["---"] * (1 + len(Tier)), *([name, *cells] for name, cells in rows.items())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _carriers(scenes: Sequence[Scene]) -> Iterator[tuple[str, list[str]]]:
    """Pods by workload, and every figure of the stores and the nodes."""
    for workload in scenes[0].workloads:
        yield f"pods of {workload.name}", [_pods(each, workload.name) for each in scenes]
    yield "instance class of PostgreSQL", [each.plan.stores.postgres.instance_class for each in scenes]
    figures = [amounts(each) for each in scenes]
    of_workloads = tuple(f" of {workload.name}" for workload in scenes[0].workloads)
    for name in figures[0]:
        cells = [shown(each[name]) for each in figures]
        told = name in ("users", "requests a day") or " pods of " in name
        # Of workloads only what a tier changes.
        same = name.endswith(of_workloads) and len(set(cells)) == 1
        if not told and not same:
            yield name, cells


def _pods(found: Scene, name: str) -> str:
    least, most = (found.pods(found.one(name), most=at) for at in (False, True))
    return str(least) if least == most else f"{least} to {most}"


def _checked(found: Sequence[Mapping[str, Check]], *, binding: bool) -> Iterator[tuple[str, list[str]]]:
    names = {name: check for tier in found for name, check in tier.items() if check.binding is binding}
    for name, check in names.items():
        yield f"{name}, {check.unit}", [_cell(tier.get(name)) for tier in found]


def _cell(check: Check | None) -> str:
    if check is None:
        return "–"
    figures = f"{shown(check.need)} of {shown(check.limit)}"
    return f"{figures}, {check.margin:.0%}" if check.holds else f"**{figures}: not carried**"


def _promised(scenes: Sequence[Scene]) -> dict[str, list[str]]:
    promised = [stores(each) for each in scenes]
    return {name: [f"{each[name]:.2%}" for each in promised] for name in promised[0]}


def _formulas(found: Sequence[Mapping[str, Check]]) -> Iterator[str]:
    """Each once, with the checks that it is of."""
    names: dict[str, list[str]] = {}
    for name, check in {name: check for tier in found for name, check in tier.items()}.items():
        names.setdefault(check.formula, []).append(f"`{name}`")
    for formula, of in names.items():
        yield f"- {', '.join(of)}: {formula}"
