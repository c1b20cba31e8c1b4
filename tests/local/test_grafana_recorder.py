"""The Grafana stand-in: what it makes, refuses and never stores."""

import re
from pathlib import Path

import pulumiverse_grafana
import pytest

from local.plugins.backend import Refused
from local.plugins.grafana import TYPES, GrafanaBackend

DASHBOARD = "grafana:oss/dashboard:Dashboard"
SOURCE = "grafana:oss/dataSource:DataSource"
SECRET = "PLANTED-VALUE"


def urn(kind: str, name: str) -> str:
    """A URN in stack dev."""
    return f"urn:pulumi:dev::project::{kind}::{name}"


def test_the_types_are_the_sdks() -> None:
    """The tokens are registered, and the sensitive inputs are the SDK's secret ones."""
    folder = Path(pulumiverse_grafana.__file__).parent / "oss"
    sources = {path.stem: path.read_text() for path in folder.glob("*.py")}
    known = {token for text in sources.values() for token in re.findall(r'type_token\("([^"]+)"\)', text)}
    assert TYPES.keys() <= known
    secret = re.findall(r"additional_secret_outputs=\[(.*?)\]", sources["data_source"])
    assert set(re.findall(r'"(\w+)"', secret[0])) == set(TYPES[SOURCE].sensitive)


@pytest.fixture
def folders(tmp_path: Path) -> GrafanaBackend:
    return GrafanaBackend(tmp_path)


def test_a_dashboard_has_the_uid_of_its_json(folders: GrafanaBackend) -> None:
    """Known in the preview already, and a second one of the uid is refused."""
    inputs = {"configJson": '{"uid": "overview"}'}
    assert folders.preview_outputs("", DASHBOARD, inputs)["uid"] == "overview"
    assert folders.create("http://g", urn(DASHBOARD, "a"), DASHBOARD, inputs).id == "overview"
    with pytest.raises(Refused, match="uid overview already exists"):
        folders.create("http://g", urn(DASHBOARD, "b"), DASHBOARD, inputs)


def test_a_dashboard_that_is_no_json_fails_its_check(folders: GrafanaBackend) -> None:
    """At the property, before anything is made."""
    checked = folders.check("", urn(DASHBOARD, "a"), DASHBOARD, {"configJson": "{"}, {})
    assert [(failure.path, failure.reason) for failure in checked.failures] == [("configJson", "is not JSON")]


def test_a_data_sources_secrets_are_not_stored(folders: GrafanaBackend, tmp_path: Path) -> None:
    """The state keeps them through a read, and the folder holds none."""
    inputs = {"type": "prometheus", "name": "p", "secureJsonDataEncoded": f'{{"password": "{SECRET}"}}'}
    made = folders.create("", urn(SOURCE, "a"), SOURCE, inputs)
    assert SECRET not in "".join(path.read_text() for path in tmp_path.glob("*.json"))
    seen = folders.read("", urn(SOURCE, "a"), SOURCE, made.id, inputs)
    assert seen is not None
    assert seen.inputs == inputs


def test_an_unknown_grafana_type_is_refused_by_name(folders: GrafanaBackend) -> None:
    """The message names the type and the file."""
    with pytest.raises(Refused, match=r"grafana:oss/team:Team.*grafana\.py"):
        folders.check("", urn("grafana:oss/team:Team", "a"), "grafana:oss/team:Team", {}, {})
