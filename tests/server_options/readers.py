"""Reads configuration files the way their servers do."""

import configparser
from collections.abc import Mapping
from typing import Any

import yaml

READ_ERRORS = (yaml.YAMLError, configparser.Error)
# Where keys of grafana.ini stand that come before the first section.
TOP = "(top)"


def read_yaml(text: str) -> Any:
    """The document."""
    return yaml.safe_load(text)


def read_ini(text: str) -> dict[str, dict[str, str]]:
    """Sections of keys; names are case-sensitive, and nothing is interpolated."""
    parser = configparser.RawConfigParser(default_section="", delimiters=("=",), comment_prefixes=("#", ";"))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(f"[{TOP}]\n{text}")
    return {section: dict(parser[section]) for section in parser.sections()}


def read_fluent_bit(text: str) -> Any:
    """The document with its keys in lower case: options are case-insensitive."""
    return _lowered(yaml.safe_load(text))


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key).lower(): _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def read_collector(text: str) -> Any:
    """The document; a component without settings has the defaults, not nothing."""
    return _filled(yaml.safe_load(text))


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: {} if item is None else _filled(item) for key, item in value.items()}
    return value
