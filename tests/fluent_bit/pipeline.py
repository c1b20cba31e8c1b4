"""An interpreter of a rendered `fluent-bit.yaml`: its plugins, in its order, with its options.

It knows the plugins and none of our fields. What it stands on is their documentation: docs/logs.md says
what that proves.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml
from fluent_bit import counting, kubernetes, multiline, tail
from fluent_bit.lua import Script
from fluent_bit.outputs import SENT
from fluent_bit.record import Event, NotModelledError, matches


@dataclass
class Pipeline:
    """A file with the others that its pod mounts, by path; and the pods of the node, by name."""

    config: Mapping[str, Any]
    files: Mapping[str, str]
    pods: Mapping[str, Mapping[str, Any]]
    counters: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, files: Mapping[str, str], main: str, pods: Mapping[str, Mapping[str, Any]]) -> "Pipeline":
        """The pipeline whose file is at the path `main`."""
        return cls(yaml.safe_load(files[main]), files, pods)

    @cached_property
    def _scripts(self) -> dict[str, Script]:
        filters = self.config["pipeline"]["filters"]
        return {plugin["alias"]: Script(plugin, self.files) for plugin in filters if plugin["name"] == "lua"}

    @cached_property
    def _processors(self) -> dict[str, list[Script]]:
        """The scripts through which an output takes its records, by the output's alias."""
        return {plugin["alias"]: self._of_output(plugin) for plugin in self.config["pipeline"]["outputs"]}

    def _of_output(self, plugin: Mapping[str, Any]) -> list[Script]:
        found = plugin.get("processors", {})
        if others := [
            *({*found} - {"logs"}),
            *(each for each in found.get("logs", ()) if each["name"] != "lua"),
        ]:
            raise NotModelledError(f"{plugin['name']}: processors: {others}")
        return [Script(each, self.files) for each in found.get("logs", ())]

    def events(self, path: str, content: bytes) -> list[Event]:
        """What is left of a file behind the last filter."""
        (source,) = self.config["pipeline"]["inputs"]
        events: Iterable[Event] = tail.read(source, self.config["service"], path, content)
        for plugin in self.config["pipeline"]["filters"]:
            events = self._filtered(plugin, events)
        return list(events)

    def sent(self, event: Event) -> dict[str, Any]:
        """What each output sends for a record, by the output's alias."""
        outputs = {plugin["alias"]: plugin for plugin in self._outputs(event)}
        return {
            alias: SENT[outputs[alias]["name"]](
                {k: v for k, v in outputs[alias].items() if k != "processors"}, handed
            )
            for alias, handed in self.handed(event).items()
        }

    def handed(self, event: Event) -> dict[str, Event]:
        """The record as each output's processors leave it, by the output's alias."""
        return {plugin["alias"]: self._handed(plugin, event) for plugin in self._outputs(event)}

    def _outputs(self, event: Event) -> Iterator[Mapping[str, Any]]:
        return (plugin for plugin in self.config["pipeline"]["outputs"] if matches(plugin, event.tag))

    def _handed(self, plugin: Mapping[str, Any], event: Event) -> Event:
        # Processors of an output work on a copy: no other output sees what they change.
        for script in self._processors[plugin["alias"]]:
            changed = script.filtered(event)
            if changed is None:
                raise NotModelledError(f"{plugin['name']}: a processor that drops records")
            event = changed
        return event

    def _filtered(self, plugin: Mapping[str, Any], events: Iterable[Event]) -> Iterator[Event]:
        events = list(events)
        if any(not matches(plugin, event.tag) for event in events):
            raise NotModelledError(f"{plugin['name']}: a filter for some records only")
        if plugin["name"] == "multiline":
            yield from multiline.joined(plugin, self.config, events)
            return
        for event in events:
            changed = self._changed(plugin, event)
            if changed is not None:
                yield changed

    def _changed(self, plugin: Mapping[str, Any], event: Event) -> Event | None:
        if plugin["name"] == "kubernetes":
            return kubernetes.described(plugin, self.pods, event)
        if plugin["name"] == "lua":
            return self._scripts[plugin["alias"]].filtered(event)
        if plugin["name"] == "log_to_metrics":
            counting.count(plugin, event, self.counters)
            return event
        raise NotModelledError(f"the filter {plugin['name']}")
