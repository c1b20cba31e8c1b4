"""Figures and rights that scanners do not look at: each check gives the problems that it found."""

import json
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from render.recorder import Recording
from render.tree import opened

SHORTEST_BACKUP_DAYS = 7
# A network this wide is the internet.
_WIDE = 8
_PORTS = 65535
# Sources: the service authorization reference of each service. These actions name no resource.
_WITHOUT_RESOURCE = {
    "aps:ListWorkspaces",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
    "logs:DescribeLogGroups",
    "logs:StopQuery",
    "tag:GetResources",
}
_INSTANCE = "aws:rds/instance:Instance"
_PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
_IDENTITY_POLICIES = ("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy")
# Rights over more than what they name.
_POWERS = {"bind", "escalate", "impersonate"}
_POWERFUL = {"nodes/proxy", "pods/attach", "pods/exec", "secrets", "serviceaccounts/token"}

Check = Callable[[Recording], list[str]]


def short_backups(recording: Recording) -> list[str]:
    """Databases whose backups are kept for less than a week."""
    return [
        f"{name} keeps backups for {inputs.get('backupRetentionPeriod')} days"
        for name, inputs in _of(recording, _INSTANCE)
        if inputs.get("backupRetentionPeriod", 0) < SHORTEST_BACKUP_DAYS
    ]


def backups_lost(recording: Recording) -> list[str]:
    """Databases whose backups would go with them."""
    return [
        f"{name} takes its backups with it"
        for name, inputs in _of(recording, _INSTANCE)
        if inputs.get("deleteAutomatedBackups") is not False
    ]


def plain_connections(recording: Recording) -> list[str]:
    """Databases that accept connections without TLS, or whose parameters are not the program's."""
    groups = {inputs.get("name", name): inputs for name, inputs in _of(recording, _PARAMETERS)}
    return [
        f"{name} accepts connections without TLS"
        for name, inputs in _of(recording, _INSTANCE)
        if _parameter(groups.get(inputs.get("parameterGroupName"), {}), "rds.force_ssl") != "1"
    ]


def unrotated_keys(recording: Recording) -> list[str]:
    """Keys that stay the same for ever."""
    return [
        f"{name} is not rotated"
        for name, inputs in _of(recording, "aws:kms/key:Key")
        if inputs.get("enableKeyRotation") is not True
    ]


def open_egress(recording: Recording) -> list[str]:
    """NetworkPolicies that let pods reach anyone, or the internet on every port."""
    return [
        f"{inputs['metadata']['name']} lets pods out to {where}"
        for inputs in _objects(recording, "NetworkPolicy")
        for rule in inputs["spec"].get("egress", ())
        for where in _open_ends(rule)
    ]


def broad_roles(recording: Recording) -> list[str]:
    """Roles in the cluster with a wildcard, or with a right that leads to others."""
    return [
        f"{inputs['metadata']['name']} may {word}"
        for kind in ("ClusterRole", "Role")
        for inputs in _objects(recording, kind)
        for rule in inputs.get("rules", ())
        for word in _broad(rule)
    ]


def broad_policies(recording: Recording) -> list[str]:
    """Policies of AWS identities with a wildcard where a name is possible."""
    return [
        f"{name} allows {problem}"
        for kind in _IDENTITY_POLICIES
        for name, inputs in _of(recording, kind)
        for statement in _list(json.loads(inputs["policy"])["Statement"])
        if statement["Effect"] == "Allow"
        for problem in _excess(statement)
    ]


CHECKS: tuple[Check, ...] = (
    backups_lost,
    plain_connections,
    unrotated_keys,
    open_egress,
    broad_roles,
    broad_policies,
)
IN_PROD: tuple[Check, ...] = (*CHECKS, short_backups)


def _of(recording: Recording, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(found.name, opened(found.inputs)) for found in recording.of(kind)]


def _objects(recording: Recording, kind: str) -> list[dict[str, Any]]:
    return [
        opened(found.inputs)
        for found in recording.resources
        if found.type.startswith("kubernetes:") and found.inputs.get("kind") == kind
    ]


def _parameter(group: Mapping[str, Any], name: str) -> str | None:
    return next((one["value"] for one in group.get("parameters", ()) if one["name"] == name), None)


def _open_ends(rule: Mapping[str, Any]) -> Iterator[str]:
    if not rule.get("to"):
        yield "anyone"
    for peer in rule.get("to", ()):
        cidr = peer.get("ipBlock", {}).get("cidr")
        if cidr and ip_network(cidr).prefixlen < _WIDE and any(map(_every_port, rule.get("ports") or [{}])):
            yield f"every port of {cidr}"


def _every_port(port: Mapping[str, Any]) -> bool:
    first = port.get("port")
    return first is None or (first <= 1 and port.get("endPort") == _PORTS)


def _broad(rule: Mapping[str, Any]) -> Iterator[str]:
    for field in ("apiGroups", "resources", "verbs", "nonResourceURLs", "resourceNames"):
        yield from (f"{field} {word}" for word in rule.get(field, ()) if "*" in word)
    yield from sorted(_POWERS & set(rule["verbs"]))
    yield from sorted(_POWERFUL & set(rule.get("resources", ())))


def _excess(statement: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"everything but {field}" for field in ("NotAction", "NotResource") if field in statement)
    actions = _list(statement.get("Action", []))
    yield from (action for action in actions if "*" in action)
    if "*" in _list(statement.get("Resource", [])):
        yield from (f"{action} on everything" for action in actions if action not in _WITHOUT_RESOURCE)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
