"""What Grafana shows, data sources and dashboards: as files that it reads, or through its API."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from config.scalars import GrafanaDelivery
from config.settings import Settings
from model.container import ConfigFile, FileMount
from model.dashboards.names import FOLDER_TITLE, FOLDER_UID
from model.dashboards.outline import outline
from model.servers.data_sources import data_sources
from model.servers.grafana import explorations
from model.servers.names import GRAFANA
from model.slices import GrafanaContentSpec
from model.spec import ServerSpec
from model.yamltext import dumped

_PROVISIONING = "/etc/grafana/provisioning"
_DASHBOARDS = "/etc/grafana/dashboards"


def with_content(
    servers: Iterable[ServerSpec], settings: Settings, boards: Mapping[str, str]
) -> tuple[ServerSpec, ...]:
    """The servers, of which Grafana mounts its content where that is provisioned."""
    if settings.grafana.delivery is not GrafanaDelivery.PROVISIONED:
        return tuple(servers)
    return tuple(
        _mounting(each, settings, boards) if each.workload.name == GRAFANA else each for each in servers
    )


def through_api(settings: Settings, boards: Mapping[str, str]) -> GrafanaContentSpec | None:
    """What is written through the API; `boards` are JSON by uid."""
    if settings.grafana.delivery is not GrafanaDelivery.API or settings.grafana.url is None:
        return None
    sources = data_sources(settings, explorations(settings))["datasources"]
    return GrafanaContentSpec(
        url=settings.grafana.url,
        folder_uid=FOLDER_UID,
        folder_title=FOLDER_TITLE,
        dashboards=boards,
        sources=tuple(map(_unescaped, sources)),
    )


def _mounting(server: ServerSpec, settings: Settings, boards: Mapping[str, str]) -> ServerSpec:
    sources = dumped(data_sources(settings, explorations(settings)))
    mounts = (
        _provisioning("datasources", sources),
        _provisioning("dashboards", dumped(_provider())),
        *(_board(uid, text) for uid, text in boards.items()),
    )
    work = server.workload
    environment = {**work.environment, "GF_PATHS_PROVISIONING": _PROVISIONING}
    return replace(server, workload=replace(work, environment=environment, config=(*work.config, *mounts)))


def _provisioning(kind: str, text: str) -> FileMount:
    return FileMount(
        name=f"grafana-{kind}",
        path=f"{_PROVISIONING}/{kind}",
        files=(ConfigFile(name=f"{kind}.yaml", text=text),),
        folder=f"provisioning/{kind}/",
    )


def _board(uid: str, text: str) -> FileMount:
    """A dashboard, which Grafana reads again when it changes.

    People read its outline, or what is rendered: a line for each value would be a third of the text, which
    the state keeps twice.
    """
    short = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return FileMount(
        name=f"grafana-{uid}",
        path=f"{_DASHBOARDS}/{uid}",
        files=(ConfigFile(name=f"{uid}.json", text=short),),
        reloads=True,
        outline=outline(text),
        folder="dashboards/",
    )


def _provider() -> Mapping[str, Any]:
    """Who reads the dashboards' files; nobody changes these in the user interface."""
    options = {"path": _DASHBOARDS, "foldersFromFilesStructure": False}
    reading = {
        "name": FOLDER_UID,
        "folder": FOLDER_TITLE,
        "folderUid": FOLDER_UID,
        "type": "file",
        "disableDeletion": True,
        "editable": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": options,
    }
    return {"apiVersion": 1, "providers": [reading]}


def _unescaped(value: Any) -> Any:
    """Without the doubled `$` of files, where Grafana expands variables."""
    if isinstance(value, Mapping):
        return {key: _unescaped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_unescaped(item) for item in value]
    return value.replace("$$", "$") if isinstance(value, str) else value
