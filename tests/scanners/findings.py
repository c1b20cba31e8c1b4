"""What the scanners find in a rendered stack, and the exceptions that the project declares."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from real_server import tool as found_tool

STACKS = ("dev", "prod")
EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")
# Nothing listens there: a scanner that wants to call out fails at once instead of doing so.
_NOWHERE = "http://127.0.0.1:9"
_KUBERNETES = "v1.35"
# Checks that are off unless asked for and hold here.
_OPTIONAL = ("container-seccomp-profile", "container-ports-check")
_PERFECT = 10


@dataclass(frozen=True, order=True)
class Finding:
    """A check that failed on a resource; kind.namespace.name, or type.name in a plan."""

    tool: str
    check: str
    resource: str


@dataclass(frozen=True)
class Waiver:
    """Findings that are meant: one check, one pattern of resources, some stacks, a reason."""

    tool: str
    check: str
    resource: str
    stacks: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding, stack: str) -> bool:
        same = (self.tool, self.check) == (finding.tool, finding.check)
        return same and stack in self.stacks and fnmatchcase(finding.resource, self.resource)


def waivers(path: Path = EXCEPTIONS) -> list[Waiver]:
    """Every declared exception, one a check and pattern."""
    return [
        Waiver(entry["tool"], check, pattern, tuple(entry.get("stacks", STACKS)), entry["reason"])
        for entry in yaml.safe_load(path.read_text())
        for check in entry["checks"]
        for pattern in entry["resources"]
    ]


def undeclared(found: Iterable[Finding], stack: str, declared: Iterable[Waiver]) -> list[Finding]:
    """Findings of a stack that no exception covers."""
    known = list(declared)
    return sorted(one for one in found if not any(waiver.covers(one, stack) for waiver in known))


def unused(found: Mapping[str, Iterable[Finding]], declared: Iterable[Waiver]) -> list[Waiver]:
    """Exceptions that cover nothing in one of their stacks."""
    everything = {stack: list(findings) for stack, findings in found.items()}
    return [
        waiver
        for waiver in declared
        for stack in waiver.stacks
        if not any(waiver.covers(one, stack) for one in everything[stack])
    ]


def checkov(framework: str, target: Path, *, resources: int) -> set[Finding]:
    """What checkov finds in a folder of manifests, or in a plan, of that many resources."""
    where = ["--directory", str(target)] if target.is_dir() else ["--file", str(target)]
    options = ["--framework", framework, "--skip-download", "--compact", "--quiet", "--output", "json"]
    offline = {"HTTP_PROXY": _NOWHERE, "HTTPS_PROXY": _NOWHERE, "NO_PROXY": "", "HOME": str(target.parent)}
    report = json.loads(_run("checkov", *options, *where, environment={**os.environ, **offline}))
    summary = report["summary"]
    assert (summary["parsing_errors"], summary["resource_count"]) == (0, resources), summary
    tool = {"kubernetes": "checkov-kubernetes", "terraform_plan": "checkov-plan"}[framework]
    return {
        Finding(tool, failed["check_id"], failed["resource"]) for failed in report["results"]["failed_checks"]
    }


def kube_score(files: Iterable[Path]) -> set[Finding]:
    """What kube-score finds in manifests that are scored together, warnings included."""
    optional = [word for test in _OPTIONAL for word in ("--enable-optional-test", test)]
    options = ["score", "--kubernetes-version", _KUBERNETES, "--output-format", "json", *optional]
    report = json.loads(_run("kube-score", *options, *map(str, files), environment=dict(os.environ)))
    return {
        Finding("kube-score", scored["check"]["id"], _name(judged))
        for judged in report
        for scored in judged["checks"] or ()
        if not scored["skipped"] and scored["grade"] < _PERFECT
    }


def _name(judged: Mapping[str, Any]) -> str:
    metadata = judged["object_meta"]
    return f"{judged['type_meta']['kind']}.{metadata.get('namespace', 'default')}.{metadata['name']}"


def _run(name: str, *arguments: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [found_tool(name), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # 1 says that there are findings.
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return done.stdout
