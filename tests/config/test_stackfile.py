"""A stack file is read as Pulumi reads it, and never with a traceback."""

from pathlib import Path

import pytest

from config.__main__ import main
from config.errors import SettingsError
from config.stackfile import apply_overrides, read

HEAD = "config:\n  axiom-monitoring:environment: dev\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "cannot be read"),
        (b"config: &a\n  axiom-monitoring:neo4j: *a\n", "Circular"),
        (b"- a\n", "a mapping with `config:`"),
        (b"config: [a]\n", "a mapping under `config:`"),
        (b"config:\n  a:b: \x01\n", "special characters"),
        (b"config:\n  axiom-monitoring:tier: 1year\n  axiom-monitoring:tier: current\n", "line 3; the key"),
    ],
)
def test_a_file_that_cannot_be_meant_is_one_problem(tmp_path: Path, content: bytes, words: str) -> None:
    """The file is named, and what is wrong with it."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read(file, stack="dev")
    assert [problem.key for problem in caught.value.problems] == ["Pulumi.dev.yaml"]
    assert words in str(caught.value)


def test_a_folder_in_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    """No traceback."""
    with pytest.raises(SettingsError, match="cannot be read"):
        read(tmp_path, stack="dev")


def test_an_unknown_stack_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error in STACK= shows what there is, and exits with 2."""
    assert main(["check", "--stack", "dve"]) == 2
    assert "stacks here: dev, prod, staging" in capsys.readouterr().err


def test_words_and_dates_are_text(tmp_path: Path) -> None:
    """Pulumi's YAML knows only true and false, and hands dates over as text."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(HEAD + "  axiom-monitoring:postgres: {multiAz: yes, host: 2026-01-01}\n  1: on\n")
    assert read(file, stack="dev") == {
        "environment": "dev",
        "postgres": {"multiAz": "yes", "host": "2026-01-01"},
        "1": "on",
    }


def test_a_key_without_a_namespace_is_ours(tmp_path: Path) -> None:
    """Pulumi takes it so; keys of other namespaces stay out."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  tier: 1year\n  aws:region: eu-west-1\n")
    assert read(file, stack="dev") == {"tier": "1year"}


@pytest.mark.parametrize(
    "override", ["tier", "=x", "...=x", "[0]=x", "a[=x", "network.privateSubnetIds[3]=x"]
)
def test_an_override_that_is_none_is_refused(override: str) -> None:
    """No `=`, no path, or a gap in a list."""
    with pytest.raises(SettingsError, match="one problem"):
        apply_overrides({}, [override], stack="dev")


def test_a_key_of_its_own_is_set_as_text() -> None:
    """As Pulumi does; inside a section numbers and booleans are what they look like."""
    assert apply_overrides({}, ["tier=1", "retention.logsDays=1", 'a["b.c"]=014'], stack="dev") == {
        "tier": "1",
        "retention": {"logsDays": 1},
        "a": {"b.c": "014"},
    }


def test_overrides_leave_what_was_given_alone() -> None:
    """The mapping that goes in is not changed."""
    raw = {"logSinks": ["loki"], "neo4j": {"acceptLicense": False}}
    apply_overrides(raw, ["logSinks[0]=datadog", "neo4j.acceptLicense=true"], stack="dev")
    assert raw == {"logSinks": ["loki"], "neo4j": {"acceptLicense": False}}
