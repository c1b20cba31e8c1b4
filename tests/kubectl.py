"""What `kubectl` commands name, held against the objects that a stack declares."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import closure

from render.recorder import Recording

# The names by which commands call the kinds of the program, and those of kinds that controllers make.
_KINDS = {
    "configmap": "ConfigMap",
    "daemonset": "DaemonSet",
    "deploy": "Deployment",
    "deployment": "Deployment",
    "event": "",
    "hpa": "HorizontalPodAutoscaler",
    "networkpolicy": "NetworkPolicy",
    "node": "",
    "pod": "Pod",
    "pvc": "PersistentVolumeClaim",
    "replicaset": "",
    "resourcequota": "ResourceQuota",
    "scaledobject": "ScaledObject",
    "secret": "Secret",
    "statefulset": "StatefulSet",
    "svc": "Service",
}
# Programs that a pod's image is known to have, by the pod's set: the Dockerfiles of the pinned versions.
_PROGRAMS = {"prometheus": "promtool", "alertmanager": "amtool", "neo4j": "cypher-shell"}
_OF_TYPES = frozenset({"annotate", "delete", "describe", "get", "patch", "top"})
_OF_ONE = frozenset({"debug", "exec", "logs", "port-forward", "scale"})
_OF_PARTS = frozenset({"rollout", "set"})
_WITH_VALUE = frozenset({"-c", "-l", "-n", "-o", "-p"})
_ENDS = frozenset({"|", "&"})


@dataclass(frozen=True)
class There:
    """What a stack has."""

    keys: frozenset[closure.Key]
    containers: frozenset[tuple[str, str]]
    """Namespace and name of every container."""

    def has(self, namespace: str, kind: str, name: str) -> bool:
        """Whether there is such an object; a pod is one of a set, by its number."""
        if kind == "Pod":
            of, _, number = name.rpartition("-")
            return number.isdigit() and self.has(namespace, "StatefulSet", of)
        return (namespace, kind, name) in self.keys


def there(recording: Recording) -> There:
    """What the program declares, and the autoscalers that KEDA makes of it."""
    keys, containers = closure.existing(recording), set()
    for inputs in closure.objects(recording):
        namespace, kind, _ = closure.identity(inputs)
        if kind == "ScaledObject":
            made = inputs["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"]
            keys.add((namespace, "HorizontalPodAutoscaler", made))
        if kind in closure.KINDS:
            pod = inputs["spec"]["template"]["spec"]
            containers |= {(namespace, container["name"]) for container in pod["containers"]}
    return There(frozenset(keys), frozenset(containers))


@dataclass(frozen=True)
class Command:
    """A command in its parts."""

    words: Sequence[str]
    """Verb and what follows, without options and what runs inside."""
    options: Sequence[tuple[str, str]]
    inside: Sequence[str]
    """What is run in a container."""

    def option(self, *names: str) -> str | None:
        """The value of the first of these options that is there."""
        return next((value for name, value in self.options if name in names), None)


def wrong(text: str, stack: There) -> list[str]:
    """What a command names that is not there, and what it should not do."""
    command = _parsed(text)
    verb = command.words[0] if command.words else ""
    if verb not in _OF_TYPES | _OF_ONE | _OF_PARTS or command.option("--raw") is not None:
        return [f"{text}: no such command is known here"]
    namespace = command.option("-n") or ""
    problems = [*_of_namespace(command, namespace, stack), *_of_options(command, namespace, stack)]
    problems += [problem for found in _named(command) for problem in _missing(found, namespace, stack)]
    if verb == "exec" and not _has_program(command):
        problems.append(f"its image is not known to have {' '.join(command.inside[:1])}")
    if verb == "logs" and command.option("-l") and command.option("--tail") is None:
        problems.append("with -l it shows ten lines unless --tail says more")
    return [f"{text}: {problem}" for problem in problems]


def _parsed(text: str) -> Command:
    words = shlex.split(text)[1:]
    words = words[: min((words.index(end) for end in _ENDS if end in words), default=len(words))]
    inside: list[str] = []
    if "--" in words:
        at = words.index("--")
        words, inside = words[:at], words[at + 1 :]
    plain, options, rest = [], [], iter(words)
    for word in rest:
        if word in _WITH_VALUE:
            options.append((word, next(rest, "")))
        elif word.startswith("-"):
            name, _, value = word.partition("=")
            options.append((name, value))
        else:
            plain.append(word)
    return Command(plain, options, inside)


def _open(name: str) -> bool:
    """Whether the reader fills it in."""
    return "<" in name or name.startswith("$")


def _of_namespace(command: Command, namespace: str, stack: There) -> Iterator[str]:
    everywhere = command.option("--all-namespaces") is not None
    of_cluster = len(command.words) > 1 and command.words[1] in {"node", "nodes"}
    if not namespace and not everywhere and not of_cluster:
        yield "no namespace"
    if namespace and not _open(namespace) and ("", "Namespace", namespace) not in stack.keys:
        yield f"no namespace {namespace}"


def _of_options(command: Command, namespace: str, stack: There) -> Iterator[str]:
    for app in _apps(command.option("-l") or ""):
        if not (_open(app) or _open(namespace)) and (namespace, "pods", f"app={app}") not in stack.keys:
            yield f"no pods with app={app} in {namespace}"
    container = command.option("-c", "--target")
    if container and not _open(container) and (namespace, container) not in stack.containers:
        yield f"no container {container} in {namespace}"


def _apps(selector: str) -> list[str]:
    one = re.fullmatch(r"app=(\S+)", selector)
    several = re.fullmatch(r"app in \((.+)\)", selector)
    if several:
        return several.group(1).split(", ")
    return [one.group(1)] if one else ([f"{selector!r}"] if selector else [])


def _named(command: Command) -> Iterator[tuple[str, str, str]]:
    """Type, name and port of all that it names; without a name only the type."""
    verb, *words = command.words
    if verb in _OF_TYPES and words and "/" not in words[0]:
        names = words[1:2] if verb in {"annotate", "patch"} else words[1:]
        yield from ((kind, name, "") for kind in words[0].split(",") for name in names or [""])
    elif verb in _OF_PARTS:
        yield from ((*word.split("/"), "") for word in words[1:] if "/" in word and "=" not in word)
    elif words:
        kind, _, name = words[0].rpartition("/")
        yield (kind or "pod", name, words[1] if verb == "port-forward" else "")


def _missing(found: tuple[str, str, str], namespace: str, stack: There) -> Iterator[str]:
    called, name, port = found
    kind = _KINDS.get(called, _KINDS.get(called.removesuffix("s")))
    if kind is None:
        yield f"no kind {called}"
    elif kind and name and not (_open(name) or _open(namespace)):
        if not stack.has(namespace, kind, name):
            yield f"no {kind} {namespace}/{name}"
        elif port and (namespace, kind, f"{name}#{port}") not in stack.keys:
            yield f"no port {port} of {kind} {namespace}/{name}"


def _has_program(command: Command) -> bool:
    program = command.inside[0] if command.inside else ""
    name = command.words[1] if len(command.words) > 1 else ""
    if _open(name):
        return program in _PROGRAMS.values()
    return _PROGRAMS.get(name.rpartition("-")[0]) == program
