"""Previews as the engine prints them, made of a few words; and Markdown read as GitHub reads it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from review.preview import Preview, previews
from review.secrets import UNKNOWN_SENTINEL

STACK_TYPE = "pulumi:pulumi:Stack"
RDS = "aws:rds/instance:Instance"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
CONFIG = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
UNKNOWN = UNKNOWN_SENTINEL
OUTPUTS = {"tier": "current", "sinks": ["cloudwatch", "datadog"], "environment": "prod"}
PROD = {
    "axiom-monitoring:environment": "prod",
    "axiom-monitoring:ingress": '{"host": "axiom.example.com"}',
    "axiom-monitoring:grafana": '{"host": "grafana.axiom.example.com"}',
}


def step(
    op: str,
    kind: str,
    name: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    *,
    stack: str = "prod",
    outputs: Mapping[str, Any] | None = None,
    parent: str = "",
    **more: Any,
) -> dict[str, Any]:
    """One step; `old` and `new` are inputs, and a side without any is not there."""
    urn = f"urn:pulumi:{stack}::axiom-monitoring::{kind}::{name}"
    found: dict[str, Any] = {"op": op, "urn": urn, **more}
    for side, inputs in (("oldState", old), ("newState", new)):
        if inputs is not None:
            found[side] = {
                "urn": urn,
                "custom": not kind.startswith("axiom:"),
                "type": kind,
                "inputs": inputs,
            }
            if parent:
                found[side]["parent"] = f"urn:pulumi:{stack}::axiom-monitoring::{parent}"
    if outputs is not None:
        found["oldState"]["outputs"] = outputs
    return found


def stack_step(stack: str = "prod", outputs: Mapping[str, Any] = OUTPUTS) -> dict[str, Any]:
    """The step of the stack itself, which stays, with its outputs."""
    return step("same", STACK_TYPE, f"axiom-monitoring-{stack}", {}, {}, stack=stack, outputs=outputs)


def digest(
    *steps: Mapping[str, Any],
    config: Mapping[str, Any] = PROD,
    errors: Sequence[str] = (),
    stack: str = "prod",
    outputs: Mapping[str, Any] = OUTPUTS,
) -> str:
    """The JSON of a preview of a stack that stands, with these steps and errors."""
    told = [{"message": f"error: {message}\n", "severity": "error"} for message in errors]
    return json.dumps(
        {
            "config": config,
            "steps": [stack_step(stack, outputs), *steps],
            "duration": 1,
            "changeSummary": {},
            **({"diagnostics": told} if told else {}),
        }
    )


def preview(*steps: Mapping[str, Any], **more: Any) -> Preview:
    """The same, read."""
    return previews(digest(*steps, **more))[0]


def config_map(name: str, file: str, old: str, new: str) -> dict[str, Any]:
    """The step of a ConfigMap in which one file changes."""
    return step("update", CONFIG, name, {"data": {file: old}}, {"data": {file: new}})


def parsed(text: str) -> list[Token]:
    """The tokens of Markdown with tables."""
    return MarkdownIt("commonmark").enable("table").parse(text)


def leaves(text: str) -> list[Token]:
    """Every token, those within lines too."""
    found = []
    for token in parsed(text):
        found.append(token)
        found += token.children or []
    return found
