"""The page about taking a stack down, done on the embedded target command by command."""

import re
import shlex
from pathlib import Path

import pytest
from checkout import ROOT, Checkout

from local.layout import target_of
from local.plugins.recorder import Recorder

PAGE = (ROOT / "docs/teardown.md").read_text()
# They ask before they act: here nobody answers.
ASKING = {("pulumi", "up"), ("pulumi", "destroy")}
# Snapshots outlive the stack, with the key that they are read by.
RETAINED = {"aws:backup/vault:Vault", "aws:kms/key:Key"}

# A whole stack of prod is made for it and taken down.
pytestmark = pytest.mark.long


def commands(name: str) -> list[list[str]]:
    """The commands of the page's block with this name, as words."""
    (block,) = re.findall(rf"^```sh {name}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for line in block.replace("\\\n", "").splitlines()]


def follow(checkout: Checkout, name: str, expect: int = 0) -> str:
    """Run the block; what all of it printed."""
    seen = []
    for program, *words in commands(name):
        answers = ["--yes", "--non-interactive"] if (program, words[0]) in ASKING else []
        run = checkout.pulumi if program == "pulumi" else checkout.kubectl
        seen.append(run(*words, *answers, expect=expect))
    return "".join(seen)


def protected(checkout: Checkout) -> set[str]:
    """Logical names of the protected resources."""
    return {found["urn"].rsplit("::", 1)[-1] for found in resources(checkout) if found.get("protect")}


def resources(checkout: Checkout) -> list[dict[str, str]]:
    return list(checkout.state("prod").get("resources", []))


def kinds_left(checkout: Checkout) -> set[str]:
    """Kinds of the stack's objects that the API server still holds."""
    on_prod = ("--context", "axiom-prod")
    kinds = checkout.kubectl(*on_prod, "api-resources", "--verbs=list", "-o", "name").split()
    ours = ("--all-namespaces", "--selector", "app.kubernetes.io/part-of=axiom", "-o", "name")
    lines = checkout.kubectl(*on_prod, "get", ",".join(kinds), *ours).splitlines()
    return {re.split(r"[./]", line)[0] for line in lines if not line.startswith("Warning:")}


@pytest.fixture(scope="module")
def prod(checkout: Checkout) -> Checkout:
    """The prod stack, made."""
    checkout.local("up", "--stack", "prod")
    return checkout


def test_a_protected_stack_is_not_destroyed(prod: Checkout) -> None:
    """The refusal names every protected resource and the page that says how; nothing is gone."""
    before = resources(prod)
    seen = follow(prod, "refused", expect=1)
    named = set(re.findall(r"\(([\w-]+)\):\n    error: Resource has delete hooks", seen))
    assert named == protected(prod)
    assert "protected by `protectStores` (docs/teardown.md)" in seen
    assert {"postgres-instance", "redis-group", "postgres-master", "neo4j-volumes-0"} <= named
    assert len(resources(prod)) == len(before)


def test_unprotecting_replaces_no_claim_and_deletes_nothing_but_backups(prod: Checkout) -> None:
    """After it nothing is protected, and every store and claim is the one it was."""
    before = {found["urn"]: found.get("id") for found in resources(prod)}
    follow(prod, "unprotect")
    after = {found["urn"]: found.get("id") for found in resources(prod)}
    assert not protected(prod)
    assert {urn for urn in before.keys() - after.keys() if "VolumeBackup" not in urn} == set()
    assert {urn for urn in after if after[urn] != before[urn]} == set()


def test_the_cluster_is_emptied_first(prod: Checkout) -> None:
    """No object is left in the namespaces, the namespaces are gone, the databases stand."""
    assert "No resources found" in follow(prod, "inside")
    assert kinds_left(prod) == {"clusterrole", "configmap", "ingressclass", "storageclass"}
    assert any("::postgres-instance" in found["urn"] for found in resources(prod))


def test_destroy_leaves_an_empty_state_and_only_the_snapshots(prod: Checkout) -> None:
    """Of all that AWS made, the vault of the snapshots and its key remain, as the page says."""
    follow(prod, "destroy")
    assert resources(prod) == []
    records = Recorder(Path(target_of(prod.path).records) / "aws").of_stack("prod")
    assert {record.kind for record in records} == RETAINED
    assert "axiom-prod" not in prod.local("status")
