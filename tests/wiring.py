"""Whether the texts of a stack lead somewhere: addresses to a Service and its port, paths to a file
that is mounted there, and every mounted file to a path or a folder that its server reads.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from closure import KINDS, existing, identity, objects

from model.dashboards.names import NAMES
from render.recorder import Recording
from render.tree import opened

_HOST = re.compile(
    r"(?<![\w.-])((?:[a-z0-9-]+\.){1,2})(monitoring|monitoring-agents|axiom)\.svc(?:\.cluster\.local)?(?::(\d+))?"
)
_NEIGHBOUR = re.compile(r"\b(?:http|neo4j)://(?!localhost)([a-z0-9-]+):\d+(?=$|[/\s])")
_PATH = re.compile(r"/[\w@%+*./-]+")
# Servers read these folders whole.
FOLDERS = frozenset(
    {
        "/etc/nginx/conf.d",
        # Named as `root` of a location of the site.
        "/usr/share/nginx/runtime",
        "/etc/grafana/provisioning/datasources",
        "/etc/grafana/provisioning/dashboards",
        # Its provider of dashboards reads what lies below.
        *(f"/etc/grafana/dashboards/{name.uid}" for name in NAMES),
    }
)


@dataclass(frozen=True)
class Pod:
    """A workload's texts and the files that it mounts."""

    name: str
    namespace: str
    texts: tuple[str, ...]
    folders: Mapping[str, frozenset[str]]
    """Mounted folder to the names of the files in it."""


def lost_addresses(recording: Recording) -> list[str]:
    """Addresses in texts that no Service has, by name or by port."""
    there = existing(recording)
    return [
        f"{pod.name}: {wanted[0]}/{wanted[2]}"
        for pod in pods(recording)
        for wanted in sorted(addresses(pod))
        if wanted not in there
    ]


def addresses(pod: Pod) -> set[tuple[str, str, str]]:
    """Services, and ports of Services, that the texts of a pod name."""
    return {wanted for text in pod.texts for wanted in _addressed(pod.namespace, text)}


def lost_paths(recording: Recording) -> list[str]:
    """Paths below a mounted folder where no file is."""
    return [
        f"{pod.name}: {path}"
        for pod in pods(recording)
        for path in _paths(pod)
        for folder, files in pod.folders.items()
        if path.startswith(f"{folder}/") and not _is_there(path[len(folder) + 1 :], files)
        if folder == max((other for other in pod.folders if path.startswith(f"{other}/")), key=len)
        if path not in pod.folders
        if not any(other.startswith(f"{path}/") for other in pod.folders)
    ]


def unread_files(recording: Recording) -> list[str]:
    """Mounted files that no text of their pod names, by path or by pattern."""
    found = []
    for pod in pods(recording):
        named = _paths(pod)
        patterns = [re.compile(re.escape(path).replace(r"\*", "[^/]*")) for path in named if "*" in path]
        for folder, files in pod.folders.items():
            if folder in FOLDERS:
                continue
            paths = [f"{folder}/{file}" for file in sorted(files)]
            read = named | {path for path in paths if any(each.fullmatch(path) for each in patterns)}
            found += [f"{pod.name}: {path}" for path in paths if path not in read]
    return found


def pods(recording: Recording) -> Iterator[Pod]:
    """Every workload with its texts: arguments, variables, mounted files."""
    everything = {identity(inputs): inputs for inputs in objects(recording)}
    for (namespace, kind, name), inputs in everything.items():
        if kind not in KINDS:
            continue
        spec = inputs["spec"]["template"]["spec"]
        volumes = spec.get("volumes", ())
        sources = {volume["name"]: _source(everything, namespace, volume) for volume in volumes}
        folders, texts = {}, []
        for container in spec["containers"]:
            texts += [*container.get("args", ()), *container.get("command", ())]
            for entry in container.get("envFrom", ()):
                reference = entry.get("configMapRef")
                if reference:
                    texts += _content(everything, namespace, "ConfigMap", reference["name"]).values()
            for mount in container.get("volumeMounts", ()):
                files = sources.get(mount["name"])
                if files is not None:
                    folders[mount["mountPath"]] = frozenset(files)
                    texts += [text for text in files.values() if text]
        yield Pod(name, namespace, tuple(texts), folders)


def _source(
    everything: Mapping[Any, Any], namespace: str, volume: Mapping[str, Any]
) -> Mapping[str, str] | None:
    """File names and texts of a volume; a secret's texts are nobody's to read."""
    if "configMap" in volume:
        return _content(everything, namespace, "ConfigMap", volume["configMap"]["name"])
    if "projected" in volume:
        # Beside our files lie an account's, which are read by their place beside them.
        parts = (_source(everything, namespace, part) for part in volume["projected"]["sources"])
        return {name: text for part in parts if part for name, text in part.items()}
    if "secret" in volume:
        return dict.fromkeys(_content(everything, namespace, "Secret", volume["secret"]["secretName"]), "")
    return None


def _content(everything: Mapping[Any, Any], namespace: str, kind: str, name: str) -> Mapping[str, str]:
    found = everything.get((namespace, kind, name), {})
    content = opened(found.get("data") or found.get("stringData") or {})
    return content if isinstance(content, dict) else {}


def _addressed(namespace: str, text: str) -> Iterator[tuple[str, str, str]]:
    for match in _HOST.finditer(text):
        service = match.group(1).rstrip(".").rsplit(".", 1)[-1]
        yield (match.group(2), "Service", service)
        if match.group(3):
            yield (match.group(2), "Service", f"{service}#{match.group(3)}")
    for match in _NEIGHBOUR.finditer(text):
        yield (namespace, "Service", match.group(1))


def _paths(pod: Pod) -> frozenset[str]:
    found = {path.rstrip(".") for text in pod.texts for path in _PATH.findall(text)}
    # A path may stand behind another, as in `host:port/database?file=/path`.
    tails = {path[match.start() :] for path in found for match in re.finditer("/", path)}
    return frozenset(found | tails)


def _is_there(file: str, files: frozenset[str]) -> bool:
    if "*" in file:
        pattern = re.compile(re.escape(file).replace(r"\*", ".*"))
        return any(pattern.fullmatch(name) for name in files)
    return file in files
