"""Capacity and cost before and after, as tables, and what neither says."""

from collections.abc import Iterator

from config.prices import prices
from review.capacity import Capacity, capacity
from review.markdown import code, details, plain, table
from review.money import Bill, Line, bill
from review.states import Sides

_ZONES = {True: "Multi-AZ", False: "one zone"}
_HEAD = ("", "before", "after")


def capacity_table(sides: Sides) -> str:
    """Pods, processors, memory, disks and stores."""
    before, after = capacity(sides.before), capacity(sides.after)
    rows = [(name, one, other if one != other else "the same") for name, one, other in _rows(before, after)]
    told = [table(_HEAD, rows)]
    if after.uncounted:
        names = ", ".join(code(name) for name in after.uncounted[:5])
        told.append(f"Not counted, for they say no sizes: {len(after.uncounted)}, among them {names}.")
    return "\n\n".join(told)


def _rows(before: Capacity, after: Capacity) -> Iterator[tuple[str, str, str]]:
    yield from (
        ("pods", _range(before.pods_least, before.pods_most), _range(after.pods_least, after.pods_most)),
        (
            "vCPU that pods ask for",
            _range(before.cores_least, before.cores_most),
            _range(after.cores_least, after.cores_most),
        ),
        (
            "memory that pods ask for, GiB",
            _range(before.gibibytes_least, before.gibibytes_most),
            _range(after.gibibytes_least, after.gibibytes_most),
        ),
        ("nodes that the fewest pods need", str(before.nodes), str(after.nodes)),
        ("volumes, GiB", _disks(before), _disks(after)),
        ("PostgreSQL", _postgres(before), _postgres(after)),
        ("Redis", _redis(before), _redis(after)),
    )


def _range(least: float, most: float) -> str:
    one, other = f"{least:,.0f}", f"{most:,.0f}"
    return one if one == other else f"{one} to {other}"


def _disks(found: Capacity) -> str:
    return f"{found.disk_gibibytes:,.0f} in {found.disks}" if found.disks else "none"


def _postgres(found: Capacity) -> str:
    told = [
        f"{plain(each.instance_class, 40)}, {each.gibibytes:,} GiB, "
        + ("Multi-AZ" if each.standby else "one zone")
        for each in found.postgres[:3]
    ]
    return "; ".join(told) or "none here"


def _redis(found: Capacity) -> str:
    told = []
    for each in found.redis[:3]:
        shards = f"cluster mode, {each.shards} shards of" if each.mode == "enabled" else ""
        nodes = f"{shards} {1 + each.replicas} × {plain(each.node_type, 40)}".strip()
        told.append(nodes)
    return "; ".join(told) or "none here"


def bills(sides: Sides) -> tuple[Bill, Bill]:
    """The bills before and after."""
    return bill(sides.before, capacity(sides.before)), bill(sides.after, capacity(sides.after))


def cost_line(before: Bill, after: Bill) -> str:
    """The cost in a few words."""
    if not before.lines and not after.lines:
        return ""
    return (
        f"about ${before.usd:,} → ${after.usd:,} a month"
        if before.usd != after.usd
        else f"about ${after.usd:,} a month"
    )


def cost_table(before: Bill, after: Bill) -> str:
    """Every line before and after, the sum, where the prices are from, and what is in no sum."""
    keys = sorted(
        {line.key for line in (*before.lines, *after.lines)}, key=lambda key: _order(key, before, after)
    )
    rows = [
        (_label(before.line(key), after.line(key)), _usd(before.line(key)), _usd(after.line(key)))
        for key in keys
    ]
    rows.append(("**sum**", f"**{before.usd:,}**", f"**{after.usd:,}**"))
    missing = sorted({*before.unpriced, *after.unpriced})
    told = [table(("US dollars a month", "before", "after"), rows)]
    if missing:
        names = ", ".join(code(key) for key in missing[:20])
        told.append(f"**Without a price, and so in no sum**: {names}. Add them to `config/prices.yaml`.")
    return "\n\n".join([*told, _footnote(keys)])


def _order(key: str, before: Bill, after: Bill) -> tuple[int, str]:
    """The dearest first, the classes of one thing beside each other."""
    kind = key.partition("-")[0]
    lines = [line for line in (*before.lines, *after.lines) if line.key.partition("-")[0] == kind]
    return -max(line.usd or 0 for line in lines), key


def _label(before: Line | None, after: Line | None) -> str:
    line = after or before
    assert line is not None
    counts = f"{_count(before)} → {_count(after)}" if _count(before) != _count(after) else _count(after)
    mark = "" if _checked(line.key) else " ¹"
    return f"{plain(line.label, 60)}: {counts}{' ²' if line.estimated else ''}{mark}"


def _checked(key: str) -> bool:
    price = prices().prices.get(key)
    return price is None or price.checked


def _count(line: Line | None) -> str:
    return f"{line.quantity:,.0f}" if line else "0"


def _usd(line: Line | None) -> str:
    if line is None:
        return "0"
    if line.usd is None:
        return "no price"
    return "under 1" if line.usd == 0 else f"{line.usd:,}"


def _footnote(keys: list[str]) -> str:
    known = prices().prices
    used = [known[key] for key in keys if key in known]
    read = sorted({f"{price.source}, {price.date}" for price in used if price.checked})
    lines = [
        f"On-demand prices of {prices().region} in US dollars, before taxes and discounts, each line rounded;"
        f" autoscalers at their minimum. Read at: {'; '.join(read) or 'none'}."
    ]
    if any(not price.checked for price in used):
        lines.append(
            "¹ From memory, rounded, not looked up again: see `config/prices.yaml` for source and date."
        )
    if "logs-ingestion" in keys or "metrics-ingestion" in keys:
        lines.append("² By use, as the load of the tier is assumed (`config/capacity.yaml`).")
    lines.append(f"By use, and in no sum: {'; '.join(prices().by_use)}.")
    return "  \n".join(lines)


def figures(sides: Sides) -> str:
    """Both tables as parts that open."""
    if not sides.before.states and not sides.after.states:
        return ""
    before, after = bills(sides)
    note = "Of what changes only: the preview does not say what stays.\n\n" if sides.partial else ""
    cost = details(f"Cost, {cost_line(before, after) or 'nothing'}", cost_table(before, after))
    return f"{note}{capacity_table(sides)}\n\n{cost}"
