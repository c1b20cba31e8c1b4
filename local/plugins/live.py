"""What a live Kubernetes object amounts to in terms of what the program set."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from local.plugins.backend import Properties

_SERVER_FIELDS = ("managedFields", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink")


def autoname(urn: str) -> str:
    """A name for an object that the program left unnamed: stable for its URN."""
    logical = urn.rsplit("::", 1)[-1].lower()
    return f"{logical}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def outputs(found: Mapping[str, Any], inputs: Properties) -> dict[str, Any]:
    """Outputs of an object: what the server answered, without its bookkeeping.

    A Secret's `stringData` is write-only, so it is kept beside `data`, as it was set.
    """
    metadata = {key: value for key, value in found["metadata"].items() if key != "managedFields"}
    kept = {"stringData": inputs["stringData"]} if "stringData" in inputs else {}
    return {**found, "metadata": metadata, **kept}


def importable(found: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs for an object that was never in a program: everything but what the server adds."""
    metadata = {key: value for key, value in found["metadata"].items() if key not in _SERVER_FIELDS}
    return {**{key: value for key, value in found.items() if key != "status"}, "metadata": metadata}


def drifted(inputs: Properties, canonical: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, with what somebody changed behind the program's back.

    `canonical` is what the server would make of the inputs (quantities normalised, defaults
    filled in): where the live object agrees with it, the input stands as it was written.
    """
    seen = {
        key: _merged(value, canonical.get(key), found.get(key))
        for key, value in inputs.items()
        if key != "stringData"
    }
    if "stringData" in inputs:
        seen["stringData"] = _string_data(inputs["stringData"], found.get("data", {}))
    return seen


def _merged(wanted: Any, canonical: Any, found: Any) -> Any:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        canon = canonical if isinstance(canonical, Mapping) else {}
        return {
            key: _merged(value, canon.get(key), found.get(key))
            for key, value in wanted.items()
            if key in found or _is_empty(value)
        }
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        canon_items = canonical if isinstance(canonical, list) and len(canonical) == len(wanted) else wanted
        return [_merged(*triple) for triple in zip(wanted, canon_items, found, strict=True)]
    return wanted if found == canonical else found


def _is_empty(value: Any) -> bool:
    return value in ({}, [], "", None, False, 0)


def _string_data(wanted: Mapping[str, str], data: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64decode(data[key]).decode() for key in wanted if key in data}
