"""What a stand-in provider has to decide, in plain values.

The servicer in :mod:`local.plugins.servicer` speaks Pulumi's provider protocol and calls one
of these. Values are plain Python: mappings, lists, strings, numbers, booleans, None. A value
that the engine does not know yet is `UNKNOWN`. Secret envelopes are taken off before a
backend sees a value and put back on afterwards, so a backend never handles them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Properties = Mapping[str, Any]


class Unknown:
    """The one value that is not known during a preview."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class Refused(Exception):
    """The backend says no; the message is shown to the user as it stands."""


@dataclass(frozen=True)
class Failure:
    """One property that Check refuses; `path` may be empty for the whole resource."""

    path: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """Result of a check: the inputs with defaults filled in, failures and warnings."""

    inputs: Properties
    failures: Sequence[Failure] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class State:
    """A resource that exists: its id, its outputs, and, on a read, the inputs it amounts to."""

    id: str
    outputs: Properties
    inputs: Properties = field(default_factory=dict)
    warnings: Sequence[str] = ()


class Backend(Protocol):
    """One provider's decisions. `urn` names the resource, `kind` is its type token."""

    name: str
    version: str
    lives_in_state: bool
    """Whether a resource is nowhere but in Pulumi's state: what that says is what there is."""

    def configure(self, settings: Properties) -> Any:
        """Check the provider's own arguments; the result is handed to every other call.

        One process serves many stacks, so nothing of a configuration is kept in the backend.
        """

    def check(self, session: Any, urn: str, kind: str, inputs: Properties, old: Properties) -> Checked:
        """Fill in defaults and refuse what the real service would refuse."""

    def replaced_by(self, session: Any, kind: str, path: str) -> bool:
        """Whether a change of the property at `path` replaces the resource."""

    def named_by_program(self, kind: str, inputs: Properties) -> bool:
        """Whether the program fixed the physical name: then the old one goes before the new one."""

    def preview_outputs(self, session: Any, kind: str, inputs: Properties) -> Properties:
        """Outputs as far as they are known before a create; `UNKNOWN` for the rest."""

    def create(self, session: Any, urn: str, kind: str, inputs: Properties) -> State:
        """Make it.

        Raises:
            Refused: the service would not.
        """

    def read(self, session: Any, urn: str, kind: str, id: str, inputs: Properties) -> State | None:
        """What is there now, or None. `inputs` of the result hold only fields the program set."""

    def update(
        self, session: Any, urn: str, kind: str, id: str, old: Properties, inputs: Properties
    ) -> State:
        """Change it in place."""

    def delete(self, session: Any, urn: str, kind: str, id: str, inputs: Properties) -> None:
        """Remove it; what is gone already is no error."""

    def invoke(self, session: Any, token: str, arguments: Properties) -> Properties:
        """Answer a function call.

        Raises:
            Refused: no such function here.
        """
