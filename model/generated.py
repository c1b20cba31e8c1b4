"""Secrets that the program makes itself, named: a closed set, like those that a user gives.

A generated secret is a password that only servers of this stack use among themselves; it lives
in the stack's encrypted state and changes only when it is asked to.
"""

from dataclasses import dataclass
from enum import StrEnum

from config.secrets import SecretKey


class Generated(StrEnum):
    """A password made once for a stack; the value of the member is its logical name."""

    POSTGRES_MASTER = "postgres-master"
    POSTGRES_CORE = "postgres-core"
    POSTGRES_ORACLE = "postgres-oracle"
    POSTGRES_VISION = "postgres-vision"
    POSTGRES_SYNAPSE = "postgres-synapse"
    POSTGRES_WEAVER = "postgres-weaver"
    POSTGRES_GRAFANA = "postgres-grafana"
    POSTGRES_EXPORTER = "postgres-exporter"
    REDIS_TOKEN = "redis-token"  # noqa: S105 - a name, not a password
    NEO4J = "neo4j"
    GRAFANA_ADMIN = "grafana-admin"
    GRAFANA_SIGNING = "grafana-signing"
    JWT_SIGNING = "jwt-signing"
    DIGEST_SALT = "digest-salt"
    """Nobody's password: without it the digest of a weak secret, which pods bear, would tell the secret."""


SecretSource = SecretKey | Generated


@dataclass(frozen=True)
class Prefixed:
    """A secret behind a text that is none: what servers want that take user and password as one."""

    prefix: str
    secret: SecretSource


SecretValue = SecretSource | Prefixed


def source_of(value: SecretValue) -> SecretSource:
    """The secret that a value is made of."""
    return value.secret if isinstance(value, Prefixed) else value
