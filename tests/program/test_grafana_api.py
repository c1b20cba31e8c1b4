"""Dashboards and data sources through Grafana's API: the same as in files."""

import json
from functools import cache
from typing import Any

import yaml
from conformance import violations

from config.secrets import SecretKey
from config.settings import load
from model.plan import build_plan
from model.slices import Plan
from render.recorder import Recording, record

API = {"grafana": {"delivery": "api", "url": "https://grafana.example.com"}}


@cache
def stack(delivery: str) -> tuple[Plan, Recording]:
    """Prod with either way."""
    plan = build_plan(load(API if delivery == "api" else {}, stack="prod"))
    return plan, record(plan)


def inputs(kind: str) -> list[dict[str, Any]]:
    """What is written of a kind."""
    return [found.inputs for found in stack("api")[1].of(f"grafana:oss/{kind}")]


def test_the_stack_conforms() -> None:
    """Parents, providers, secrets: as everything else."""
    assert violations(stack("api")[1], protected=True) == []


def test_both_ways_deliver_the_same() -> None:
    """Every dashboard by its uid, in one folder, letter by letter."""
    files = stack("files")[0].observability.files
    written = {json.loads(each["configJson"])["uid"]: each for each in inputs("dashboard:Dashboard")}
    assert len(written) == 7
    for uid, each in written.items():
        assert each["configJson"] == files[f"grafana/dashboards/{uid}.json"]
    assert stack("api")[0].observability.files.keys() >= {f"grafana/dashboards/{uid}.json" for uid in written}


def test_data_sources_are_those_of_the_file() -> None:
    """Without the doubled dollars that only a file needs."""
    text = stack("files")[0].observability.files["grafana/provisioning/datasources/datasources.yaml"]
    listed = {each["uid"]: each for each in yaml.safe_load(text)["datasources"]}
    written = {each["uid"]: each for each in inputs("dataSource:DataSource")}
    assert written.keys() == listed.keys()
    for uid, each in written.items():
        assert json.loads(each["jsonDataEncoded"]) == json.loads(
            json.dumps(listed[uid]["jsonData"]).replace("$$", "$")
        )
        assert each.get("url") == listed[uid].get("url")


def test_nobody_edits_the_folder() -> None:
    """Viewers and editors see it; nobody else is given anything."""
    (reading,) = inputs("folderPermission:FolderPermission")
    assert reading["permissions"] == [
        {"permission": "View", "role": "Viewer"},
        {"permission": "View", "role": "Editor"},
    ]
    (folder,) = inputs("folder:Folder")
    assert folder == {"title": "Axiom", "uid": "axiom"}


def test_nothing_is_delivered_twice() -> None:
    """Each way leaves the other's objects out."""
    api, files = (stack(way)[1] for way in ("api", "files"))
    names = {found.name for found in api.resources if "configMap" in found.type or "ConfigMap" in found.type}
    assert not any("datasources" in name or "axiom-" in name for name in names)
    assert not any(found.type.startswith("grafana:") for found in files.resources)


def test_the_token_is_asked_for_and_stays_secret() -> None:
    """It is a secret of the stack, and the provider's alone."""
    assert SecretKey.GRAFANA_API_TOKEN in stack("api")[0].secrets
    assert SecretKey.GRAFANA_API_TOKEN not in stack("files")[0].secrets
    (provider,) = stack("api")[1].of("pulumi:providers:grafana")
    assert provider.inputs["url"] == "https://grafana.example.com"
    assert "grafanaApiToken" in json.dumps(provider.inputs["auth"])
    assert isinstance(provider.inputs["auth"], dict)
