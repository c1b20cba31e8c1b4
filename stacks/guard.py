"""Refuses what would lose data: resource hooks that judge each change before it is made.

A hook is handed what is applied now and what is wanted, resource by resource, in a preview too. A
preview tells everything and fails at its end, so that it shows the rest of the changes as well; an
update stops at the first refusal, before the provider is asked.

Hooks on deletions are bound to what is protected only: `pulumi destroy` runs no hooks without
`--run-program`, and refuses a resource that has some. A stack that protects nothing is destroyed by
the plain command.
"""

import copy
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import is_dry_run

from config.holders import holder, holders
from config.settings import Settings
from model.transitions import Change, Finding, is_acknowledged, is_refused, judge, told
from model.transitions.finding import HIDDEN

# The engine shows the hook's name where it refuses to run without the program.
_DELETION = "protected by `protectStores` (docs/teardown.md)"
_UPDATE = "what holds data"


class Guard:
    """Watches what holds data and is declared after `install`; `verdict` is the last word."""

    def __init__(self, settings: Settings) -> None:
        self._acknowledged = settings.acknowledged
        self._used: set[str] = set()
        self._refused: list[str] = []
        self._declared: list[pulumi.Resource] = []
        always = pulumi.ResourceHookOptions(on_dry_run=True)
        self._on_update = pulumi.ResourceHook(_UPDATE, self.before_update, always)
        # Registered in every run: it also serves what the program declares no more.
        self._on_delete = pulumi.ResourceHook(_DELETION, self.before_delete, always)

    def install(self) -> None:
        """Bind the hooks to what holds data, as it is declared."""
        pulumi.runtime.register_stack_transformation(self._bind)

    def verdict(self) -> None:
        """Have a preview in which something was refused fail, once every resource has been looked at.

        Not once all that hold data have been: to fail ends the program, and what is on its way then
        would be missing in the list of changes.
        """
        pulumi.Output.all(*(resource.urn for resource in self._declared)).apply(self._conclude)

    def _conclude(self, _urns: list[str]) -> None:
        if self._refused:
            names = ", ".join(sorted(set(self._refused)))
            raise pulumi.RunError(f"refused, see above: {names}")
        for key in sorted(self._acknowledged - self._used):
            if not key.endswith("/delete"):
                pulumi.log.warn(f"acknowledge: {key} met no change; remove it once its change is made")

    def _bind(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        self._declared.append(args.resource)
        if args.type_ not in holders():
            return None
        options = copy.copy(args.opts)
        options.hooks = pulumi.ResourceHookBinding(
            before_update=[self._on_update],
            before_delete=[self._on_delete] if options.protect else None,
        )
        return pulumi.ResourceTransformationResult(args.props, options)

    def before_update(self, args: pulumi.ResourceHookArgs) -> None:
        """Judge a change in place.

        Raises:
            pulumi.RunError: it is refused, and this is no preview.
        """
        self._look(Change(kind=args.type, name=args.name, old=applied(args), new=plain(args.new_inputs)))

    def before_delete(self, args: pulumi.ResourceHookArgs) -> None:
        """Judge a deletion, be it for good or for a replacement.

        Raises:
            pulumi.RunError: it is refused.
        """
        self._look(Change(kind=args.type, name=args.name, old=plain(args.old_inputs), new=None))

    def _look(self, change: Change) -> None:
        findings = judge(change)
        self._used |= {found.key for found in findings if is_acknowledged(found, self._acknowledged)}
        refused = [found for found in findings if is_refused(found, self._acknowledged)]
        if not refused:
            return
        text = _told(refused)
        # A deletion comes after the program's end, or in place of a creation: nothing is left to show.
        if change.new is None or not is_dry_run():
            raise pulumi.RunError(text)
        self._refused.append(change.name)
        pulumi.log.error(text)


def _told(findings: list[Finding]) -> str:
    return "\n".join(told(found, pulumi.get_stack()) for found in findings)


def applied(args: pulumi.ResourceHookArgs) -> dict[str, Any]:
    """The inputs in force: AWS may not have made a change yet that waits for a window.

    Only what the table knows is read back, as far as it is a plain value: what a server adds or
    writes otherwise is no change. A size that grew by itself stays out too, since the provider
    leaves it alone.
    """
    inputs, outputs = plain(args.old_inputs), plain(args.old_outputs)
    row = holder(args.type, args.name)
    read = {path for path, rule in row.properties.items() if not rule.grows} if row else set()
    return {
        key: outputs[key] if key in read and isinstance(outputs.get(key), str | int | float) else value
        for key, value in inputs.items()
    }


def plain(inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Inputs without secrets and without values that are not known yet."""
    return {key: _plain(value) for key, value in (inputs or {}).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float | bool | None) else HIDDEN
