"""The words of a judgement: what changes, what that does, and what to do about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.holders import Effect

# Values that differ and are not to be told: an input that is secret, or not known before the update.
HIDDEN = "[secret]"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource as it is applied now, and as it is wanted.

    Inputs are plain, with `HIDDEN` for what is secret or not known yet. `new` is None where the
    resource goes, to be made again or not.
    """

    kind: str
    """Type token, such as `aws:rds/instance:Instance`."""
    name: str
    old: Mapping[str, Any]
    new: Mapping[str, Any] | None

    def finding(
        self,
        path: str,
        effect: Effect,
        reason: str,
        *,
        acknowledge: str = "",
        steps: "tuple[Step, ...]" = (),
    ) -> "Finding":
        """What the change of the property at `path` means."""
        return Finding(
            name=self.name,
            path=path,
            before=at(self.old, path),
            after=at(self.new, path),
            effect=effect,
            reason=reason,
            acknowledge=acknowledge,
            steps=steps,
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One update on the way: settings to change, each by its key, and what else is to be done."""

    settings: tuple[tuple[str, str | None], ...] = ()
    """Key and value; no value removes the key, which leaves it to the tier."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one changed property of one resource means."""

    name: str
    """Logical name of the resource."""
    path: str
    """Path of the property; empty where the whole resource goes."""
    before: Any
    after: Any
    effect: Effect
    reason: str
    acknowledge: str = ""
    """The change that `acknowledge` may name, where it may be refused and still be wanted."""
    steps: tuple[Step, ...] = field(default=())
    """The way to the same end, or back, in order."""

    @property
    def key(self) -> str:
        """What the setting `acknowledge` names it by."""
        return f"{self.name}/{self.acknowledge}"


def acknowledgement(key: str) -> str:
    """The path of the setting that acknowledges `<resource>/<change>`."""
    return f'acknowledge["{key}"]'


_LOSES = (Effect.ONE_WAY, Effect.DELETION, Effect.REPLACEMENT, Effect.IMPOSSIBLE)


def is_acknowledged(finding: Finding, acknowledged: Collection[str]) -> bool:
    """Whether somebody said that this very change may be made."""
    return bool(finding.acknowledge) and finding.key in acknowledged


def is_refused(finding: Finding, acknowledged: Collection[str]) -> bool:
    """Whether it loses data, cannot be undone or cannot be done, and nobody acknowledged it."""
    return finding.effect in _LOSES and not is_acknowledged(finding, acknowledged)


def at(inputs: Mapping[str, Any] | None, path: str) -> Any:
    """The value at a path through mappings, or None."""
    found: Any = inputs
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
