"""A runbook as a page of sections, and what stands in them: commands, queries, silences."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path("docs/runbooks")
INDEX = FOLDER / "README.md"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_ASKED = re.compile(r"promtool query instant \S+ '([^']*)'")
_INLINE = re.compile(r"`(kubectl [^`]*)`")


@dataclass(frozen=True)
class Page:
    """A runbook by the name of its alert."""

    name: str
    text: str

    @cached_property
    def sections(self) -> Mapping[str, str]:
        """Text by heading, in their order; what stands above the first has the name ``."""
        first, *parts = _HEADING.split(self.text)
        return {"": first, **dict(zip(parts[::2], parts[1::2], strict=True))}

    def blocks(self, language: str, section: str | None = None) -> list[str]:
        """The contents of the fences of a language."""
        text = self.text if section is None else self.sections.get(section, "")
        return [content for found, content in _FENCE.findall(text) if found == language]

    def commands(self, section: str | None = None) -> list[str]:
        """Every command of the shell blocks, each on one line."""
        joined = (block.replace("\\\n", " ") for block in self.blocks("sh", section))
        return [line.strip() for block in joined for line in block.splitlines() if line.strip()]

    @property
    def kubectl(self) -> list[str]:
        """Every command for the cluster: in blocks, in variables, and those in the text that name where."""
        inline = [found for found in _INLINE.findall(self.text) if " -n " in found]
        opened = [re.sub(r"^\w+=\$\((.*)\)$", r"\1", command) for command in self.commands()]
        return [command for command in (*opened, *inline) if command.startswith("kubectl ")]

    @property
    def queries(self) -> list[str]:
        """Every PromQL expression: those of the blocks, by empty lines apart, and those of commands."""
        parts = [part for block in self.blocks("promql") for part in block.split("\n\n")]
        plain = ["\n".join(line for line in part.splitlines() if line[:1] != "#") for part in parts]
        return [*(part for part in plain if part.strip()), *_ASKED.findall(self.text)]

    @property
    def silence(self) -> list[str]:
        """The words of the command that silences the alert; none if there is not exactly one."""
        found = [command for command in self.commands("Silence") if command.startswith("amtool silence add ")]
        return shlex.split(found[0]) if len(found) == 1 else []


def pages() -> list[Page]:
    """Every runbook; the index is none."""
    return [Page(path.stem, path.read_text()) for path in sorted(FOLDER.glob("*.md")) if path != INDEX]
