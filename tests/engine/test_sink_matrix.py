"""Every set of sinks in every environment, previewed and applied on the target, one after another."""

import itertools

import pytest
from checkout import Checkout

from config.scalars import Environment, SinkName
from config.settings import load, required_secrets

SETS = [chosen for size in (1, 2, 3) for chosen in itertools.combinations(map(str, SinkName), size)]


@pytest.mark.long
@pytest.mark.parametrize("environment", list(Environment))
def test_any_set_of_sinks_is_applied(checkout: Checkout, environment: Environment) -> None:
    """From each to the next; afterwards nothing is left to do, and nothing of a sink that is gone is left."""
    stack = ("--stack", environment, "--non-interactive")
    first, *others = SETS
    # Else a preview that takes Loki and its disk away is refused, as in prod it should be.
    sets = (f"logSinks={as_list(first)}", "protectStores=false")
    checkout.local("up", "--stack", environment, *(word for each in sets for word in ("--set", each)))
    checkout.pulumi("config", "set", "protectStores", "false", "--stack", environment)
    for key in required_secrets(load({"logSinks": list(SETS[-1])}, stack=environment)):
        checkout.pulumi("config", "set", "--secret", key, "placeholder", "--stack", environment)
    for chosen in others:
        checkout.pulumi("config", "set", "logSinks", as_list(chosen), "--stack", environment)
        checkout.pulumi("preview", *stack)
        checkout.pulumi("up", "--yes", "--skip-preview", *stack)
        checkout.pulumi("preview", "--expect-no-changes", *stack)
        names = checkout.kubectl("get", "statefulset", "--all-namespaces", "--output", "name")
        assert ("statefulset.apps/loki" in names.split()) == ("loki" in chosen)


def as_list(chosen: tuple[str, ...]) -> str:
    """A list as a stack file holds it."""
    return "[" + ", ".join(f'"{name}"' for name in chosen) + "]"
