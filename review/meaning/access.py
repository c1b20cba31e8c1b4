"""Network policies in words: whom pods may reach, and who may reach them."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import brief, remaining
from review.quantities import at, items

_DIRECTIONS = {"egress": ("to", "may reach"), "ingress": ("from", "may be reached by")}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What comes and goes, peer by peer and port by port; then the rest."""
    for direction, (key, words) in _DIRECTIONS.items():
        one, other = (_allowed(at(side, "spec", direction), key) for side in (old, new))
        yield from (f"{words} {code(peer)}" for peer in sorted(other - one))
        yield from (f"{words} {code(peer)} no more" for peer in sorted(one - other))
    yield from remaining(_rest(old), _rest(new))


def _allowed(rules: Any, key: str) -> set[str]:
    return {
        f"{peer}{port}"
        for rule in items(rules)
        for peer in ([_peer(peer) for peer in items(rule.get(key))] or ["everybody"])
        for port in ([f":{port.get('port')}" for port in items(rule.get("ports"))] or [" on every port"])
    }


def _peer(peer: Mapping[str, Any]) -> str:
    block = at(peer, "ipBlock", "cidr")
    if block is not None:
        return str(block)
    labels = at(peer, "podSelector", "matchLabels")
    if labels and not isinstance(labels, Mapping):
        # No selector that Kubernetes takes: told as it stands.
        return brief(labels)
    name = at(labels, "app") or (labels and next(iter(labels.values()))) or "every pod"
    namespace = at(peer, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name")
    return f"{name} in {namespace}" if namespace else str(name)


def _rest(side: Mapping[str, Any]) -> dict[str, Any]:
    spec = side.get("spec")
    other = (
        {key: value for key, value in spec.items() if key not in _DIRECTIONS}
        if isinstance(spec, Mapping)
        else spec
    )
    return {**side, "spec": other}
