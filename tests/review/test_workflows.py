"""The workflows: pinned, with few rights, safe for forks; and their scripts run as they stand."""

import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkout import ROOT
from preview_samples import digest, step

FOLDER = ROOT / ".github"
FILES = sorted([*FOLDER.glob("workflows/*.yml"), *FOLDER.glob("actions/*/action.yml")])
PINNED = re.compile(r"(?:\./[\w./-]+|[\w.-]+/[\w./-]+@[0-9a-f]{40})")
Workflow = Mapping[Any, Any]
SHA = "0123456789abcdef0123456789abcdef01234567"


def read(path: Path) -> Workflow:
    """A workflow. (YAML takes the key `on` for true.)"""
    return dict(yaml.safe_load(path.read_text()))


def steps(workflow: Workflow) -> Iterator[Mapping[str, Any]]:
    """Every step of every job, or of a composite action."""
    for job in (workflow.get("jobs") or {"": workflow.get("runs", {})}).values():
        yield from job.get("steps", [])


def not_pinned(workflow: Workflow) -> list[str]:
    """Actions that are not named by the hash of a commit."""
    return [step["uses"] for step in steps(workflow) if "uses" in step and not PINNED.fullmatch(step["uses"])]


def too_much(workflow: Workflow) -> list[str]:
    """Rights beyond what a job needs: none for the whole, and to write only to pull requests."""
    found = [] if workflow.get("permissions") == {} else ["the whole workflow has rights"]
    allowed = {("contents", "read"), ("id-token", "write"), ("pull-requests", "write")}
    for name, job in workflow["jobs"].items():
        rights = set((job.get("permissions") or {}).items())
        found += [f"{name}: {right}" for right in rights - allowed]
        if {("id-token", "write"), ("pull-requests", "write")} <= rights:
            found.append(f"{name}: credentials of the cloud and a token to write, in one job")
    return found


def open_to_forks(workflow: Workflow) -> list[str]:
    """Jobs that a fork's pull request would give credentials."""
    triggers = workflow.get(True, workflow.get("on")) or {}
    found = ["pull_request_target"] if "pull_request_target" in triggers else []
    if "pull_request" not in triggers:
        return found
    for name, job in workflow["jobs"].items():
        guarded = "head.repo.full_name == github.repository" in str(job.get("if", ""))
        after = job.get("needs") == "preview" and "skipped" in str(job.get("if", ""))
        if not (job.get("permissions") or {}).keys() <= {"contents"} and not (guarded or after):
            found.append(name)
    return found


def injectable(workflow: Workflow) -> list[str]:
    """Scripts into which an expression is pasted: a branch's name could be a command."""
    return [str(step.get("name")) for step in steps(workflow) if "${{" in str(step.get("run", ""))]


def endless(workflow: Workflow) -> list[str]:
    """Jobs without a time limit."""
    return [name for name, job in workflow["jobs"].items() if "timeout-minutes" not in job]


RULES: Mapping[str, Callable[[Workflow], list[str]]] = {
    rule.__name__: rule for rule in (not_pinned, too_much, open_to_forks, injectable, endless)
}
BAD = yaml.safe_load(
    """
on: { pull_request: {} }
permissions: { contents: write }
jobs:
  one:
    permissions: { contents: write, id-token: write, pull-requests: write }
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.head_ref }}
"""
)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: path.stem if path.stem != "action" else path.parent.name
)
def test_a_workflow_keeps_the_rules(path: Path, rule: str) -> None:
    """Each of them."""
    workflow = read(path)
    if "jobs" in workflow or rule in ("not_pinned", "injectable"):
        assert RULES[rule](workflow) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_planted_violation_is_found(rule: str) -> None:
    """Each rule can fail."""
    assert RULES[rule](BAD)


def test_every_job_of_the_cloud_may_run_inside_the_network() -> None:
    """A private endpoint is reached from there only: the label of the runner is a setting."""
    for name in ("preview", "up", "drift"):
        for job in read(FOLDER / f"workflows/{name}.yml")["jobs"].values():
            if "id-token" in (job.get("permissions") or {}):
                assert "vars.RUNNER" in job["runs-on"], name


def test_an_update_is_approved_and_applies_the_plan_that_was_told() -> None:
    """The plan is made by one job and applied by another, in the stack's environment."""
    jobs = read(FOLDER / "workflows/up.yml")["jobs"]
    assert jobs["apply"]["needs"] == "plan"
    assert jobs["apply"]["environment"] == "${{ inputs.stack }}"
    assert "--save-plan plan/plan.json" in script("up", "plan", "plan")
    assert "--plan plan.json" in script("up", "apply", "apply")


def script(workflow: str, job: str, step_id: str) -> str:
    """The script of a step."""
    found = read(FOLDER / f"workflows/{workflow}.yml")["jobs"][job]["steps"]
    return str(next(step["run"] for step in found if step.get("id") == step_id))


