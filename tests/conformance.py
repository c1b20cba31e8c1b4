"""What must hold for every recording of the program: each check gives the problems it found."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pod_security import PROBES, containers, restricted

from config.scalars import Environment, Tier
from render.recorder import Recording, Registration
from render.tree import SIGNATURE

STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:"
STORES = (
    "aws:rds/instance:Instance",
    "aws:secretsmanager/secret:Secret",
    "kubernetes:core/v1:PersistentVolumeClaim",
)
STAGES = {*map(str, Environment), *map(str, Tier)}
PLANTED = re.compile(r"<secret:\w+>")


def unparented(recording: Recording) -> list[str]:
    """Resources of a provider that lie outside every component."""
    components = {found.urn for found in recording.resources if not found.custom and found.type != STACK}
    return [found.urn for found in _custom(recording) if found.parent not in components]


def unprovided(recording: Recording) -> list[str]:
    """Resources that would go to a default provider."""
    made = {found.urn for found in recording.resources if found.type.startswith(PROVIDER)}
    return [found.urn for found in _custom(recording) if found.provider.rsplit("::", 1)[0] not in made]


def unfinished(recording: Recording) -> list[str]:
    """Components that registered no outputs."""
    return [found.urn for found in recording.resources if not found.custom and found.outputs is None]


def repeated(recording: Recording) -> list[str]:
    """Logical names of a type, and names of objects in the cluster, that occur more than once."""
    logical = [f"{found.type} {found.name}" for found in recording.resources]
    objects = [
        f"{found.type} {found.inputs['metadata'].get('namespace')}/{found.inputs['metadata']['name']}"
        for found in recording.resources
        if found.type.startswith("kubernetes:")
    ]
    return [name for name, count in Counter([*logical, *objects]).items() if count > 1]


def staged(recording: Recording) -> list[str]:
    """Logical names that tell the environment or the tier."""
    own = (found for found in recording.resources if found.type != STACK)
    return [found.name for found in own if STAGES & set(found.name.split("-"))]


def leaked(recording: Recording) -> list[str]:
    """Places outside secret envelopes where a planted secret stands, outputs included."""
    return [
        f"{found.urn} {path}"
        for found in recording.resources
        for part in (found.inputs, found.outputs or {})
        for path, text in _texts(part)
        if PLANTED.search(text)
    ]


def counted_twice(recording: Recording) -> list[str]:
    """Workloads whose number of pods both the program and an autoscaler state."""
    objects = _objects(recording)
    targets = [
        (inputs["metadata"]["namespace"], inputs["spec"]["scaleTargetRef"])
        for (_, kind, _), inputs in objects.items()
        if kind == "HorizontalPodAutoscaler"
    ]
    found = []
    for namespace, target in targets:
        workload = objects.get((namespace, target["kind"], target["name"]))
        if workload is None:
            found.append(f"autoscaler without target: {target['name']}")
        elif "replicas" in workload["spec"]:
            found.append(f"replicas beside an autoscaler: {target['name']}")
    return found


def unprotected(recording: Recording) -> list[str]:
    """Stores that a mistaken change could delete."""
    return [found.urn for found in recording.resources if found.type in STORES and not found.protect]


def loose_containers(recording: Recording) -> list[str]:
    """Containers without requests, limits, probes or a pinned image, or with a port amiss."""
    return [
        f"{workload} {problem}"
        for workload, _, pod in _pods(recording)
        for container in containers(pod)
        for problem in _loose(container)
    ]


def insecure_pods(recording: Recording) -> list[str]:
    """Pod templates that the restricted Pod Security Standard refuses, or that write to the root."""
    found = [f"{name} {problem}" for name, _, pod in _pods(recording) for problem in restricted(pod)]
    for name, _, pod in _pods(recording):
        found += [
            f"{name} writable root: {container['name']}"
            for container in containers(pod)
            if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True
        ]
    return found


def dangling(recording: Recording) -> list[str]:
    """Names that a pod template uses and that no object bears."""
    objects = _objects(recording)
    found = []
    for name, namespace, pod in _pods(recording):
        for kind, wanted in _wanted(pod):
            if (namespace, kind, wanted) not in objects:
                found.append(f"{name} {kind} {wanted}")
    return found


def unclaimed(recording: Recording) -> list[str]:
    """Volumes that a StatefulSet would claim by itself, at the size of its template."""
    objects = _objects(recording)
    return [
        f"{name} {claim}"
        for (namespace, kind, name), inputs in objects.items()
        if kind == "StatefulSet"
        for template in inputs["spec"].get("volumeClaimTemplates", ())
        for ordinal in range(inputs["spec"]["replicas"])
        for claim in [f"{template['metadata']['name']}-{name}-{ordinal}"]
        if (namespace, "PersistentVolumeClaim", claim) not in objects
    ]


def mismatched(recording: Recording) -> list[str]:
    """Selectors that select no pod, and Service ports that no container has."""
    pods = [
        (inputs["metadata"]["namespace"], inputs["spec"]["template"])
        for (_, kind, _), inputs in _objects(recording).items()
        if kind in ("Deployment", "StatefulSet")
    ]
    found = []
    for (namespace, kind, name), inputs in _objects(recording).items():
        selector = _selector(kind, inputs)
        if not selector:
            continue
        chosen = [
            template
            for where, template in pods
            if where == namespace and selector.items() <= template["metadata"]["labels"].items()
        ]
        ports = {port["name"] for template in chosen for port in _ports(template["spec"])}
        wanted = {port["targetPort"] for port in inputs["spec"]["ports"]} if kind == "Service" else set()
        if len(chosen) != 1 or not wanted <= ports:
            found.append(f"{namespace} {kind} {name}")
    return found


CHECKS: tuple[Callable[[Recording], list[str]], ...] = (
    unparented,
    unprovided,
    unfinished,
    repeated,
    staged,
    leaked,
    counted_twice,
    loose_containers,
    insecure_pods,
    dangling,
    unclaimed,
    mismatched,
)


def violations(recording: Recording, *, protected: bool) -> list[str]:
    """Everything that does not hold, with the name of the check."""
    checks = [*CHECKS, unprotected] if protected else CHECKS
    return [f"{check.__name__}: {problem}" for check in checks for problem in check(recording)]


def _custom(recording: Recording) -> list[Registration]:
    return [found for found in recording.resources if found.custom and not found.type.startswith(PROVIDER)]


def _objects(recording: Recording) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Kubernetes objects by namespace, kind and name."""
    objects = [found.inputs for found in recording.resources if found.type.startswith("kubernetes:")]
    return {
        (inputs["metadata"].get("namespace", ""), inputs["kind"], inputs["metadata"]["name"]): inputs
        for inputs in objects
    }


