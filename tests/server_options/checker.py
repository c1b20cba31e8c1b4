"""Checks configuration files against schemas of their servers' options.

For servers that do not run here. A schema is JSON Schema in YAML with three keywords of our own:
`closed` is an object with exactly these properties, `variants` picks a schema by a value of the
object (Fluent Bit's plugins by name), `components` by the part of each key before the slash (the
collector's components by type; a text there is the type's new name).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from server_options import references
from server_options.readers import READ_ERRORS, read_collector, read_fluent_bit, read_ini, read_yaml

SCHEMAS = Path(__file__).with_name("schemas")


@dataclass(frozen=True, kw_only=True)
class ConfigFormat:
    """How a file of one server is read, and what is checked beside its options."""

    schema: str
    read: Callable[[str], Any] = read_yaml
    references: Callable[[Any, Collection[str]], Iterable[str]] = lambda config, environment: ()


# By path in a rendered tree.
FORMATS: Mapping[str, ConfigFormat] = {
    "grafana/grafana.ini": ConfigFormat(
        schema="grafana-ini", read=read_ini, references=references.grafana_ini
    ),
    "grafana/provisioning/datasources/*.yaml": ConfigFormat(
        schema="grafana-datasources", references=references.grafana
    ),
    "grafana/provisioning/dashboards/*.yaml": ConfigFormat(
        schema="grafana-dashboards", references=references.grafana
    ),
    "tempo/tempo.yaml": ConfigFormat(schema="tempo"),
    "fluent-bit/fluent-bit.yaml": ConfigFormat(
        schema="fluent-bit", read=read_fluent_bit, references=references.fluent_bit
    ),
    "otel-collector/config.yaml": ConfigFormat(
        schema="otel-collector", read=read_collector, references=references.collector
    ),
    "blackbox-exporter/blackbox.yml": ConfigFormat(schema="blackbox-exporter"),
    "cloudwatch-exporter/config.yml": ConfigFormat(schema="cloudwatch-exporter"),
}


def has_schema(path: str) -> bool:
    """Whether a rendered file is of a server whose options are known here."""
    return any(fnmatch(path, pattern) for pattern in FORMATS)


def problems(path: str, text: str, environment: Collection[str] = ()) -> list[str]:
    """What is wrong in a rendered file, as `path: reason`; `environment` are the names it may refer to.

    Raises KeyError for a file of which nothing is known.
    """
    found = next((form for pattern, form in FORMATS.items() if fnmatch(path, pattern)), None)
    if found is None:
        raise KeyError(path)
    try:
        config = found.read(text)
    except READ_ERRORS as error:
        return [f"(file): {error}"]
    # References are looked up where the shape is right only.
    return option_problems(found.schema, config) or list(found.references(config, environment))


def option_problems(schema: str, config: Any) -> list[str]:
    """What is wrong with the options alone, as `path: reason`."""
    errors = sorted(_validator(schema).iter_errors(config), key=lambda error: list(map(str, error.path)))
    return [line for error in errors for line in _lines(error)]


def _lines(error: ValidationError) -> Iterator[str]:
    where = ".".join(str(part) for part in error.absolute_path)
    schema, instance = error.schema, error.instance
    if error.validator == "additionalProperties" and isinstance(schema, Mapping):
        assert isinstance(instance, dict)
        for key in instance:
            if not _is_known(key, schema):
                yield f"{where}.{key}: unknown option".removeprefix(".")
    else:
        yield f"{where or '(file)'}: {error.message}"


def _is_known(key: str, schema: Mapping[str, Any]) -> bool:
    patterns = schema.get("patternProperties", ())
    return key in schema.get("properties", ()) or any(re.search(pattern, key) for pattern in patterns)


def _variants(
    validator: Any, rule: Mapping[str, Any], instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    name = str(instance.get(rule["by"])).lower()
    if name in rule["of"]:
        yield from validator.descend(instance, rule["of"][name], schema_path=name)
    else:
        yield ValidationError(f"unknown {rule['by']} {name!r}")


def _components(
    validator: Any, kinds: Mapping[str, Any], instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for key, settings in instance.items():
        kind = key.partition("/")[0]
        known = kinds.get(kind)
        if known is None:
            yield ValidationError(f"unknown type {kind!r}", path=[key])
        elif isinstance(known, str):
            yield ValidationError(f"the type {kind!r} is now {known!r}", path=[key])
        else:
            yield from validator.descend(settings, known, path=key, schema_path=kind)


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"variants": _variants, "components": _components}
)


@cache
def _validator(schema: str) -> Any:
    return _Validator(load_schema(schema))


def load_schema(name: str) -> dict[str, Any]:
    """A schema with every `closed` written out; a long one has its anchors in a file before it."""
    files = (SCHEMAS / f"{name}.terms.yaml", SCHEMAS / f"{name}.yaml")
    text = "".join(file.read_text() for file in files if file.exists())
    expanded: dict[str, Any] = _expanded(yaml.safe_load(text))
    return expanded


def _expanded(node: Any) -> Any:
    if isinstance(node, list):
        return [_expanded(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _expanded(item) for key, item in node.items()}
    if (properties := found.pop("closed", None)) is not None:
        found |= {"type": "object", "additionalProperties": False, "properties": properties}
    return found
