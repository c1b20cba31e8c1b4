"""Checks that what configuration files refer to is there: variables, components, parsers, tags."""

import re
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
# Fluent Bit's own multiline parsers.
_BUILT_IN = {"cri", "docker", "go", "java", "python", "ruby"}
# `$__file{…}` and `$__env{…}` are Grafana's own; what is left is a variable of the environment.
_GRAFANA_VARIABLE = re.compile(r"\$(?!__(?:file|env)\{)(?:\{(\w*)[^}]*\}?|(\w*))")
_GRAFANA_ENV = re.compile(r"\$__env\{([^}]*)\}")
_CONNECTED = ("receivers", "exporters")


def collector(config: Any, environment: Collection[str]) -> Iterator[str]:
    """Pipelines name what is declared, all that is declared is used, variables are in `environment`."""
    for where, text in strings(config):
        for name in _VARIABLE.findall(text.replace("$$", "")):
            if not name.startswith("env:"):
                yield f"{where}: ${{{name}}} needs the provider `env:`"
            elif name.removeprefix("env:").partition(":-")[0] not in environment:
                yield f"{where}: no variable {name.removeprefix('env:')}"
    service = config.get("service", {})
    used: dict[str, set[str]] = {"extensions": set(service.get("extensions", ()))}
    for pipeline, members in service.get("pipelines", {}).items():
        for role, names in members.items():
            used.setdefault(role, set()).update(names)
            yield from _undeclared(config, f"service.pipelines.{pipeline}.{role}", role, names)
    yield from _undeclared(config, "service.extensions", "extensions", used["extensions"])
    yield from _unused(config, used)


def _declared(config: Mapping[str, Any], role: str) -> set[str]:
    connectors = config.get("connectors", {}) if role in _CONNECTED else {}
    return {*config.get(role, {}), *connectors}


def _undeclared(config: Mapping[str, Any], where: str, role: str, names: Collection[str]) -> Iterator[str]:
    for name in names:
        if name not in _declared(config, role):
            yield f"{where}: {name} is not declared"


def _unused(config: Mapping[str, Any], used: Mapping[str, set[str]]) -> Iterator[str]:
    for role in ("extensions", "receivers", "processors", "exporters"):
        for name in config.get(role, {}):
            # Authentication and storage are used by naming them in a component.
            named = role == "extensions" and any(text == name for _, text in strings(config))
            if name not in used.get(role, ()) and not named:
                yield f"{role}.{name}: no pipeline uses it"
    for name in config.get("connectors", {}):
        for role in _CONNECTED:
            if name not in used.get(role, ()):
                yield f"connectors.{name}: not among the {role} of any pipeline"


def fluent_bit(config: Any, environment: Collection[str]) -> Iterator[str]:
    """Variables, parsers, and records for every filter and output are there.

    Variables are in `environment` or in the file's own `env`.
    """
    own = {name.upper() for name in config.get("env", {})}
    for where, text in strings(config):
        for name in _VARIABLE.findall(text):
            if name not in environment and name.upper() not in own:
                yield f"{where}: no variable {name}"
    yield from _unmatched(config.get("pipeline", {}))
    yield from _unparsed(config)
    yield from _unbounded(config)


def _unmatched(pipeline: Mapping[str, Any]) -> Iterator[str]:
    tags = [plugin["tag"] for plugin in pipeline.get("inputs", ()) if "tag" in plugin]
    filters = pipeline.get("filters", ())
    if any(plugin.get("name") == "rewrite_tag" for plugin in filters):
        return
    # A filter that makes metrics gives them a tag of their own.
    tags += [plugin["tag"] for plugin in filters if "tag" in plugin]
    for role in ("filters", "outputs"):
        for index, plugin in enumerate(pipeline.get(role, ())):
            pattern = plugin.get("match")
            if pattern is not None and not any(fnmatchcase(tag, pattern) for tag in tags):
                yield f"pipeline.{role}.{index}.match: no input has a tag like {pattern}"


# What fills memory or a disk without end: an option that says so, and the one that bounds it.
_BOUNDS = (
    ("service", "storage.path", "storage.max_chunks_up"),
    ("service", "storage.path", "storage.backlog.mem_limit"),
    ("service", "storage.keep.rejected", "storage.rejected.limit"),
    ("inputs", "path", "db"),
    ("filters", "emitter_storage.type", "emitter_mem_buf_limit"),
    ("outputs", "retry_limit", "storage.total_limit_size"),
)


def _unbounded(config: Mapping[str, Any]) -> Iterator[str]:
    """Buffers and retries without the option that ends them."""
    for section, option, bound in _BOUNDS:
        plugins = [config["service"]] if section == "service" else config["pipeline"].get(section, ())
        for index, plugin in enumerate(plugins):
            place = section if section == "service" else f"pipeline.{section}.{index}"
            if option in plugin and bound not in plugin:
                yield f"{place}.{bound}: missing, and {option} is set"


def _unparsed(config: Mapping[str, Any]) -> Iterator[str]:
    declared = {
        "parser": {parser.get("name") for parser in config.get("parsers", ())},
        "multiline.parser": {parser.get("name") for parser in config.get("multiline_parsers", ())}
        | _BUILT_IN,
    }
    for role in ("inputs", "filters"):
        for index, plugin in enumerate(config.get("pipeline", {}).get(role, ())):
            for option, known in declared.items():
                names = plugin.get(option, "")
                for name in re.split(r", *", names) if isinstance(names, str) and names else names:
                    if name not in known:
                        yield f"pipeline.{role}.{index}.{option}: {name} is not declared"


def grafana(config: Any, environment: Collection[str]) -> Iterator[str]:
    """A `$` is doubled where it is meant as such: Grafana puts in variables of its environment."""
    for where, text in strings(config):
        single = text.replace("$$", "")
        for found in _GRAFANA_VARIABLE.finditer(single):
            if (found[1] or found[2]) not in environment:
                yield f"{where}: {found[0]} is no variable; a `$` as such is doubled"
        for name in _GRAFANA_ENV.findall(single):
            if name not in environment:
                yield f"{where}: no variable {name}"


def grafana_ini(config: Any, environment: Collection[str]) -> Iterator[str]:
    """As `grafana`, and no value is cut where a comment seems to begin."""
    yield from grafana(config, environment)
    for where, text in strings(config):
        if re.search(r"[#;]", text) and not re.fullmatch(r'""".*"""|`.*`', text):
            yield f"{where}: a value with `#` or `;` stands in triple quotes"


def strings(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a document, with where it stands."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, f"{where}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, f"{where}.{index}".removeprefix("."))
