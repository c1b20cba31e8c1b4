"""A rendered file for a Fluent Bit on this machine: everything below one folder, no API, no sinks.

The plugins that read, join, describe, shape and clean stay as they are rendered. In the place of each sink
stands a file that its processors write to, so the form in which a sink is sent is not seen; nor are counts.
"""

import copy
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fluent_bit.record import Record

from model.servers.log_pipeline import LOGS, STATE
from model.sinks.sink import TAG

# Records by the output's alias and the name of the container's file.
Records = Mapping[tuple[str, str], list[Record]]


def adapted(config: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The file with its paths below `root`, which holds what a node has and what is written."""
    found = copy.deepcopy(dict(config))
    service, pipeline = found["service"], found["pipeline"]
    service |= {"http_server": "off", "storage.path": _below(root, service["storage.path"])}
    for plugin in pipeline["inputs"]:
        plugin.update({key: _below(root, plugin[key]) for key in ("path", "exclude_path", "db")})
    for plugin in pipeline["filters"]:
        if plugin["name"] == "lua":
            plugin["script"] = _below(root, plugin["script"])
        if plugin["name"] == "kubernetes":
            plugin.update(_described(root))
    outputs = (plugin for plugin in pipeline["outputs"] if plugin["match"] == TAG)
    pipeline["outputs"] = [_to_file(root, plugin) for plugin in outputs]
    return found


def _below(root: Path, path: str) -> str:
    return f"{root}{path}"


def _described(root: Path) -> dict[str, str]:
    """Pods are described by files; the tag has the path of the folder, which the plugin takes off."""
    folder = _below(root, f"{LOGS}/containers/").lstrip("/").replace("/", ".")
    return {
        "kube_tag_prefix": TAG.replace("*", folder),
        "kube_meta_preload_cache_dir": f"{root}/pods",
        # Where nothing answers.
        "kube_url": "http://127.0.0.1:9",
    }


def _to_file(root: Path, plugin: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: plugin[key] for key in ("alias", "match", "processors") if key in plugin}
    for each in kept.get("processors", {}).get("logs", ()):
        each["script"] = _below(root, each["script"])
    return {"name": "file", **kept, "path": f"{root}/sent", "file": plugin["alias"]}


def lay_out(
    root: Path, files: Mapping[str, str], logs: Mapping[str, bytes], pods: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write what is mounted, what containers printed, and what the API says of `NAMESPACE_POD`."""
    described = {
        f"/pods/{name}.meta": json.dumps(
            {
                "kind": "Pod",
                "metadata": {"name": name.partition("_")[2], "labels": pod["labels"]},
                "spec": {"nodeName": pod["host"]},
            }
        ).encode()
        for name, pod in pods.items()
    }
    mounted = {path: text.encode() for path, text in files.items()}
    for path, content in {**mounted, **logs, **described}.items():
        file = Path(_below(root, path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for folder in (STATE, "/sent"):
        Path(_below(root, folder)).mkdir(parents=True, exist_ok=True)


def written(root: Path) -> Records:
    """What the outputs wrote until now; a line is `TAG: [TIME, RECORD]`."""
    found: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for file in sorted((root / "sent").iterdir()):
        for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
            # The last one may be half.
            if line.endswith("\n"):
                tag, _, rest = line.partition(": ")
                found[file.name, name_of(tag)].append(json.loads(rest)[1])
    return in_order(found)


def name_of(tag: str) -> str:
    """The file of a container, without its folder and `.log`."""
    return tag.removesuffix(".log").rpartition(".")[2]


def in_order(records: Records) -> Records:
    """The same in an order that does not hang on who was first."""
    return {
        key: sorted(several, key=lambda record: json.dumps(record, sort_keys=True))
        for key, several in records.items()
    }
