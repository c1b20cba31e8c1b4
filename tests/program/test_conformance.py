"""The whole program, recorded for every environment, set of sinks and tier."""

import copy
from collections.abc import Callable
from functools import cache
from itertools import chain, combinations, product
from typing import Any

import pytest
from conformance import violations
from pod_security import restricted

from config.scalars import Environment, SinkName, Tier
from config.settings import load
from model.plan import build_plan
from render.cloud import SIGNATURE
from render.recorder import Recording, Registration, record

SINK_SETS = [*chain.from_iterable(combinations(SinkName, count) for count in (1, 2, 3))]
CASES = list(product(Environment, SINK_SETS, Tier))
LONG = pytest.mark.long


def often(environment: Environment, sinks: tuple[SinkName, ...], tier: Tier) -> bool:
    """Any sinks in prod at the first tier, any tier with the own sinks: the rest takes minutes."""
    any_sinks = tier is Tier.CURRENT and environment is Environment.PROD
    return any_sinks or set(sinks) == set(load({}, stack=environment).log_sinks)


def _record(environment: Environment, sinks: tuple[SinkName, ...], tier: Tier) -> Recording:
    raw = {
        "environment": environment.value,
        "logSinks": [sink.value for sink in sinks],
        "tier": tier.value,
        "neo4j": {"acceptLicense": True},
    }
    return record(build_plan(load(raw, stack=environment.value)))


@pytest.mark.parametrize(
    ("environment", "sinks", "tier"),
    [
        pytest.param(*case, id="-".join([case[0], *case[1], case[2]]), marks=() if often(*case) else LONG)
        for case in CASES
    ],
)
def test_every_stack_conforms(environment: Environment, sinks: tuple[SinkName, ...], tier: Tier) -> None:
    """Parents, providers, names, secrets, pods and references are right; prod protects its stores."""
    recording = _record(environment, sinks, tier)
    assert violations(recording, protected=environment is Environment.PROD) == []


