"""checkov on the Kubernetes objects, and on the AWS resources as a Terraform plan."""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import terraform_plan
import yaml
from scanners.findings import STACKS, Finding, checkov, undeclared, unused, waivers
from scanners.rendered import Rendered

from render.recorder import Recording

pytestmark = pytest.mark.tools
DECLARED = [waiver for waiver in waivers() if waiver.tool.startswith("checkov-")]
Stacks = Mapping[str, Rendered]
Found = Mapping[str, set[Finding]]


@pytest.fixture(scope="session")
def found(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What checkov finds in each stack, both ways."""
    folder = tmp_path_factory.mktemp("plans")
    return {
        stack: _scan_objects(rendered) | _scan_plan(rendered.recording, folder / f"{stack}.json")
        for stack, rendered in stacks.items()
    }


def _scan_objects(rendered: Rendered) -> set[Finding]:
    # Each pod template counts beside the object that holds it.
    templates = sum("template" in found.get("spec", {}) for found in rendered.objects)
    return checkov("kubernetes", rendered.manifests, resources=len(rendered.files) + templates)


def _scan_plan(recording: Recording, file: Path) -> set[Finding]:
    file.write_text(terraform_plan.plan(recording))
    count = sum(found.type.startswith("aws:") for found in recording.resources)
    return checkov("terraform_plan", file, resources=count)


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_found_but_the_exceptions(found: Found, stack: str) -> None:
    """Whatever else fails is to be set right, or declared with its reason."""
    assert undeclared(found[stack], stack, DECLARED) == []


def test_every_exception_is_needed(found: Found) -> None:
    """One that covers nothing would hide the next finding."""
    assert unused(found, DECLARED) == []


# Check -> what is done to the pod, or to its container.
POD_MUTATIONS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Any]] = {
    "CKV_K8S_8": lambda pod, container: container.pop("livenessProbe"),
    "CKV_K8S_13": lambda pod, container: container["resources"].pop("limits"),
    "CKV_K8S_14": lambda pod, container: container.update(image="axiom/core:latest"),
    "CKV_K8S_16": lambda pod, container: container["securityContext"].update(privileged=True),
    "CKV_K8S_20": lambda pod, container: container["securityContext"].update(allowPrivilegeEscalation=True),
    "CKV_K8S_31": lambda pod, container: pod["securityContext"].pop("seccompProfile"),
}


@pytest.fixture(scope="session")
def spoiled_pods(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What is found in copies of one Deployment, each with another flaw and named by its check."""
    folder = tmp_path_factory.mktemp("pods") / "objects"
    folder.mkdir()
    sound = next(
        one
        for one in stacks["prod"].objects
        if (one["kind"], one["metadata"]["name"]) == ("Deployment", "core-api")
    )
    for check, mutate in POD_MUTATIONS.items():
        workload = copy.deepcopy(sound)
        workload["metadata"]["name"] = check
        pod = workload["spec"]["template"]["spec"]
        mutate(pod, pod["containers"][0])
        (folder / f"{check}.yaml").write_text(yaml.safe_dump(workload))
    return undeclared(checkov("kubernetes", folder, resources=2 * len(POD_MUTATIONS)), "prod", DECLARED)


@pytest.mark.parametrize("check", POD_MUTATIONS)
def test_a_planted_flaw_of_a_pod_is_found(spoiled_pods: list[Finding], check: str) -> None:
    """Where it was planted, and in none of the other copies."""
    places = [one.resource for one in spoiled_pods if one.check == check]
    assert places == [f"Deployment.axiom.{check}"]


def _drop(recording: Recording, kind: str) -> None:
    recording.resources = [found for found in recording.resources if found.type != kind]


def _inputs(recording: Recording, kind: str) -> dict[str, Any]:
    return recording.of(kind)[0].inputs


def _spoil(recording: Recording) -> None:
    """One flaw for each way in which the plan is read: a value, a block, a number, a reference."""
    _inputs(recording, "aws:rds/instance:Instance").update(storageEncrypted=False)
    _inputs(recording, "aws:elasticache/replicationGroup:ReplicationGroup").update(
        transitEncryptionEnabled=False
    )
    _inputs(recording, "aws:eks/cluster:Cluster")["vpcConfig"].update(
        endpointPublicAccess=True, publicAccessCidrs=["0.0.0.0/0"]
    )
    _inputs(recording, "aws:eks/cluster:Cluster").pop("encryptionConfig")
    parameters = _inputs(recording, "aws:rds/parameterGroup:ParameterGroup")
    parameters["parameters"] = [one for one in parameters["parameters"] if one["name"] != "rds.force_ssl"]
    for kind in ("flowLog:FlowLog", "defaultSecurityGroup:DefaultSecurityGroup"):
        _drop(recording, f"aws:ec2/{kind}")
    for kind in ("PublicAccessBlock", "ServerSideEncryptionConfiguration", "Versioning"):
        _drop(recording, f"aws:s3/bucket{kind}:Bucket{kind}")


PLANTED_IN_AWS = {
    "CKV_AWS_16": "aws_db_instance.postgres-instance",
    "CKV_AWS_21": "aws_s3_bucket.buckets-tempo",
    "CKV_AWS_30": "aws_elasticache_replication_group.redis-group",
    "CKV_AWS_38": "aws_eks_cluster.cluster-control-plane",
    "CKV_AWS_58": "aws_eks_cluster.cluster-control-plane",
    "CKV_AWS_145": "aws_s3_bucket.buckets-tempo",
    "CKV2_AWS_6": "aws_s3_bucket.buckets-tempo",
    "CKV2_AWS_11": "aws_vpc.network-vpc",
    "CKV2_AWS_12": "aws_vpc.network-vpc",
    "CKV2_AWS_69": "aws_db_instance.postgres-instance",
}


@pytest.fixture(scope="session")
def spoiled(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What is found in prod when its AWS resources have a flaw of every kind."""
    recording = copy.deepcopy(stacks["prod"].recording)
    _spoil(recording)
    file = tmp_path_factory.mktemp("spoiled") / "plan.json"
    return undeclared(_scan_plan(recording, file), "prod", DECLARED)


@pytest.mark.parametrize("check", PLANTED_IN_AWS)
def test_a_planted_flaw_of_a_resource_is_found(spoiled: list[Finding], check: str) -> None:
    """The CKV2 checks follow references, so these survive the translation."""
    assert Finding("checkov-plan", check, PLANTED_IN_AWS[check]) in spoiled
