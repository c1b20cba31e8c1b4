"""Whether everything that a stack refers to is there: each reference is found, then looked up.

A reference knows where it stands and what it names, so that a test can remove or misspell each
one in turn.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from render.recorder import Recording

Key = tuple[str, str, str]
"""Namespace (empty for the cluster), kind, name; parts of an object follow its name after `#`."""
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
# Objects that every EKS cluster has.
GIVEN: frozenset[Key] = frozenset(
    {("", "Namespace", "kube-system"), ("kube-system", "pods", "k8s-app=kube-dns")}
)
# Pods that the chart of a release makes, by the chart's name: what connections of ours lead to.
RELEASED: Mapping[str, tuple[str, ...]] = {
    "keda": ("keda-operator", "keda-operator-metrics-apiserver", "keda-admission-webhooks")
}
_RELEASE = "kubernetes:helm.sh/v3:Release"
_ALIAS = re.compile(r"([a-z0-9-]+)\.([a-z-]+)\.svc\.cluster\.local")


@dataclass(frozen=True)
class Reference:
    """What stands in `holder[field]` names an object of `namespace` and `kind`, or a part of it."""

    by: str
    namespace: str
    kind: str
    name: str
    holder: Any = None
    field: Any = None

    @property
    def key(self) -> Key:
        """What must exist."""
        return (self.namespace, self.kind, self.name)


def missing(recording: Recording) -> list[str]:
    """References to what is not there."""
    there = existing(recording)
    return [
        f"{found.by}: {found.kind} {found.namespace}/{found.name}"
        for found in references(recording)
        if found.key not in there
    ]


def existing(recording: Recording) -> set[Key]:
    """Every object, and those of its parts that others name."""
    found: set[Key] = set(GIVEN)
    for inputs in objects(recording):
        namespace, kind, name = identity(inputs)
        found.add((namespace, kind, name))
        found |= {(namespace, kind, f"{name}#{part}") for part in _parts(inputs)}
        if kind in KINDS:
            labels = inputs["spec"]["template"]["metadata"]["labels"]
            found |= {(namespace, "pods", f"{key}={value}") for key, value in labels.items()}
    for release in recording.of(_RELEASE):
        made = RELEASED[release.inputs["chart"]]
        found |= {(release.inputs["namespace"], "pods", f"app={app}") for app in made}
    return found


def references(recording: Recording) -> Iterator[Reference]:
    """Every reference of every object."""
    everything = list(objects(recording))
    for inputs in everything:
        yield from _of_object(inputs)
        if inputs["kind"] in KINDS:
            yield from _of_pod(inputs)
    yield from _of_services(everything)
    for found in recording.of(_RELEASE):
        by = f"release {found.name}"
        yield Reference(by, "", "Namespace", found.inputs["namespace"], found.inputs, "namespace")
    for found in recording.of("aws:eks/podIdentityAssociation:PodIdentityAssociation"):
        yield Reference(
            found.name,
            found.inputs["namespace"],
            "ServiceAccount",
            found.inputs["serviceAccount"],
            found.inputs,
            "serviceAccount",
        )


def objects(recording: Recording) -> Iterator[dict[str, Any]]:
    """The Kubernetes objects."""
    for found in recording.resources:
        if found.type.startswith("kubernetes:") and "kind" in found.inputs:
            yield found.inputs


def identity(inputs: Mapping[str, Any]) -> Key:
    """Namespace, kind and name of an object."""
    metadata = inputs["metadata"]
    return (metadata.get("namespace", ""), inputs["kind"], metadata["name"])


def _parts(inputs: Mapping[str, Any]) -> Iterator[str]:
    """Names within an object that others use: keys of files, ports."""
    kind = inputs["kind"]
    if kind in ("ConfigMap", "Secret"):
        content = inputs.get("data") or inputs.get("stringData") or {}
        yield from content.get("value", content)
    elif kind == "Service":
        for port in inputs["spec"].get("ports", ()):
            yield from (port["name"], str(port["port"]))
    elif kind in KINDS:
        for container in inputs["spec"]["template"]["spec"]["containers"]:
            yield from (f"port:{port['name']}" for port in container.get("ports", ()))
        for volume in inputs["spec"]["template"]["spec"].get("volumes", ()):
            yield f"volume:{volume['name']}"
        for template in inputs["spec"].get("volumeClaimTemplates", ()):
            yield f"volume:{template['metadata']['name']}"


def _of_object(inputs: Mapping[str, Any]) -> Iterator[Reference]:
    namespace, kind, name = identity(inputs)
    by = f"{kind} {namespace}/{name}"
    spec = inputs.get("spec", {})
    if namespace:
        yield Reference(by, "", "Namespace", namespace, inputs["metadata"], "namespace")
    match kind:
        case "HorizontalPodAutoscaler" | "ScaledObject":
            target = spec["scaleTargetRef"]
            yield Reference(by, namespace, target["kind"], target["name"], target, "name")
        case "PodDisruptionBudget":
            yield from _selected(by, namespace, spec["selector"]["matchLabels"])
        case "NetworkPolicy":
            yield from _of_policy(by, namespace, spec)
        case "PersistentVolumeClaim":
            yield Reference(by, "", "StorageClass", spec["storageClassName"], spec, "storageClassName")
        case "RoleBinding" | "ClusterRoleBinding":
            role = inputs["roleRef"]
            where = namespace if role["kind"] == "Role" else ""
            yield Reference(by, where, role["kind"], role["name"], role, "name")
            for subject in inputs["subjects"]:
                yield Reference(by, subject["namespace"], subject["kind"], subject["name"], subject, "name")
        case "Ingress":
            yield Reference(by, "", "IngressClass", spec["ingressClassName"], spec, "ingressClassName")
            for path in (path for rule in spec["rules"] for path in rule["http"]["paths"]):
                service = path["backend"]["service"]
                yield Reference(by, namespace, "Service", service["name"], service, "name")
                port = f"{service['name']}#{service['port']['name']}"
                yield Reference(by, namespace, "Service", port, service["port"], "name")


def _selected(by: str, namespace: str, labels: dict[str, str]) -> Iterator[Reference]:
    for key, value in labels.items():
        yield Reference(by, namespace, "pods", f"{key}={value}", labels, key)


def _of_policy(by: str, namespace: str, spec: Mapping[str, Any]) -> Iterator[Reference]:
    yield from _selected(by, namespace, spec["podSelector"].get("matchLabels", {}))
    peers = [peer for rule in spec.get("ingress", ()) for peer in rule.get("from", ())]
    peers += [peer for rule in spec.get("egress", ()) for peer in rule.get("to", ())]
    for peer in peers:
        if "namespaceSelector" not in peer:
            continue
        labels = peer["namespaceSelector"]["matchLabels"]
        where = labels["kubernetes.io/metadata.name"]
        yield Reference(by, "", "Namespace", where, labels, "kubernetes.io/metadata.name")
        yield from _selected(by, where, peer.get("podSelector", {}).get("matchLabels", {}))


def _of_pod(inputs: Mapping[str, Any]) -> Iterator[Reference]:
    namespace, kind, name = identity(inputs)
    by, pod = f"{kind} {namespace}/{name}", inputs["spec"]["template"]["spec"]
    yield Reference(by, namespace, "ServiceAccount", pod["serviceAccountName"], pod, "serviceAccountName")
    if kind == "StatefulSet":
        yield Reference(
            by, namespace, "Service", inputs["spec"]["serviceName"], inputs["spec"], "serviceName"
        )
        yield from _claims(by, namespace, inputs)
    for volume in pod.get("volumes", ()):
        for part in (volume, *volume.get("projected", {}).get("sources", ())):
            yield from _of_volume(by, namespace, part)
    for container in pod["containers"]:
        for mount in container.get("volumeMounts", ()):
            yield Reference(by, namespace, kind, f"{name}#volume:{mount['name']}", mount, "name")
        for source in container.get("envFrom", ()):
            for field, wanted in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if field in source:
                    yield Reference(by, namespace, wanted, source[field]["name"], source[field], "name")
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            for way in ("httpGet", "tcpSocket"):
                if way in container.get(probe, {}):
                    asked = container[probe][way]
                    yield Reference(by, namespace, kind, f"{name}#port:{asked['port']}", asked, "port")


def _of_volume(by: str, namespace: str, part: Mapping[str, Any]) -> Iterator[Reference]:
    for source, wanted, field in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
        # Kubernetes makes the authority's in every namespace.
        if source in part and part[source][field] != "kube-root-ca.crt":
            yield Reference(by, namespace, wanted, part[source][field], part[source], field)


def _claims(by: str, namespace: str, inputs: Mapping[str, Any]) -> Iterator[Reference]:
    for template in inputs["spec"].get("volumeClaimTemplates", ()):
        claimed = template["spec"]
        yield Reference(by, "", "StorageClass", claimed["storageClassName"], claimed, "storageClassName")
        for ordinal in range(inputs["spec"]["replicas"]):
            claim = f"{template['metadata']['name']}-{inputs['metadata']['name']}-{ordinal}"
            yield Reference(by, namespace, "PersistentVolumeClaim", claim, template["metadata"], "name")


def _of_services(everything: list[dict[str, Any]]) -> Iterator[Reference]:
    """What Services select: pods, and among their ports those that the Service leads to."""
    workloads = [inputs for inputs in everything if inputs["kind"] in KINDS]
    for inputs in everything:
        if inputs["kind"] != "Service":
            continue
        namespace, kind, name = identity(inputs)
        by, spec = f"{kind} {namespace}/{name}", inputs["spec"]
        if spec.get("type") == "ExternalName":
            leads = _ALIAS.fullmatch(spec["externalName"])
            target, where = leads.groups() if leads else (spec["externalName"], "nowhere")
            yield Reference(by, where, "Service", target, spec, "externalName")
            continue
        yield from _selected(by, namespace, spec["selector"])
        chosen = [
            identity(workload)
            for workload in workloads
            if identity(workload)[0] == namespace
            and spec["selector"].items() <= workload["spec"]["template"]["metadata"]["labels"].items()
        ]
        for port in spec["ports"]:
            for _, target_kind, target in chosen:
                part = f"{target}#port:{port['targetPort']}"
                yield Reference(by, namespace, target_kind, part, port, "targetPort")
