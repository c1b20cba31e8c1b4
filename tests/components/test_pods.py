"""What a plan's words become on a pod template and beside it."""

from dataclasses import replace
from typing import Any

from config.settings import load
from model.container import Autoscaled, Fixed
from model.plan import build_plan
from model.slices import Plan
from model.spec import Access
from render.recorder import Recording, record

TOKEN = "automountServiceAccountToken"


def _plan() -> Plan:
    return build_plan(load({"environment": "prod"}, stack="prod"))


def _object(recording: Recording, kind: str, name: str) -> dict[str, Any]:
    objects = (found.inputs for found in recording.resources if found.type.startswith("kubernetes:"))
    return next(found for found in objects if (found["kind"], found["metadata"]["name"]) == (kind, name))


def test_a_token_is_mounted_only_where_something_may_be_read() -> None:
    """A pod without rights gets no credentials of the cluster."""
    plan = _plan()
    servers = [server.workload for server in plan.observability.servers]
    recording = record(plan)
    mounted = {
        spec.name: _object(recording, spec.kind, spec.name)["spec"]["template"]["spec"][TOKEN]
        for spec in servers
    }
    assert mounted == {spec.name: spec.access != Access() for spec in servers}
    assert set(mounted.values()) == {True, False}


def test_the_owner_of_the_count_alone_states_it() -> None:
    """A fixed workload states its pods; an autoscaled one has an autoscaler instead."""
    plan = _plan()
    service = plan.workloads.services[0]
    assert isinstance(service.workload.replicas, Autoscaled)
    fixed = replace(service, workload=replace(service.workload, replicas=Fixed(3)))
    scaled, stated = (
        record(replace(plan, workloads=replace(plan.workloads, services=(only,))))
        for only in (service, fixed)
    )
    assert len(scaled.of("kubernetes:autoscaling/v2:HorizontalPodAutoscaler")) == 1
    assert stated.of("kubernetes:autoscaling/v2:HorizontalPodAutoscaler") == []
    assert _object(stated, "Deployment", service.workload.name)["spec"]["replicas"] == 3


def test_the_claim_template_never_changes() -> None:
    """Another size changes the claims and leaves the set as it is."""
    plan = _plan()
    server = next(found for found in plan.observability.servers if found.workload.claim)
    claim = server.workload.claim
    assert claim is not None
    grown = replace(server, workload=replace(server.workload, claim=replace(claim, gibibytes=999)))
    before = record(replace(plan, observability=replace(plan.observability, servers=(server,))))
    after = record(replace(plan, observability=replace(plan.observability, servers=(grown,))))
    kinds = {"kubernetes:core/v1:PersistentVolumeClaim"}
    changed = {one.type for one, two in zip(before.resources, after.resources, strict=True) if one != two}
    assert changed == kinds
