"""Late values in planned text, and what rolls the pods."""

from collections.abc import Mapping

import pytest
from plain_workload import plain

from components.config_files import ConfigFiles, ConfigFilesArgs
from model.container import ConfigFile, FileMount
from model.late import Late
from model.spec import WorkloadSpec
from render.recorder import Recording, run


def _spec(*mounts: FileMount, environment: Mapping[str, str] | None = None) -> WorkloadSpec:
    return plain(config=mounts, environment=environment or {})


def _mount(text: str, *, reloads: bool = False) -> FileMount:
    return FileMount(
        name="server-config", path="/etc", files=(ConfigFile(name="a", text=text),), reloads=reloads
    )


def _recorded(spec: WorkloadSpec, host: str = "db.example.com") -> Recording:
    args = ConfigFilesArgs(spec=spec, namespace="monitoring", late={Late.POSTGRES_HOST: host})

    def program() -> None:
        ConfigFiles("files", args)

    return run(program)


def _digest(recording: Recording) -> str | None:
    outputs = recording.of("axiom:monitoring:ConfigFiles")[0].outputs or {}
    digest: str | None = outputs.get("digest")
    return digest


def test_late_values_are_put_in() -> None:
    """Files and variables hold what the store became."""
    spec = _spec(_mount(f"host: {Late.POSTGRES_HOST}:5432"), environment={"HOST": Late.POSTGRES_HOST})
    found = {item.name: item.inputs["data"] for item in _recorded(spec).of("kubernetes:core/v1:ConfigMap")}
    assert found == {
        "files-config": {"a": "host: db.example.com:5432"},
        "files-environment": {"HOST": "db.example.com"},
    }


def test_a_value_that_no_store_provides_is_an_error() -> None:
    """A text never ships with a token in it."""
    with pytest.raises(KeyError):
        _recorded(_spec(_mount(str(Late.REDIS_HOST))))


@pytest.mark.parametrize("changed", ["b", f"{Late.POSTGRES_HOST}"])
def test_changed_content_rolls_the_pods(changed: str) -> None:
    """Another text is another digest."""
    assert _digest(_recorded(_spec(_mount("a")))) != _digest(_recorded(_spec(_mount(changed))))


def test_a_changed_late_value_rolls_the_pods() -> None:
    """The digest is that of the text with the values in it."""
    spec = _spec(_mount(str(Late.POSTGRES_HOST)))
    assert _digest(_recorded(spec, "one")) != _digest(_recorded(spec, "two"))


def test_what_reloads_by_itself_rolls_nothing() -> None:
    """A reloading server keeps its pods when its files change."""
    assert _digest(_recorded(_spec(_mount("a", reloads=True)))) is None


def test_variables_roll_the_pods_of_a_reloading_server() -> None:
    """Variables are read once, whatever reloads the files."""
    first = _spec(_mount("a", reloads=True), environment={"A": "1"})
    second = _spec(_mount("a", reloads=True), environment={"A": "2"})
    assert _digest(_recorded(first)) != _digest(_recorded(second))
