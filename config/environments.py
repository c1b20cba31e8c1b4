"""Defaults that the environment of a stack decides."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from config.errors import Problem, SettingsError
from config.files import read
from config.scalars import Environment


@cache
def environment_defaults() -> dict[str, dict[str, Any]]:
    """The defaults by environment."""
    return dict(read("environments.yaml"))


def defaults_for(raw: Mapping[str, Any], *, stack: str) -> dict[str, Any]:
    """`raw` with the defaults of its environment beneath; sections merge key by key.

    The environment is the stack's name where that is one and nothing else is said.

    Raises:
        SettingsError: no known environment.
    """
    environment = raw.get("environment", stack)
    if environment not in list(Environment):
        choices = ", ".join(Environment)
        allowed = f"may be {choices}; a stack of any other name must say which it serves"
        got = f'"{environment}"' if "environment" in raw else f"nothing, and the stack is called {stack}"
        raise SettingsError([Problem("environment", got, allowed, "dev")], stack=stack)
    return _merged(environment_defaults()[str(environment)], {**raw, "environment": environment})


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**below, **above}
    for key, value in below.items():
        if isinstance(value, Mapping) and isinstance(above.get(key), Mapping):
            merged[key] = _merged(value, above[key])
    return merged
