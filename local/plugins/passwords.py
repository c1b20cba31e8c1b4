"""The stand-in for Pulumi's random provider: what it makes lives in the state and nowhere else.

(Not in a `random.py`: the runner of programs, beside it, would take that for Python's own.)
"""

import base64
import secrets
import string
from collections.abc import Mapping
from importlib.metadata import version

from local.plugins.backend import UNKNOWN, Checked, Failure, Properties, Refused, State
from local.plugins.wire import has_unknown

PASSWORD = "random:index/randomPassword:RandomPassword"  # noqa: S105 - a type token
ID = "random:index/randomId:RandomId"
# Source: the documentation of each resource's computed attributes (terraform-provider-random 3).
# The hash of a password is left out: it would be one of bcrypt, and nothing here reads it.
_OUTPUTS: Mapping[str, tuple[str, ...]] = {PASSWORD: ("result",), ID: ("hex", "dec", "b64Std", "b64Url")}
# The provider gives every password the same id.
_PASSWORD_ID = "none"  # noqa: S105 - what stands for the lack of one
# Each class of characters: the input that allows it, and the one that asks for a number of them.
_CLASSES: Mapping[str, tuple[str, str]] = {
    "lower": ("minLower", string.ascii_lowercase),
    "upper": ("minUpper", string.ascii_uppercase),
    "numeric": ("minNumeric", string.digits),
    "special": ("minSpecial", "!@#$%&*()-_=+[]{}<>:?"),
}


class RandomBackend:
    """Makes passwords and ids. Any change of an input makes another: so says the provider's schema."""

    name = "random"
    lives_in_state = True

    def __init__(self) -> None:
        self.version = version("pulumi-random")

    def configure(self, settings: Properties) -> None:
        return None

    def check(self, session: None, urn: str, kind: str, inputs: Properties, old: Properties) -> Checked:
        if kind not in _OUTPUTS:
            raise Refused(f"the embedded target makes no {kind}")
        if has_unknown(inputs):
            return Checked(inputs)
        return Checked(inputs, _password_failures(inputs) if kind == PASSWORD else _id_failures(inputs))

    def replaced_by(self, session: None, kind: str, path: str) -> bool:
        return True

    def named_by_program(self, kind: str, inputs: Properties) -> bool:
        return False

    def preview_outputs(self, session: None, kind: str, inputs: Properties) -> Properties:
        return {**inputs, **dict.fromkeys(_OUTPUTS[kind], UNKNOWN)}

    def create(self, session: None, urn: str, kind: str, inputs: Properties) -> State:
        if kind == PASSWORD:
            return State(_PASSWORD_ID, {**inputs, "result": password(inputs)})
        return _made_id(inputs)

    def read(self, session: None, urn: str, kind: str, id: str, inputs: Properties) -> State | None:
        raise Refused(f"{kind}: what the state does not hold can be read from nowhere")

    def update(
        self, session: None, urn: str, kind: str, id: str, old: Properties, inputs: Properties
    ) -> State:
        raise Refused(f"{kind} never changes in place")

    def delete(self, session: None, urn: str, kind: str, id: str, inputs: Properties) -> None:
        return None

    def invoke(self, session: None, token: str, arguments: Properties) -> Properties:
        raise Refused(f"the embedded target answers no random function, so not {token}")


def password(inputs: Properties) -> str:
    """Random characters of the allowed classes, at least as many of each as are asked for."""
    alphabets = _alphabets(inputs)
    wanted = [secrets.choice(alphabets[name]) for name in alphabets for _ in range(_minimum(inputs, name))]
    anything = "".join(alphabets.values())
    wanted += [secrets.choice(anything) for _ in range(int(inputs["length"]) - len(wanted))]
    secrets.SystemRandom().shuffle(wanted)
    return "".join(wanted)


def _alphabets(inputs: Properties) -> dict[str, str]:
    own = {"special": inputs.get("overrideSpecial")}
    return {
        name: own.get(name) or characters
        for name, (_, characters) in _CLASSES.items()
        if inputs.get(name, True) is not False
    }


def _minimum(inputs: Properties, name: str) -> int:
    return int(inputs.get(_CLASSES[name][0]) or 0)


def _password_failures(inputs: Properties) -> list[Failure]:
    length = inputs.get("length")
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        return [Failure("length", "is a whole number of characters, one or more")]
    failures = []
    if "number" in inputs:
        failures.append(Failure("number", "has been renamed: say numeric"))
    alphabets = _alphabets(inputs)
    if not alphabets:
        failures.append(Failure("", "no class of characters is allowed"))
    for name, (minimum, _) in _CLASSES.items():
        if name not in alphabets and _minimum(inputs, name):
            failures.append(Failure(minimum, f"asks for characters that {name} does not allow"))
    if sum(_minimum(inputs, name) for name in _CLASSES) > length:
        failures.append(Failure("length", "is less than the characters that are asked for"))
    return failures


def _id_failures(inputs: Properties) -> list[Failure]:
    length = inputs.get("byteLength")
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        return [Failure("byteLength", "is a whole number of bytes, one or more")]
    return []


def _made_id(inputs: Properties) -> State:
    """Random bytes in the provider's four spellings; the prefix stands before each but not in the id."""
    made, prefix = secrets.token_bytes(inputs["byteLength"]), inputs.get("prefix") or ""
    identifier = base64.urlsafe_b64encode(made).decode().rstrip("=")
    spellings = (made.hex(), str(int.from_bytes(made, "big")), base64.b64encode(made).decode(), identifier)
    outputs = {key: f"{prefix}{text}" for key, text in zip(_OUTPUTS[ID], spellings, strict=True)}
    return State(identifier, {**inputs, **outputs})
