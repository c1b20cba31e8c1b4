"""Installing a tool written in Python, from a package that is made here."""

import base64
import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from local import tools
from local.processes import Problem
from local.pythontool import PythonTool


def _wheel(folder: Path) -> str:
    """A package whose main module prints a word; returns its checksum."""
    files = {
        "sample/__init__.py": "",
        "sample/main.py": "print('sample runs')\n",
        "sample-1.2.3.dist-info/METADATA": "Metadata-Version: 2.1\nName: sample\nVersion: 1.2.3\n",
        "sample-1.2.3.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
    wheel = folder / "sample-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, "sample-1.2.3.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PythonTool:
    """A tool that only this folder has, and an empty cache."""
    folder = tmp_path / "tools/sample"
    folder.mkdir(parents=True)
    (tmp_path / "tools/tools.yaml").write_text("{}")
    (folder / "requirements.lock").write_text(f"sample==1.2.3 --hash=sha256:{_wheel(tmp_path)}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("EMBEDDED_CACHE", str(tmp_path / "cache"))
    found = tools.load(tmp_path / "tools")["sample"]
    assert isinstance(found, PythonTool)
    return found


def test_a_python_tool_is_installed_once_and_runs(sample: PythonTool) -> None:
    """From the folder of links, out of an environment that was moved into place."""
    lines: list[str] = []
    for _ in range(2):
        folder = tools.ensure([sample], lines.append)
    assert subprocess.check_output([folder / "sample"], text=True) == "sample runs\n"
    assert sum("installing" in line for line in lines) == 1


def test_a_package_with_another_checksum_is_refused(sample: PythonTool, tmp_path: Path) -> None:
    """And nothing is left behind."""
    sample.lock.write_text(f"sample==1.2.3 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(Problem, match=r"installing sample 1\.2\.3 failed"):
        tools.ensure([sample], lambda _: None)
    assert not list((tmp_path / "cache/tools").glob("sample-*"))


def test_a_lock_without_the_tool_is_refused(sample: PythonTool, tmp_path: Path) -> None:
    """Its version would be unknown."""
    sample.lock.write_text("other==1.0 --hash=sha256:0\n")
    with pytest.raises(Problem, match="does not pin sample"):
        tools.load(tmp_path / "tools")
