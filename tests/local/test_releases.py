"""Helm releases of the Kubernetes stand-in: what is recorded, refused and never stored."""

import re
from pathlib import Path
from typing import Any

import pulumi_kubernetes
import pytest

from local.plugins.backend import UNKNOWN, Refused
from local.plugins.releases import RELEASE, Releases

SECRET = "PLANTED-VALUE"
CLUSTER = "https://127.0.0.1:1"
URN = f"urn:pulumi:dev::project::{RELEASE}::keda"
INPUTS = {
    "chart": "keda",
    "version": "2.18.0",
    "name": "keda",
    "namespace": "keda",
    "values": {"password": SECRET},
    "repositoryOpts": {"repo": "https://charts", "password": SECRET},
}


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path)


def test_the_type_is_the_sdks() -> None:
    """A misspelled token would never be asked for."""
    source = (Path(pulumi_kubernetes.__file__).parent / "helm/v3/Release.py").read_text()
    assert re.findall(r'type_token\("([^"]+)"\)', source) == [RELEASE]


@pytest.mark.parametrize("key", ["chart", "version"])
def test_a_release_without_a_chart_or_version_is_refused(releases: Releases, key: str) -> None:
    """What is installed would be whatever is newest."""
    left: dict[str, Any] = {name: value for name, value in INPUTS.items() if name != key}
    assert [failure.path for failure in releases.check(URN, left, {}).failures] == [key]


def test_a_name_that_was_left_out_is_filled_in_and_stays(releases: Releases) -> None:
    """The namespace as well; what the program says is kept."""
    filled = releases.check(URN, {"chart": "c", "version": "1"}, {})
    again = releases.check(URN, {"chart": "c", "version": "1"}, filled.inputs)
    assert filled.failures == []
    assert filled.inputs["name"].startswith("keda-")
    assert (again.inputs, filled.inputs["namespace"]) == (filled.inputs, "default")
    assert releases.check(URN, INPUTS, {}).inputs == INPUTS


def test_only_its_name_and_namespace_replace_a_release(releases: Releases) -> None:
    """A new chart version is an upgrade."""
    replacing = [path for path in ("name", "namespace", "version", "values.a") if releases.replaced_by(path)]
    assert replacing == ["name", "namespace"]


def test_a_preview_does_not_know_the_status(releases: Releases) -> None:
    """It is told after the installation."""
    assert releases.preview_outputs(INPUTS)["status"] is UNKNOWN


def test_what_was_made_reads_as_it_was_made(tmp_path: Path) -> None:
    """Also by another process; an upgrade counts its revision."""
    Releases(tmp_path).create(CLUSTER, URN, INPUTS)
    seen = Releases(tmp_path).read(CLUSTER, "keda/keda", INPUTS)
    assert seen is not None
    assert seen.inputs == INPUTS
    newer = Releases(tmp_path).update(CLUSTER, URN, "keda/keda", {**INPUTS, "version": "2.19.0"})
    assert (newer.outputs["status"]["version"], newer.outputs["status"]["revision"]) == ("2.19.0", 2)


def test_no_value_of_a_chart_is_stored(releases: Releases, tmp_path: Path) -> None:
    """Values and the repository's password are kept as digests."""
    releases.create(CLUSTER, URN, INPUTS)
    assert SECRET not in "".join(path.read_text() for path in tmp_path.glob("*.json"))


def test_a_name_belongs_to_one_release_of_a_cluster(releases: Releases) -> None:
    """Another resource is refused it, another cluster is not; the same resource may try again."""
    releases.create(CLUSTER, URN, INPUTS)
    releases.create(CLUSTER, URN, INPUTS)
    releases.create("https://127.0.0.1:2", f"{URN}2", INPUTS)
    with pytest.raises(Refused, match="cannot re-use the name keda/keda"):
        releases.create(CLUSTER, f"{URN}2", INPUTS)


def test_a_release_renamed_in_the_program_stays_one_record(releases: Releases, tmp_path: Path) -> None:
    """An alias brings another URN with the same id."""
    releases.create(CLUSTER, URN, INPUTS)
    releases.update(CLUSTER, f"{URN}2", "keda/keda", INPUTS)
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_what_is_gone_reads_as_gone_and_cannot_be_upgraded(releases: Releases) -> None:
    """Deleting it once more is no error."""
    releases.create(CLUSTER, URN, INPUTS)
    releases.delete(CLUSTER, "keda/keda")
    releases.delete(CLUSTER, "keda/keda")
    assert releases.read(CLUSTER, "keda/keda", INPUTS) is None
    with pytest.raises(Refused, match="does not exist"):
        releases.update(CLUSTER, URN, "keda/keda", INPUTS)
