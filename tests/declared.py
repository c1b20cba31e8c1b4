"""What one component declares by itself: a run of it alone, and ways to look into the run."""

from collections.abc import Callable
from typing import Any

from render.recorder import Recording, Registration, run

ACCOUNT = "111122223333"


def declared(make: Callable[[], object]) -> Recording:
    """What the component that `make` makes registers."""

    def program() -> None:
        make()

    return run(program)


def inputs(recording: Recording, kind: str) -> dict[str, dict[str, Any]]:
    """Inputs by logical name of the AWS resources of one type, such as `s3/bucket:Bucket`."""
    return {found.name: found.inputs for found in recording.of(f"aws:{kind}")}


def only(recording: Recording, kind: str) -> Registration:
    """The one AWS resource of a type."""
    (found,) = recording.of(f"aws:{kind}")
    return found
