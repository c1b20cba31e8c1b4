"""A check of the arithmetic: what the load needs against what is there, and what mends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.errors import Problem

_TINY = 1e-9


@dataclass(frozen=True)
class Setting:
    """A key of the settings and a value with which a check would hold."""

    key: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """One inequality: `need` is at the most `limit`, both in `unit`."""

    name: str
    formula: str
    inputs: Mapping[str, float]
    """The figures that the formula names."""
    need: float
    limit: float
    unit: str
    remedy: str
    """What to change where it fails."""
    setting: Setting | None = None
    """The setting that mends it, where one does."""
    binding: bool = True
    """Whether a stack in which it fails is refused; else it is stated only."""

    @property
    def margin(self) -> float:
        """Share of the limit that is left; negative where it fails."""
        if self.limit == 0:
            return 0.0 if self.need == 0 else -1.0
        return (self.limit - self.need) / self.limit

    @property
    def holds(self) -> bool:
        """Whether it does; a rounding error of floating point counts as none."""
        return self.need <= self.limit + _TINY

    def told(self, stack: str) -> str:
        """What failed, with its figures, and what mends it."""
        figures = ", ".join(f"{name} {shown(value)}" for name, value in self.inputs.items())
        lines = [
            f"  {self.name}: needs {shown(self.need)} {self.unit}, has {shown(self.limit)}",
            f"    {self.formula}",
            f"    with {figures}",
            f"    {self.remedy}",
        ]
        if self.setting:
            problem = Problem(key=self.setting.key, got="", allowed="", example=self.setting.value)
            lines.append(f"    {problem.command(stack)}")
        return "\n".join(lines)


class CapacityError(Exception):
    """Every binding check of a stack that fails, in one go."""

    def __init__(self, failing: Sequence[Check], *, stack: str, tier: str) -> None:
        self.failing = tuple(failing)
        count = "one check fails" if len(failing) == 1 else f"{len(failing)} checks fail"
        head = f"stack {stack} does not carry the load of tier {tier}: {count}"
        super().__init__("\n".join([head, *(check.told(stack) for check in failing)]))


def shown(value: float) -> str:
    """A figure as people read it: four digits that count, whole numbers whole."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
