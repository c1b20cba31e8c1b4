"""The restricted Pod Security Standard, as Kubernetes' admission controller checks it."""

from collections.abc import Iterator, Mapping
from typing import Any

VOLUME_TYPES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SECCOMP_TYPES = ("RuntimeDefault", "Localhost")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def restricted(pod: Mapping[str, Any]) -> list[str]:
    """What a pod spec violates, as `control: where`; empty when it passes."""
    return [*_pod(pod), *(found for each in containers(pod) for found in _container(pod, each))]


def containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every container of a pod spec, whatever its role."""
    roles = ("containers", "initContainers", "ephemeralContainers")
    return [container for role in roles for container in pod.get(role, ())]


def _pod(pod: Mapping[str, Any]) -> Iterator[str]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(key):
            yield f"host namespaces: {key}"
    for volume in pod.get("volumes", ()):
        kinds = set(volume) - {"name"}
        if not kinds <= VOLUME_TYPES:
            yield f"volume types: {volume['name']}"
    context = pod.get("securityContext", {})
    if context.get("runAsUser") == 0:
        yield "non-root user: pod"
    if context.get("sysctls"):
        yield "sysctls: pod"


def _container(pod: Mapping[str, Any], container: Mapping[str, Any]) -> Iterator[str]:
    name = container["name"]
    context = container.get("securityContext", {})
    outer = pod.get("securityContext", {})
    if context.get("privileged"):
        yield f"privileged: {name}"
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"privilege escalation: {name}"
    if context.get("runAsNonRoot", outer.get("runAsNonRoot")) is not True:
        yield f"non-root: {name}"
    if context.get("runAsUser") == 0:
        yield f"non-root user: {name}"
    seccomp = context.get("seccompProfile", outer.get("seccompProfile", {}))
    if seccomp.get("type") not in SECCOMP_TYPES:
        yield f"seccomp: {name}"
    capabilities = context.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", ()):
        yield f"capabilities dropped: {name}"
    if not set(capabilities.get("add", ())) <= {"NET_BIND_SERVICE"}:
        yield f"capabilities added: {name}"
    if context.get("procMount", "Default") != "Default":
        yield f"procMount: {name}"
    yield from _host(container)


def _host(container: Mapping[str, Any]) -> Iterator[str]:
    for port in container.get("ports", ()):
        if port.get("hostPort"):
            yield f"host ports: {container['name']}"
    for probe in PROBES:
        if container.get(probe, {}).get("httpGet", {}).get("host"):
            yield f"probe host: {container['name']}"
