"""`make docs` writes what has changed, says so, and empties no page where a data file is wrong."""

from pathlib import Path

import pytest

from config.files import DataError
from render import pages, runbook_heads


def test_a_page_that_is_old_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And named; the runbooks beside it are as they should be."""
    page = tmp_path / "page.md"
    page.write_text("old")
    monkeypatch.setattr(pages, "PAGES", {str(page): lambda: "new"})
    assert pages.main() == 0
    assert page.read_text() == "new"
    assert capsys.readouterr().out.splitlines()[:-1] == [str(page)]


def test_a_wrong_data_file_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, and the pages as they were."""

    def broken() -> str:
        raise DataError("config/alerts/planted.yaml: Planted: nobody exposes planted")

    page = tmp_path / "page.md"
    page.write_text("old")
    monkeypatch.setattr(pages, "PAGES", {str(page): lambda: "new", "docs/broken.md": broken})
    assert pages.main() == 1
    assert page.read_text() == "old"
    assert capsys.readouterr().err == "error: config/alerts/planted.yaml: Planted: nobody exposes planted\n"


def test_an_alert_without_a_runbook_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the file to write."""
    monkeypatch.setattr(runbook_heads, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=rf"has no runbook: write {tmp_path}/\w+\.md, in the shape of"):
        list(runbook_heads.pages())
