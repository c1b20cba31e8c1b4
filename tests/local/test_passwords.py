"""The stand-in for the random provider."""

import base64
import re
import string
from pathlib import Path

import pulumi_random
import pytest

from local.plugins.backend import UNKNOWN, Refused
from local.plugins.passwords import ID, PASSWORD, RandomBackend, password

BACKEND = RandomBackend()


def test_a_password_has_its_length_and_its_classes() -> None:
    """Letters and digits where special characters are not allowed, and at least what is asked for."""
    found = password({"length": 40, "special": False, "minNumeric": 30, "minUpper": 10})
    assert len(found) == 40
    assert sum(character in string.digits for character in found) == 30
    assert sum(character in string.ascii_uppercase for character in found) == 10


def test_two_passwords_differ() -> None:
    """Chance decides, not the inputs."""
    assert password({"length": 40}) != password({"length": 40})


def test_special_characters_may_be_chosen() -> None:
    """Nothing but them where nothing else is allowed."""
    only = {"length": 9, "lower": False, "upper": False, "numeric": False, "overrideSpecial": "#"}
    assert password(only) == "#########"


def test_a_preview_does_not_know_it() -> None:
    """It is made when the resource is."""
    assert BACKEND.preview_outputs(None, PASSWORD, {"length": 8})["result"] is UNKNOWN


def test_any_change_makes_another_one() -> None:
    """So says the schema of the provider."""
    assert BACKEND.replaced_by(None, PASSWORD, "length")


@pytest.mark.parametrize(
    "inputs",
    [
        {"length": 0},
        {"length": "many"},
        {"length": 2.5},
        {"length": 3, "minLower": 4},
        {"length": 8, "upper": False, "minUpper": 1},
        {"length": 8, "number": False},
        {"length": 8, "lower": False, "upper": False, "numeric": False, "special": False},
    ],
)
def test_what_no_password_can_be_is_refused(inputs: dict[str, object]) -> None:
    """Before anything is made."""
    assert BACKEND.check(None, "urn", PASSWORD, inputs, {}).failures


def test_an_id_is_the_same_bytes_in_four_spellings() -> None:
    """Its prefix stands before each of them, and not in the id."""
    made = BACKEND.create(None, "urn", ID, {"byteLength": 8, "prefix": "x-"})
    value = bytes.fromhex(made.outputs["hex"].removeprefix("x-"))
    assert len(value) == 8
    assert made.outputs["dec"] == f"x-{int.from_bytes(value, 'big')}"
    assert made.outputs["b64Std"] == f"x-{base64.b64encode(value).decode()}"
    assert made.outputs["b64Url"] == f"x-{made.id}"


def test_an_id_without_bytes_is_refused() -> None:
    """Before anything is made."""
    assert BACKEND.check(None, "urn", ID, {"byteLength": 0}, {}).failures
    assert not BACKEND.check(None, "urn", ID, {"byteLength": 1}, {}).failures


def test_what_is_not_known_yet_passes_a_check() -> None:
    """A preview must not refuse what it cannot see."""
    assert not BACKEND.check(None, "urn", PASSWORD, {"length": UNKNOWN, "minLower": UNKNOWN}, {}).failures


def test_the_types_and_the_secret_are_the_sdks() -> None:
    """The tokens are registered, and the engine is told that the password is secret."""
    folder = Path(pulumi_random.__file__).parent
    tokens = {
        token
        for path in folder.glob("random_*.py")
        for token in re.findall(r'type_token\("([^"]+)"\)', path.read_text())
    }
    assert {PASSWORD, ID} <= tokens
    secret = re.findall(r"additional_secret_outputs=\[(.*?)\]", (folder / "random_password.py").read_text())
    assert '"result"' in secret[0]


def test_another_type_is_refused() -> None:
    """The stand-in makes passwords and ids, and nothing else."""
    with pytest.raises(Refused, match="RandomPet"):
        BACKEND.check(None, "urn", "random:index/randomPet:RandomPet", {}, {})
