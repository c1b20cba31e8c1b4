"""Writes a recording as a tree of files, whole or not at all."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from config.settings import Settings
from model.capacity import Check, checks
from model.capacity.figures import capacity
from model.slices import Plan
from render.cloud import SIGNATURE
from render.recorder import Recording, Registration

RELEASE = "kubernetes:helm.sh/v3:Release"
MARKER = ".rendered"
MARKER_TEXT = "Written by render; the whole folder is replaced by the next run.\n"


class NotOurs(Exception):
    """The target holds something that this program did not write."""


def files(recording: Recording, plan: Plan, settings: Settings) -> dict[str, str]:
    """Every file by its path in the tree."""
    found = dict(_resource_files(recording))
    found |= plan.observability.files
    found["plan.json"] = _json(
        {
            "settings": settings.model_dump(mode="json", by_alias=True),
            "tier": plan.identity.tier,
            "load": asdict(plan.load),
            "capacity": capacity(plan),
            "checks": [_check(check) for check in checks(plan, settings)],
            "identity": {
                "environment": plan.identity.environment,
                "region": plan.identity.region,
                "sinks": list(plan.identity.sinks),
                "tags": dict(plan.identity.tags),
            },
        }
    )
    return dict(sorted(found.items()))


def _check(check: Check) -> dict[str, Any]:
    """A check with what follows from it; the setting that mends it only where it fails."""
    setting = check.setting if check.setting and not check.holds else None
    return {
        **asdict(check),
        "margin": check.margin,
        "holds": check.holds,
        "setting": setting and f"{setting.key}={setting.value}",
    }


def write(tree: Mapping[str, str], target: Path) -> None:
    """Put `tree` in place of `target`; an interruption leaves the old tree or the new one.

    Raises:
        NotOurs: the target is a file, or a folder with content that is not ours.
        OSError: the disk is full, or the folder above cannot be written.
    """
    target = target.resolve()
    check_ours(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        fresh, old = scratch / "new", scratch / "old"
        for path, text in {**tree, MARKER: MARKER_TEXT}.items():
            file = fresh / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def check_ours(target: Path) -> None:
    """Nothing, where a tree may be put.

    Raises:
        NotOurs: the target is a file, or a folder with content that is not ours.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise NotOurs(f"{target} is a file")
    if any(target.iterdir()) and not (target / MARKER).exists():
        raise NotOurs(f"{target} holds files that were not rendered here; name another folder")


def _resource_files(recording: Recording) -> Iterator[tuple[str, str]]:
    for found in recording.resources:
        if found.type.startswith("kubernetes:") and "kind" in found.inputs:
            yield _kubernetes_path(found), _yaml(opened(found.inputs))
        elif found.type == RELEASE:
            yield f"helm/{found.inputs['name']}.yaml", _yaml(opened(found.inputs))
        elif found.type.startswith("aws:"):
            module, kind = _aws_type(found.type)
            content = {
                "type": found.type,
                "name": found.name,
                "inputs": opened(found.inputs),
                "protect": found.protect,
                "retainOnDelete": found.retain,
            }
            yield f"aws/{module}.{kind}-{found.name}.json", _json(content)


def _kubernetes_path(found: Registration) -> str:
    metadata = found.inputs["metadata"]
    folder = metadata.get("namespace", "_cluster")
    return f"kubernetes/{folder}/{found.inputs['kind'].lower()}-{metadata['name']}.yaml"


def _aws_type(token: str) -> tuple[str, str]:
    """Module and type of a token such as `aws:ec2/vpc:Vpc`."""
    _, module, kind = token.split(":")
    return module.split("/", 1)[0], kind


def opened(value: Any) -> Any:
    """A value without secret envelopes: planted secrets only name their keys."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            return opened(value["value"])
        return {key: opened(item) for key, item in value.items()}
    return [opened(item) for item in value] if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a diff shows lines."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # A block cannot hold spaces at the end of a line; such a text is quoted.
    block = "\n" in text and not re.search(r"[ \t]\n|[ \t]$", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Dumper.add_representer(str, _text)


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=True, width=110)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