def _pods(recording: Recording) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for (namespace, _, name), inputs in _objects(recording).items():
        if "template" in inputs.get("spec", {}):
            yield name, namespace, inputs["spec"]["template"]["spec"]


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text outside secret envelopes, keys included."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            return
        for key, item in value.items():
            yield path, str(key)
            yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    else:
        yield path, str(value)


def _loose(container: Mapping[str, Any]) -> Iterator[str]:
    name, resources = container["name"], container.get("resources", {})
    for wanted in ("cpu", "memory"):
        if wanted not in resources.get("requests", {}):
            yield f"no {wanted} request: {name}"
    if "memory" not in resources.get("limits", {}):
        yield f"no memory limit: {name}"
    ports = {port["name"] for port in container.get("ports", ())}
    for probe in ("readinessProbe", "livenessProbe"):
        if probe not in container:
            yield f"no {probe}: {name}"
    for probe in PROBES:
        if probe in container and container[probe]["httpGet"]["port"] not in ports:
            yield f"{probe} on a port that is not there: {name}"
    if not re.search(r"(@sha256:[0-9a-f]{64}|:(?!latest$)[\w][\w.-]*)$", container["image"]):
        yield f"image not pinned: {name}"


def _wanted(pod: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "ServiceAccount", pod["serviceAccountName"]
    for volume in pod.get("volumes", ()):
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"]
    for container in containers(pod):
        for source in container.get("envFrom", ()):
            yield "ConfigMap", source["configMapRef"]["name"]


def _selector(kind: str, inputs: Mapping[str, Any]) -> dict[str, str]:
    """Labels by which an object selects pods; empty when it selects none or all."""
    spec = inputs.get("spec", {})
    if kind == "Service":
        found = spec["selector"]
    elif kind in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
        found = spec["selector"]["matchLabels"]
    else:
        found = {}
    return dict(found)


def _ports(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [port for container in containers(pod) for port in container.get("ports", ())]