class Runner:
    """A folder in which scripts run with a `pulumi` that answers as it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.status = folder, "0"
        (folder / "bin").mkdir()
        (folder / ".venv").symlink_to(sys.prefix)

    def pulumi(self, out: str, said: str = "", status: int = 0) -> None:
        """What `pulumi` prints and how it ends; what it was asked is in `asked`."""
        self.status = str(status)
        (self.folder / "out").write_text(out)
        (self.folder / "said").write_text(said)
        program = self.folder / "bin/pulumi"
        program.write_text(f'#!/bin/sh\necho "$@" > asked\ncat out\ncat said >&2\nexit {status}\n')
        program.chmod(program.stat().st_mode | stat.S_IEXEC)

    def run(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run a script as a runner does."""
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "STACK": "prod",
            "SHA": SHA,
            "STATUS": self.status,
            "RUN": "https://github.example/o/r/actions/runs/1",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        }
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", text]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def text(self, name: str) -> str:
        """A file that a script wrote."""
        return (self.folder / name).read_text()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """An empty runner."""
    return Runner(tmp_path)


GONE = step("delete", "kubernetes:core/v1:Service", "service", {"spec": {}})


@pytest.mark.parametrize(
    ("out", "said", "status", "told"),
    [
        (digest(), "", 0, "nothing changes"),
        (digest(GONE), "", 0, "1 deleted"),
        (digest(errors=["boom"]), "", 1, "boom"),
        ("", "error: failed to load checkpoint: token=hunter2hunter", 255, "failed to load checkpoint"),
        ('{"steps": [', "", 1, "no JSON of a preview"),
        (digest(), "", 1, "the engine ended with status 1"),
        ('{"steps": null, "diagnostics": null}', "said nothing", 0, "says nothing"),
    ],
)
def test_a_preview_is_told_however_it_ends(
    runner: Runner, out: str, said: str, status: int, told: str
) -> None:
    """There is always a comment, and the job ends as the preview did."""
    runner.pulumi(out, said, status)
    for name in ("preview", "comment"):
        done = runner.run(script("preview", "preview", name))
        assert done.returncode == 0, done.stderr
    assert runner.text("output") == f"status={status}\n"
    body = runner.text("comment/body.md")
    assert body.startswith("<!-- axiom-monitoring review of prod -->\n")
    assert told in body
    assert "of `0123456789ab`" in body
    assert ("**safe**" in body) is (status == 0 and told != "says nothing")
    assert "hunter2hunter" not in body
    assert runner.text("summary") == body
    assert runner.text("comment/whole.md").startswith("<!-- axiom-monitoring")
    assert shlex.split(runner.text("asked"))[:3] == ["preview", "--stack", "prod"]


@pytest.mark.parametrize("made", ["", "<!-- axiom-monitoring review of prod -->\nmade"])
def test_a_preview_that_never_came_is_told(runner: Runner, made: str) -> None:
    """In place of the last commit's comment, with its marker; one that was made is left as it is."""
    if made:
        (runner.folder / "comment").mkdir()
        (runner.folder / "comment/body.md").write_text(made)
    done = runner.run(script("preview", "comment", "missing"))
    assert done.returncode == 0, done.stderr
    body = runner.text("comment/body.md")
    assert body.startswith("<!-- axiom-monitoring review of prod -->\n")
    assert ("**no preview** of `0123456789ab`" in body) is not bool(made)


def test_a_comment_that_is_missing_stops_no_post() -> None:
    """The job goes on without it; and a tag of the branch's name is no default branch."""
    found = read(FOLDER / "workflows/preview.yml")["jobs"]["comment"]["steps"]
    (download,) = (each for each in found if "download-artifact" in str(each.get("uses")))
    assert download["continue-on-error"] is True
    up = read(FOLDER / "workflows/up.yml")["jobs"]["plan"]
    assert up["if"] == "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"


def test_a_failed_update_repeats_no_planned_secret(runner: Runner) -> None:
    """The engine does; the log is cleaned before anybody sees it, and the job fails."""
    runner.pulumi("error: resource x violates plan: properties changed: ~~password[hunter2!=y]\n", "", 1)
    done = runner.run(script("up", "apply", "apply"))
    assert done.returncode == 1
    assert "violates plan" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_a_plan_is_told_and_its_failure_ends_the_job(runner: Runner) -> None:
    """Before anything is asked of an approver."""
    runner.pulumi(digest(errors=["boom"]), "", 1)
    assert runner.run(script("up", "plan", "plan")).returncode == 1
    assert "boom" in runner.text("summary")


@pytest.mark.parametrize(
    ("out", "status", "word"),
    [
        (digest(), 0, "none"),
        (digest(GONE), 0, "drift"),
        (digest(errors=["no network"]), 255, "failed"),
        (digest(), 1, "failed"),
        ('{"steps": null}', 0, "failed"),
        ("", 255, "failed"),
    ],
)
def test_drift_is_no_failure_and_failure_no_drift(runner: Runner, out: str, status: int, word: str) -> None:
    """Each has a step of its own that says which it was."""
    runner.pulumi(out, "said", status)
    done = runner.run(script("drift", "drift", "look"))
    assert done.returncode == 0, done.stderr
    assert runner.text("output") == f"word={word}\n"
    assert runner.text("summary").startswith("<!-- axiom")
