"""What a stack tells about itself. No secret stands here."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pulumi


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The stack's outputs, by the names under which they are exported."""

    environment: str
    tier: str
    sinks: list[str]
    region: str
    cluster: pulumi.Input[str]
    servers: Mapping[str, str]
    services: Mapping[str, str]
    postgres_host: pulumi.Input[str]
    redis_host: pulumi.Input[str]
    log_groups: list[pulumi.Output[str]]
    buckets: list[pulumi.Output[str]]


def export_all(outputs: Outputs) -> None:
    """Export every field."""
    for field in fields(outputs):
        pulumi.export(field.name, getattr(outputs, field.name))
