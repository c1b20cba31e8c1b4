"""Figures and rights that scanners do not look at, on every stack and with a flaw planted."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from scanners.figures import (
    CHECKS,
    IN_PROD,
    Check,
    backups_lost,
    broad_policies,
    broad_roles,
    open_egress,
    plain_connections,
    short_backups,
    unrotated_keys,
)
from scanners.rendered import Rendered

from render.recorder import Recording

Stacks = Mapping[str, Rendered]
INTERNET = {"ipBlock": {"cidr": "0.0.0.0/0"}}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_dev_holds(stacks: Stacks, check: Check) -> None:
    """Nothing to say."""
    assert check(stacks["dev"].recording) == []


@pytest.mark.parametrize("check", IN_PROD, ids=lambda check: check.__name__)
def test_prod_holds(stacks: Stacks, check: Check) -> None:
    """Nothing to say."""
    assert check(stacks["prod"].recording) == []


def _first(recording: Recording, kind: str) -> dict[str, Any]:
    return next(found for found in recording.resources if found.type.endswith(f":{kind}")).inputs


def _update(kind: str, **values: Any) -> Callable[[Recording], None]:
    return lambda recording: _first(recording, kind).update(values)


def _lose(kind: str, key: str) -> Callable[[Recording], None]:
    return lambda recording: _first(recording, kind).pop(key)


def _parameter(value: str) -> Callable[[Recording], None]:
    def change(recording: Recording) -> None:
        group = recording.of("aws:rds/parameterGroup:ParameterGroup")[0].inputs
        next(one for one in group["parameters"] if one["name"] == "rds.force_ssl")["value"] = value

    return change


def _egress(rule: dict[str, Any]) -> Callable[[Recording], None]:
    return lambda recording: _first(recording, "NetworkPolicy")["spec"].update(egress=[rule])


def _role(kind: str, **rule: Any) -> Callable[[Recording], None]:
    whole = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], **rule}
    return lambda recording: _first(recording, f"rbac.authorization.k8s.io/v1:{kind}")["rules"].append(whole)


def _policy(**statement: Any) -> Callable[[Recording], None]:
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/*", **statement}
    return _update("RolePolicy", policy=json.dumps({"Version": "2012-10-17", "Statement": whole}))


FLAWS: dict[str, tuple[Check, Callable[[Recording], None]]] = {
    "backups for a day": (short_backups, _update("Instance", backupRetentionPeriod=1)),
    "backups left out": (short_backups, _lose("Instance", "backupRetentionPeriod")),
    "backups deleted": (backups_lost, _update("Instance", deleteAutomatedBackups=True)),
    "backups deleted by default": (backups_lost, _lose("Instance", "deleteAutomatedBackups")),
    "TLS off": (plain_connections, _parameter("0")),
    "another parameter group": (plain_connections, _update("Instance", parameterGroupName="default")),
    "a key for ever": (unrotated_keys, _update("Key", enableKeyRotation=False)),
    "out to anyone": (open_egress, _egress({"ports": [{"port": 53, "protocol": "UDP"}]})),
    "out to nobody named": (open_egress, _egress({"to": [], "ports": [{"port": 53, "protocol": "UDP"}]})),
    "out on every port": (open_egress, _egress({"to": [INTERNET]})),
    "out on every port of TCP": (open_egress, _egress({"to": [INTERNET], "ports": [{"protocol": "TCP"}]})),
    "out on a range of ports": (
        open_egress,
        _egress({"to": [INTERNET], "ports": [{"port": 1, "endPort": 65535, "protocol": "TCP"}]}),
    ),
    "half the internet": (open_egress, _egress({"to": [{"ipBlock": {"cidr": "128.0.0.0/1"}}]})),
    "reads Secrets": (broad_roles, _role("Role", resources=["secrets"])),
    "reads nodes by proxy": (broad_roles, _role("ClusterRole", resources=["nodes/proxy"])),
    "any verb": (broad_roles, _role("ClusterRole", verbs=["*"])),
    "any resource": (broad_roles, _role("Role", resources=["*"])),
    "any group": (broad_roles, _role("Role", apiGroups=["*"])),
    "as another user": (broad_roles, _role("ClusterRole", resources=["users"], verbs=["impersonate"])),
    "any action": (broad_policies, _policy(Action="*")),
    "any action of a service": (broad_policies, _policy(Action=["s3:*"])),
    "any resource of AWS": (broad_policies, _policy(Resource="*")),
    "all but one action": (broad_policies, _policy(NotAction="iam:*")),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_planted_flaw_is_found(stacks: Stacks, flaw: str) -> None:
    """One value, one problem."""
    check, plant = FLAWS[flaw]
    recording = copy.deepcopy(stacks["prod"].recording)
    sound = check(recording)
    plant(recording)
    assert set(check(recording)) > set(sound)


def test_the_internet_may_be_reached_on_one_port(stacks: Stacks) -> None:
    """Services of others answer on 443: that is no open egress."""
    recording = copy.deepcopy(stacks["prod"].recording)
    _egress({"to": [INTERNET], "ports": [{"port": 443, "protocol": "TCP"}]})(recording)
    assert open_egress(recording) == []
