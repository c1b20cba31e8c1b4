"""The shape that every component has.

Owns the parent, the child names and the registration of outputs. A component hands the
caller's options to `super().__init__` only; its children get options of their own.
"""

from collections.abc import Sequence
from typing import Any

import pulumi


class Component(pulumi.ComponentResource):
    """A group of resources under one literal type token, which outlives a rename of the class."""

    name: str

    def __init__(self, token: str, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(token, name, None, opts)
        self.name = name

    def named(self, part: str) -> str:
        """Logical name of a child: short, stable, and free of the stack's name."""
        return f"{self.name}-{part}"

    def child(
        self,
        *,
        protect: bool | None = None,
        retain: bool | None = None,
        delete_first: bool | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
        timeout: str | None = None,
        ignore_changes: Sequence[str] = (),
        hidden: Sequence[str] = (),
    ) -> pulumi.ResourceOptions:
        """Options of a child: this parent, its provider, and what is said here.

        `retain` leaves a resource in the cloud when the program no longer has it.
        `delete_first` has the old one go before its replacement comes. `timeout` is a
        duration such as `60m` for create, update and delete; the provider's own limit holds where
        none is given.
        """
        slow = pulumi.CustomTimeouts(create=timeout, update=timeout, delete=timeout) if timeout else None
        return pulumi.ResourceOptions(
            parent=self,
            protect=protect,
            retain_on_delete=retain,
            delete_before_replace=delete_first,
            depends_on=list(depends_on),
            custom_timeouts=slow,
            ignore_changes=list(ignore_changes) or None,
            hide_diffs=list(hidden) or None,
        )

    def finish(self, **outputs: Any) -> None:
        """Register the outputs; the last statement of every constructor."""
        self.register_outputs(outputs)
