"""Nothing refers to what is not there: each object is removed and each reference misspelt in turn."""

import copy
from functools import cache

import closure
import pytest
import wiring

from config.settings import load
from model.plan import build_plan
from render.recorder import Recording, record

HOSTS = {"ingress": {"host": "axiom.example.com"}, "grafana": {"host": "grafana.example.com"}}


@cache
def _stack(environment: str) -> Recording:
    raw = {**HOSTS, "tier": "1year", "neo4j": {"acceptLicense": True}}
    return record(build_plan(load(raw, stack=environment)))


@pytest.fixture(params=["dev", "prod"])
def recording(request: pytest.FixtureRequest) -> Recording:
    """A stack with every way in, which a test may spoil."""
    return copy.deepcopy(_stack(request.param))


def test_every_reference_leads_somewhere(recording: Recording) -> None:
    """And there are many."""
    assert closure.missing(recording) == []
    assert len(list(closure.references(recording))) > 500


def test_every_object_that_is_removed_is_missed(recording: Recording) -> None:
    """Whatever is referred to, on its own: without it the stack is not whole."""
    wanted = {found.key for found in closure.references(recording)} - closure.GIVEN
    objects = [found for found in recording.resources if "kind" in found.inputs]
    unmissed = []
    for removed in objects:
        key = closure.identity(removed.inputs)
        if key not in wanted:
            continue
        recording.resources.remove(removed)
        if not closure.missing(recording):
            unmissed.append(key)
        recording.resources.append(removed)
    assert unmissed == []


def test_every_reference_that_is_misspelt_is_found(recording: Recording) -> None:
    """Selectors, ports, accounts, files, variables, claims, classes, namespaces, identities."""
    passed = []
    for found in [found for found in closure.references(recording) if found.holder is not None]:
        right = found.holder[found.field]
        found.holder[found.field] = f"{right}-misspelt"
        if not closure.missing(recording):
            passed.append(f"{found.by}: {found.kind} {found.name}")
        found.holder[found.field] = right
    assert passed == []


def test_addresses_and_paths_lead_somewhere(recording: Recording) -> None:
    """In arguments, variables and files; and every file is one that its server reads."""
    assert wiring.lost_addresses(recording) == []
    assert wiring.lost_paths(recording) == []
    assert wiring.unread_files(recording) == []


def test_every_key_of_a_mounted_file_that_is_misspelt_is_found(recording: Recording) -> None:
    """A ConfigMap or Secret whose file has another name than its server looks for."""
    passed = []
    for inputs in closure.objects(recording):
        content = inputs.get("data") or inputs.get("stringData") or {}
        files = content.get("value", content)
        if inputs["kind"] not in ("ConfigMap", "Secret") or "environment" in inputs["metadata"]["name"]:
            continue
        mounted = _mounted_at(recording, inputs)
        # Read whole by its server, or by the cluster itself.
        if mounted & wiring.FOLDERS or not mounted:
            continue
        for name in list(files):
            files[f"{name}-misspelt"] = files.pop(name)
            if not wiring.lost_paths(recording) + wiring.unread_files(recording):
                passed.append(f"{inputs['metadata']['name']}: {name}")
            files[name] = files.pop(f"{name}-misspelt")
    assert passed == []


def test_every_service_that_is_removed_is_missed_by_an_address(recording: Recording) -> None:
    """Of those that texts name; each on its own."""
    named = {wanted for pod in wiring.pods(recording) for wanted in wiring.addresses(pod)}
    services = [found for found in recording.resources if found.inputs.get("kind") == "Service"]
    unmissed = []
    for removed in [found for found in services if closure.identity(found.inputs) in named]:
        recording.resources.remove(removed)
        if not wiring.lost_addresses(recording):
            unmissed.append(removed.name)
        recording.resources.append(removed)
    assert unmissed == []
    assert len(named) > 20


def _mounted_at(recording: Recording, config: dict[str, dict[str, str]]) -> set[str]:
    """Folders where a ConfigMap or Secret is mounted."""
    wanted = config["metadata"]["name"]
    return {
        mount["mountPath"]
        for inputs in closure.objects(recording)
        if inputs["kind"] in closure.KINDS
        for container in inputs["spec"]["template"]["spec"]["containers"]
        for mount in container.get("volumeMounts", ())
        if mount["name"] == wanted
    }
