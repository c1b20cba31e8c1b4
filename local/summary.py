"""What a stack has, from its state, for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

_PROVIDER = "pulumi:providers:"
_STACK = "pulumi:pulumi:Stack"


def resources_by_component(resources: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """The components right below the stack, by name, each with the number of resources inside it."""
    parents = {resource["urn"]: resource.get("parent", "") for resource in resources}
    stack = next((resource["urn"] for resource in resources if resource["type"] == _STACK), "")
    counts: Counter[str] = Counter()
    for resource in resources:
        if resource.get("custom") and not resource["type"].startswith(_PROVIDER):
            counts[_top(resource["urn"], parents, stack)] += 1
    return sorted(counts.items())


def lines(stack: str, deployment: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[str]:
    """The summary of a stack: its resources by component, then its outputs."""
    counts = resources_by_component(deployment.get("resources", []))
    total = sum(count for _, count in counts)
    width = max((len(name) for name, _ in counts), default=0)
    found = [f"{stack}: {total} resources"]
    found += [f"  {name:<{width}}  {count:>4}" for name, count in counts]
    outputs = {key: value for key, value in outputs.items() if value not in ([], {}, "")}
    keys = max((len(key) for key in outputs), default=0)
    found += [""] if outputs else []
    return found + [f"  {key:<{keys}}  {_text(value)}" for key, value in sorted(outputs.items())]


def _top(urn: str, parents: Mapping[str, str], stack: str) -> str:
    while parents.get(urn) not in ("", stack):
        urn = parents[urn]
    return urn.rsplit("::", 1)[-1]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in sorted(value.items()))
    return str(value)
