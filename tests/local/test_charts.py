"""What a chart defines is found by its name (tests/engine/test_admission.py sees it made and gone)."""

from pathlib import Path

import pytest

from local.plugins.charts import Charts


@pytest.fixture
def charts(tmp_path: Path) -> Charts:
    """One chart with two definitions in two files, each with an empty document at its end."""
    folder = tmp_path / "operator-definitions"
    folder.mkdir()
    for name in ("b", "a"):
        (folder / f"{name}.yaml").write_text(f"kind: Thing\nmetadata: {{name: {name}}}\n---\n")
    return Charts(tmp_path)


@pytest.mark.parametrize("chart", ["operator", "oci://charts/things/operator", "./charts/operator"])
def test_a_chart_is_known_by_the_last_part_of_its_name(charts: Charts, chart: str) -> None:
    """Of a repository, of a registry, of a folder."""
    assert [found["metadata"]["name"] for found in charts.definitions(chart)] == ["a", "b"]


def test_a_chart_without_a_folder_defines_nothing(charts: Charts) -> None:
    """Its release is recorded all the same."""
    assert charts.definitions("another") == []
