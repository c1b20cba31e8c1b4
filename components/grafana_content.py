"""Dashboards and data sources of a Grafana, written through its API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumiverse_grafana import oss

from components.base import Component
from model.slices import GrafanaContentSpec


@dataclass(frozen=True, kw_only=True)
class GrafanaContentArgs:
    """What is written."""

    spec: GrafanaContentSpec


class GrafanaContent(Component):
    """A folder that nobody but administrators changes, its dashboards, and the data sources."""

    def __init__(
        self, name: str, args: GrafanaContentArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("axiom:monitoring:GrafanaContent", name, opts)
        spec = args.spec
        folder = oss.Folder(
            self.named("folder"), uid=spec.folder_uid, title=spec.folder_title, opts=self.child()
        )
        oss.FolderPermission(
            self.named("reading"),
            folder_uid=folder.uid,
            # All that anybody gets: what is changed by hand would be lost.
            permissions=[{"role": role, "permission": "View"} for role in ("Viewer", "Editor")],
            opts=self.child(),
        )
        for source in spec.sources:
            self._source(source)
        for uid, text in spec.dashboards.items():
            oss.Dashboard(
                self.named(uid), folder=folder.uid, config_json=text, overwrite=True, opts=self.child()
            )
        self.finish()

    def _source(self, source: Mapping[str, Any]) -> None:
        oss.DataSource(
            self.named(f"source-{source['uid']}"),
            uid=source["uid"],
            name=source["name"],
            type=source["type"],
            access_mode=source["access"],
            url=source.get("url"),
            is_default=source.get("isDefault", False),
            json_data_encoded=json.dumps(source["jsonData"], sort_keys=True),
            opts=self.child(),
        )
