"""Pods in words: how many, which image, what they ask for and may take, and why they restart."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.markdown import code
from review.meaning.tree import ABSENT, brief, differences, line, remaining

_DIGESTS = {
    "template.metadata.annotations.axiom.io/config-digest": "its configuration files changed",
    "template.metadata.annotations.axiom.io/secret-digest": "its secrets changed",
}
_CONTAINERS = "template.spec.containers["
_SIZES = {
    "resources.requests.cpu": "asks for CPU",
    "resources.requests.memory": "asks for memory",
    "resources.limits.cpu": "may take CPU",
    "resources.limits.memory": "may take memory",
    "resources.requests.ephemeral-storage": "asks for room on the node",
    "resources.limits.ephemeral-storage": "may take room on the node",
    "image": "image",
}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of a Deployment, StatefulSet or DaemonSet, in words where there are some."""
    for path, was, becomes in differences(old.get("spec") or {}, new.get("spec") or {}):
        yield _said(path, was, becomes)
    yield from remaining(old, new, "spec")


def _said(path: str, was: Any, becomes: Any) -> str:
    if path in _DIGESTS:
        return _DIGESTS[path]
    values = f"{code(brief(was))} → {code(brief(becomes))}"
    if path == "replicas":
        return f"pods {values}"
    if path.startswith(_CONTAINERS):
        container, _, inside = path.removeprefix(_CONTAINERS).partition("].")
        if inside in _SIZES:
            return f"{code(container)}: {_SIZES[inside]} {values}"
        if inside.startswith("ports[") and ABSENT in (was, becomes):
            port = inside.removeprefix("ports[").removesuffix("]")
            return f"{code(container)}: port {code(port)} {'opened' if was is ABSENT else 'closed'}"
        return f"{code(container)}: {line((inside or 'container', was, becomes))}"
    return line((path, was, becomes))
