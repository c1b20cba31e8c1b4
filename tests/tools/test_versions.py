"""What is tested is what runs: the tools' versions are the deployed ones."""

import re
from pathlib import Path

import pytest
import yaml
from real_server import BINARIES

from config.data import versions
from local import tools

TOOLS = tools.load(Path("tools"))


@pytest.mark.parametrize("name", sorted(BINARIES))
def test_each_server_is_tested_in_the_version_that_is_deployed(name: str) -> None:
    """Image tag and module version are one; some projects put a v in front of their tags."""
    assert versions().images[name].tag.removeprefix("v") == TOOLS[name].version


def test_the_api_server_is_of_the_minor_that_is_deployed() -> None:
    """The embedded Kubernetes is the one that EKS runs."""
    assert TOOLS["kubernetes"].version.startswith(f"{versions().engines['kubernetes']}.")
    variables = TOOLS["kubernetes"].variables
    assert (
        variables["k8s.io/component-base/version.gitMinor"] == versions().engines["kubernetes"].split(".")[1]
    )


def test_the_kinds_of_a_chart_are_of_its_version() -> None:
    """What the embedded API server knows is what the chart brings."""
    for name, chart in versions().charts.items():
        assert chart.version == TOOLS[name].version
        assert f"{name}-definitions" in TOOLS[name].parts


def test_the_engine_is_of_the_version_of_its_sdk() -> None:
    """The CLI and the Python SDK are released together."""
    pinned = re.search(r'"pulumi==([\d.]+)"', Path("pyproject.toml").read_text())
    assert pinned is not None
    assert pinned.group(1) == TOOLS["pulumi"].version


def test_every_tool_has_its_module_and_checksums() -> None:
    """One folder a tool, and no folder without a row."""
    folders = {path.parent.name for path in Path("tools").glob("*/go.mod")}
    assert folders == set(yaml.safe_load(Path("tools/tools.yaml").read_text()))
    assert all((Path("tools") / name / "go.sum").exists() for name in folders)


@pytest.mark.parametrize(
    "lock", sorted(Path("tools").glob("*/requirements.lock")), ids=lambda path: path.parent.name
)
def test_a_python_tool_is_locked_in_the_version_that_is_asked_for(lock: Path) -> None:
    """The lock file was renewed when the pin changed, and every package has its checksums."""
    name = lock.parent.name
    assert f"{name}=={TOOLS[name].version}" in lock.with_suffix(".in").read_text().split()
    text = lock.read_text()
    pinned = re.findall(r"^[\w.-]+==\S+( \\\n    --hash=sha256:)?", text, re.MULTILINE)
    assert len(pinned) > 1
    assert all(pinned)