def test_a_stack_in_an_existing_cluster_conforms() -> None:
    """Nothing of AWS is made that is said to exist, and everything else is as ever."""
    raw = {
        "environment": "prod",
        "network": {
            "mode": "existing",
            "vpcId": "vpc-0123456789abcdef0",
            "privateSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        },
        "cluster": {"mode": "existing", "name": "shared"},
        "postgres": {"mode": "existing", "host": "db.example.com"},
    }
    recording = record(build_plan(load(raw, stack="prod")))
    kinds = {found.type for found in recording.resources}
    made = {
        "aws:ec2/vpc:Vpc",
        "aws:eks/cluster:Cluster",
        "aws:eks/nodeGroup:NodeGroup",
        "aws:rds/instance:Instance",
    }
    assert kinds & made == set()
    assert violations(recording, protected=True) == []


def test_cases_are_all_there() -> None:
    """Three environments, seven sets of sinks, four tiers."""
    assert len(CASES) == 84


@cache
def _prod() -> Recording:
    return _record(Environment.PROD, (SinkName.CLOUDWATCH, SinkName.DATADOG), Tier.CURRENT)


@pytest.fixture
def recording() -> Recording:
    """A recording of prod that a test may spoil."""
    return copy.deepcopy(_prod())


def _first(recording: Recording, kind: str) -> Registration:
    return next(found for found in recording.resources if found.type.endswith(f":{kind}"))


def _pod(recording: Recording, kind: str = "Deployment") -> dict[str, Any]:
    pod: dict[str, Any] = _first(recording, kind).inputs["spec"]["template"]["spec"]
    return pod


def _container(recording: Recording) -> dict[str, Any]:
    container: dict[str, Any] = _pod(recording)["containers"][0]
    return container


def _autoscaled(recording: Recording, kind: str = "HorizontalPodAutoscaler") -> Registration:
    target = _first(recording, kind).inputs["spec"]["scaleTargetRef"]["name"]
    deployments = (found for found in recording.resources if found.type.endswith(":Deployment"))
    return next(found for found in deployments if found.inputs["metadata"]["name"] == target)


def _scale_again(recording: Recording) -> None:
    scaled = _first(recording, "ScaledObject")
    plain = copy.deepcopy(_first(recording, "HorizontalPodAutoscaler"))
    plain.inputs["metadata"]["name"] = scaled.inputs["metadata"]["name"]
    plain.inputs["spec"]["scaleTargetRef"] = scaled.inputs["spec"]["scaleTargetRef"]
    recording.resources.append(plain)


def _put(kind: str, field: str, value: Any) -> Callable[[Recording], None]:
    return lambda recording: setattr(_first(recording, kind), field, value)


def _open_secret(recording: Recording) -> None:
    secret = next(found for found in recording.resources if "stringData" in found.inputs).inputs
    secret["stringData"] = secret["stringData"]["value"]


def _without(kind: str) -> Callable[[Recording], None]:
    def drop(recording: Recording) -> None:
        recording.resources = [found for found in recording.resources if not found.type.endswith(f":{kind}")]

    return drop


MUTATIONS: dict[str, tuple[str, Callable[[Recording], None]]] = {
    "under the stack": ("unparented", _put("Vpc", "parent", "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s")),
    "default provider": ("unprovided", _put("Vpc", "provider", "")),
    "no outputs": ("unfinished", _put("Network", "outputs", None)),
    "same name": ("repeated", lambda it: it.resources.append(copy.deepcopy(_first(it, "Vpc")))),
    "stage in a name": ("staged", _put("Vpc", "name", "network-prod-vpc")),
    "tier in a name": ("staged", _put("Vpc", "name", "network-1year")),
    "secret in clear": ("leaked", _open_secret),
    "secret exported": ("leaked", _put("Stack", "outputs", {"k": "<secret:x>"})),
    "no labels": ("unlabelled", lambda it: _first(it, "Service").inputs["metadata"].pop("labels")),
    "replicas": ("counted_twice", lambda it: _autoscaled(it).inputs["spec"].update(replicas=2)),
    "replicas beside KEDA": (
        "counted_twice",
        lambda it: _autoscaled(it, "ScaledObject").inputs["spec"].update(replicas=2),
    ),
    "an autoscaler beside KEDA's": ("scaled_twice", _scale_again),
    "unprotected": ("unprotected", _put("Instance", "protect", False)),
    "no request": ("loose_containers", lambda it: _container(it)["resources"]["requests"].pop("cpu")),
    "no limit": ("loose_containers", lambda it: _container(it)["resources"].pop("limits")),
    "no probe": ("loose_containers", lambda it: _container(it).pop("readinessProbe")),
    "latest": ("loose_containers", lambda it: _container(it).update(image="axiom/core-api:latest")),
    "no tag": ("loose_containers", lambda it: _container(it).update(image="registry:5000/core-api")),
    "writable root": (
        "insecure_pods",
        lambda it: _container(it)["securityContext"].pop("readOnlyRootFilesystem"),
    ),
    "no policy": ("unfenced", _without("NetworkPolicy")),
    "policies not enforced": (
        "unfenced",
        lambda it: it.resources.remove(
            next(found for found in it.resources if found.name == "enforcement-switch")
        ),
    ),
}


@pytest.mark.parametrize("title", MUTATIONS)
def test_a_violation_is_found(title: str, recording: Recording) -> None:
    """Each check turns red on a violation that is planted for it."""
    check, plant = MUTATIONS[title]
    plant(recording)
    assert any(found.startswith(f"{check}:") for found in violations(recording, protected=True))


POD_FIELDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "non-root": lambda pod: (
        pod["securityContext"].pop("runAsNonRoot"),
        pod["containers"][0]["securityContext"].pop("runAsNonRoot"),
    ),
    "non-root user": lambda pod: pod["securityContext"].update(runAsUser=0),
    "seccomp": lambda pod: pod["securityContext"].pop("seccompProfile"),
    "privilege escalation": lambda pod: pod["containers"][0]["securityContext"].pop(
        "allowPrivilegeEscalation"
    ),
    "privileged": lambda pod: pod["containers"][0]["securityContext"].update(privileged=True),
    "capabilities dropped": lambda pod: pod["containers"][0]["securityContext"].pop("capabilities"),
    "capabilities added": lambda pod: pod["containers"][0]["securityContext"]["capabilities"].update(
        add=["NET_ADMIN"]
    ),
    "host namespaces": lambda pod: pod.update(hostNetwork=True),
    "host ports": lambda pod: pod["containers"][0]["ports"][0].update(hostPort=80),
    "volume types": lambda pod: pod.setdefault("volumes", []).append(
        {"name": "x", "hostPath": {"path": "/"}}
    ),
    "probe host": lambda pod: pod["containers"][0]["livenessProbe"]["httpGet"].update(host="10.0.0.1"),
}


@pytest.mark.parametrize("control", POD_FIELDS)
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_a_pod_that_breaks_the_standard_is_found(control: str, kind: str, recording: Recording) -> None:
    """Each control of the restricted standard turns red when its field is spoilt."""
    pod = _pod(recording, kind)
    assert restricted(pod) == []
    POD_FIELDS[control](pod)
    assert any(found.startswith(f"{control}:") for found in restricted(pod))


def test_secrets_travel_in_envelopes(recording: Recording) -> None:
    """Every Secret's content is marked secret, so state holds none in clear."""
    secrets = [found for found in recording.resources if found.type == "kubernetes:core/v1:Secret"]
    assert secrets
    assert all(SIGNATURE in found.inputs["stringData"] for found in secrets)


def test_two_runs_record_the_same(recording: Recording) -> None:
    """The program reads no clock and no chance."""
    again = _record(Environment.PROD, (SinkName.CLOUDWATCH, SinkName.DATADOG), Tier.CURRENT)
    assert again == recording
