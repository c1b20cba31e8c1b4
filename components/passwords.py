"""Passwords that the stack makes itself: made once, kept in the encrypted state."""

from dataclasses import dataclass

import pulumi
import pulumi_random as random

from components.base import Component
from model.generated import Generated, SecretSource

# As long as anybody takes: the shortest limit is that of ElastiCache, 128.
LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class PasswordsArgs:
    """Which passwords."""

    wanted: tuple[Generated, ...]


class Passwords(Component):
    """One for each; letters and digits, so that no server's syntax is in the way."""

    values: dict[SecretSource, pulumi.Output[str]]

    def __init__(self, name: str, args: PasswordsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Passwords", name, opts)
        self.values = {
            secret: random.RandomPassword(
                self.named(secret.value), length=LENGTH, special=False, opts=self.child()
            ).result
            for secret in args.wanted
        }
        self.finish(count=len(self.values))
