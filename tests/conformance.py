"""What must hold for every recording of the program: each check gives the problems it found."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import closure
import wiring
from pod_security import containers, restricted

from config.scalars import Environment, Tier
from render.cloud import SIGNATURE
from render.recorder import Recording, Registration

STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:"
STORES = (
    "aws:amp/workspace:Workspace",
    "aws:eks/cluster:Cluster",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "kubernetes:core/v1:PersistentVolumeClaim",
)
# What has EKS Auto Mode enforce NetworkPolicies.
ENFORCEMENT = ("kube-system", "ConfigMap", "amazon-vpc-cni")
LABELS = {f"app.kubernetes.io/{part}" for part in ("name", "component", "part-of", "managed-by")}
# What reads its host stands in a namespace of its own and is judged there.
AGENTS = "monitoring-agents"
# Images that write beside their volumes when they start; the plan says what.
WRITABLE_ROOTS = {"neo4j", "mindsdb"}
AUTOSCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
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
        if found.type.startswith("kubernetes:") and "kind" in found.inputs
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


def unlabelled(recording: Recording) -> list[str]:
    """Kubernetes objects, and pods, without the recommended labels."""
    found = []
    for (namespace, kind, name), inputs in _objects(recording).items():
        carriers = [inputs["metadata"]]
        if "template" in inputs.get("spec", {}):
            carriers.append(inputs["spec"]["template"]["metadata"])
        if any(not set(carrier.get("labels", {})) >= LABELS for carrier in carriers):
            found.append(f"{kind} {namespace}/{name}")
    return found


def counted_twice(recording: Recording) -> list[str]:
    """Workloads whose number of pods both the program and an autoscaler state."""
    objects = _objects(recording)
    targets = [
        (inputs["metadata"]["namespace"], inputs["spec"]["scaleTargetRef"])
        for (_, kind, _), inputs in objects.items()
        if kind in AUTOSCALERS
    ]
    found = [objects.get((namespace, target["kind"], target["name"]), {}) for namespace, target in targets]
    return [item["metadata"]["name"] for item in found if "replicas" in item.get("spec", {})]


def scaled_twice(recording: Recording) -> list[str]:
    """Workloads with two autoscalers, which would undo each other's decisions."""
    targets = Counter(
        f"{key[0]}/{inputs['spec']['scaleTargetRef']['name']}"
        for key, inputs in _objects(recording).items()
        if key[1] in AUTOSCALERS
    )
    return [name for name, count in targets.items() if count > 1]


def unprotected(recording: Recording) -> list[str]:
    """Stores that a mistaken change could delete."""
    return [found.urn for found in recording.resources if found.type in STORES and not found.protect]


def loose_containers(recording: Recording) -> list[str]:
    """Containers without requests, limits, probes or a pinned image."""
    return [
        f"{name} {problem}"
        for (_, kind, name), pod in _pods(recording)
        for container in containers(pod)
        for problem in _loose(container, probed=kind != "Job")
    ]


def insecure_pods(recording: Recording) -> list[str]:
    """Pod templates that the restricted Pod Security Standard refuses, or that write to the root."""
    found = []
    for (namespace, _, name), pod in _pods(recording):
        if namespace != AGENTS:
            found += [f"{name} {problem}" for problem in restricted(pod)]
        if name not in WRITABLE_ROOTS:
            found += [
                f"{name} writable root: {container['name']}"
                for container in containers(pod)
                if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True
            ]
    return found


def unfenced(recording: Recording) -> list[str]:
    """Workloads that no NetworkPolicy of their own selects, and namespaces that are open by default."""
    objects = _objects(recording)
    policies = [(key[0], inputs["spec"]) for key, inputs in objects.items() if key[1] == "NetworkPolicy"]
    closed = {
        namespace for namespace, spec in policies if not spec["podSelector"] and len(spec["policyTypes"]) == 2
    }
    fenced = {
        (namespace, spec["podSelector"].get("matchLabels", {}).get("app")) for namespace, spec in policies
    }
    found = [name for (_, kind, name) in objects if kind == "Namespace" and name not in closed]
    if recording.of("aws:eks/cluster:Cluster") and ENFORCEMENT not in objects:
        found.append("nothing has Auto Mode enforce the policies")
    for (namespace, _, name), inputs in objects.items():
        template = inputs.get("spec", {}).get("template")
        # In the host's network no policy holds.
        if template and not template["spec"].get("hostNetwork"):
            app = template["metadata"]["labels"]["app"]
            found += [] if (namespace, app) in fenced else [name]
    return found


CHECKS: tuple[Callable[[Recording], list[str]], ...] = (
    unparented,
    unprovided,
    unfinished,
    repeated,
    staged,
    leaked,
    unlabelled,
    counted_twice,
    scaled_twice,
    loose_containers,
    insecure_pods,
    unfenced,
    closure.missing,
    wiring.lost_addresses,
    wiring.lost_paths,
    wiring.unread_files,
)


def violations(recording: Recording, *, protected: bool) -> list[str]:
    """Everything that does not hold, with the name of the check."""
    checks = [*CHECKS, unprotected] if protected else CHECKS
    return [f"{check.__name__}: {problem}" for check in checks for problem in check(recording)]


def _custom(recording: Recording) -> list[Registration]:
    return [found for found in recording.resources if found.custom and not found.type.startswith(PROVIDER)]


def _objects(recording: Recording) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Kubernetes objects by namespace, kind and name."""
    return {closure.identity(inputs): inputs for inputs in closure.objects(recording)}


def _pods(recording: Recording) -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
    """Pod specs by the namespace, kind and name of their workload."""
    for key, inputs in _objects(recording).items():
        if "template" in inputs.get("spec", {}):
            yield key, inputs["spec"]["template"]["spec"]


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


def _loose(container: Mapping[str, Any], *, probed: bool) -> Iterator[str]:
    name, resources = container["name"], container.get("resources", {})
    for wanted in ("cpu", "memory"):
        if wanted not in resources.get("requests", {}):
            yield f"no {wanted} request: {name}"
    if "memory" not in resources.get("limits", {}):
        yield f"no memory limit: {name}"
    for probe in ("readinessProbe", "livenessProbe"):
        if probed and probe not in container:
            yield f"no {probe}: {name}"
    if not re.search(r"(@sha256:[0-9a-f]{64}|:(?!latest$)[\w][\w.-]*)$", container["image"]):
        yield f"image not pinned: {name}"
