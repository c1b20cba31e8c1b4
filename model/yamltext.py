"""YAML text that people read: keys in the order they were given, long texts as blocks."""

from typing import Any

import yaml


# By the C library: a plan writes half a megabyte of rules, which takes a fifth of the time.
class _Dumper(yaml.CSafeDumper):
    """Writes texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        # A value that stands twice is written twice: readers of configuration look up no anchors.
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def dumped(value: Any) -> str:
    """`value` as YAML."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
