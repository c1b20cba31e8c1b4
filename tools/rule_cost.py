"""What the rules of prod cost: evaluated by the real Prometheus on the series that they select.

And what the same alerts would cost if each of them stood on scraped series alone. Of most of these
there is an hour, so that a subquery over days finds a part of what it would find in a cluster: that
figure is a lower bound.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.scalars import Tier
from config.settings import load
from local import tools
from local.processes import Problem
from model.capacity.scene import Scene
from model.plan import build_plan
from tools.rule_files import Rule, hurried, needs, recorded_series, recordings, rule_texts, rules_of
from tools.rule_inline import inlined, is_recorded
from tools.rule_series import HOUR, STEP, scraped, targets
from tools.rule_server import Round, Rounds, Server, running
from tools.rule_store import send, write_blocks

STACK = "prod"
TIERS = (Tier.CURRENT, Tier.TWO_YEARS)
ROUNDS = 5
BAR = 0.10
"""Part of the interval that all evaluations may take."""
LIMIT = 30.0
"""Seconds after which an inlined alert is given up."""
# Series go on while rules are evaluated; Prometheus refuses what is over ten minutes ahead of its clock.
_AHEAD = 540
_SLOWEST = 5
_FOLDER = Path(__file__).resolve().parent
Row = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What was measured; times are seconds of evaluation in each interval of 15 s."""

    tier: str
    series: int
    samples: int
    rounds: Sequence[float]
    processor: float
    """Processor time of the whole server."""
    slowest: Sequence[tuple[str, float]]
    """The costliest rules and their part of that."""
    alone: float
    """The same alerts without recorded series."""
    given_up: Sequence[str]
    """Of those, the ones that took longer than the limit, and count as if they had taken just that."""

    @property
    def share(self) -> float:
        """Part of the interval: on a machine that others use too, evaluations wait, and that is no cost."""
        return min(statistics.median(self.rounds), self.processor) / STEP


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the status is 1 where the rules cost more than they may, or can't be measured."""
    parser = argparse.ArgumentParser(prog="python -m tools.rule_cost", description=__doc__.split("\n")[0])
    parser.add_argument("--tier", choices=TIERS, action="append", help="only this one (default: both)")
    costs = []
    for tier in parser.parse_args(arguments).tier or TIERS:
        try:
            costs.append(measured(tier, progress))
        except Problem as problem:
            print(f"error: {problem}", file=sys.stderr)
            return 1
        for what, figure, bar in (*rows(costs[-1]), *slowest_rows(costs[-1])):
            print(f"| {what:<62} | {figure:<48} | {bar:<11} |", flush=True)
    return int(any(cost.share > BAR for cost in costs))


def progress(line: str) -> None:
    """Say how far it is, beside the table."""
    print(line, file=sys.stderr, flush=True)


def rows(cost: Cost) -> Iterable[Row]:
    """What, how much, and the bar, as the performance table has them."""
    name = f"rules of {STACK} at {cost.tier}"
    times = f"{statistics.median(cost.rounds):.3f} s ({min(cost.rounds):.3f} to {max(cost.rounds):.3f})"
    yield f"{name}: series that they select", f"{cost.series}, {cost.samples / 1e6:.1f} million samples", ""
    usual = statistics.median(cost.rounds) / STEP
    yield f"{name}: evaluation in {STEP} s", f"{times}, {usual:.1%}", f"at most {BAR:.0%}"
    used = f"{cost.processor:.3f} s, {cost.processor / STEP:.1%}"
    yield f"{name}: processor time in {STEP} s", used, "the same"
    ended = f", {len(cost.given_up)} given up after {LIMIT:.0f} s" if cost.given_up else ""
    least = f"at least {cost.alone:.1f} s, {cost.alone / STEP:.0%}{ended}"
    yield f"{name}: its alerts without recorded series", least, ""


def slowest_rows(cost: Cost) -> Iterable[Row]:
    """The rules that cost most, and the alerts that were given up."""
    for name, seconds in cost.slowest:
        yield f"  {name}", f"{seconds * 1000:.1f} ms in {STEP} s", ""
    for name in cost.given_up:
        yield f"  {name}, without recorded series", f"more than {LIMIT:.0f} s", ""


def measured(tier: str, report: tools.Report) -> Cost:
    """Run the rules of a tier; takes some minutes.

    Raises:
        Problem: Prometheus can't be had, does not start, or is too slow to tell.
    """
    scene = _scene(tier)
    files = rule_texts(scene.plan.observability.files)
    rules = rules_of(files.values())
    raw = {name: need for name, need in needs(rules).items() if not is_recorded(name)}
    series = list(scraped(raw, targets(scene), scene))
    every = [*series, *recorded_series(rules)]
    known = tools.load(_FOLDER)
    binaries = tools.ensure([known["prometheus"]], report)
    with tempfile.TemporaryDirectory(prefix="rules-") as name:
        folder, now = Path(name), int(time.time()) // 60 * 60
        report(f"{tier}: {len(series)} series")
        samples = write_blocks(every, now - HOUR, now, folder / "data", binaries / "promtool")
        report(f"{samples / 1e6:.1f} million samples in blocks")
        with running(binaries / "prometheus", folder, scene.settings.retention.metrics_days) as server:
            address = f"{server.url}/api/v1/write"
            samples += send(every, now - HOUR, now + _AHEAD, now, address, report)
            server.take({name: hurried(text) for name, text in files.items()})
            found = server.rounds(ROUNDS, now + _AHEAD)
            server.take(dict.fromkeys(files, ""))
            alone, given_up = _alone(server, rules, now, report)
    return Cost(
        tier=tier,
        series=len(series),
        samples=samples,
        rounds=round_costs(found.groups, rules),
        processor=processor_cost(found, rules),
        slowest=slowest(found.groups, rules),
        alone=alone,
        given_up=given_up,
    )


def round_costs(found: Mapping[str, Sequence[Round]], rules: Iterable[Rule]) -> list[float]:
    """Seconds in each interval of 15 s, for each round: a group that is evaluated seldom counts less."""
    intervals = {rule.group: rule.interval for rule in rules}
    by_group = ([each.whole * STEP / intervals[group] for each in rounds] for group, rounds in found.items())
    return [sum(group) for group in zip(*by_group, strict=True)]


def processor_cost(found: Rounds, rules: Iterable[Rule]) -> float:
    """Processor time in each interval of 15 s: that of a round of all groups, by the parts that count."""
    whole = sum(each.whole for rounds in found.groups.values() for each in rounds)
    return found.processor * sum(round_costs(found.groups, rules)) / whole


def slowest(found: Mapping[str, Sequence[Round]], rules: Sequence[Rule]) -> list[tuple[str, float]]:
    """The rules that cost most, with the seconds of each in an interval of 15 s: its quickest round."""
    costs = []
    for group, rounds in found.items():
        of_group = [rule for rule in rules if rule.group == group]
        times = zip(*(each.rules for each in rounds), strict=True)
        for rule, seconds in zip(of_group, times, strict=True):
            costs.append(
                (
                    f"{group}: {rule.name} {rule.labels.get('slo', '')}".rstrip(),
                    min(seconds) * STEP / rule.interval,
                )
            )
    return sorted(costs, key=lambda cost: -cost[1])[:_SLOWEST]


def _alone(server: Server, rules: Sequence[Rule], now: int, report: tools.Report) -> tuple[float, list[str]]:
    """Seconds that all alerts take on scraped series in 15 s, and those that were given up."""
    behind, total, given_up = recordings(rules), 0.0, []
    for rule in rules:
        if rule.records:
            continue
        seconds = server.seconds(inlined(rule.expr, behind), now, LIMIT)
        if seconds is None:
            given_up.append(f"{rule.group}: {rule.name}")
            report(f"{given_up[-1]}: given up after {LIMIT:.0f} s")
        total += (LIMIT if seconds is None else seconds) * STEP / rule.interval
    return total, given_up


def _scene(tier: str) -> Scene:
    settings = load({"tier": tier, "neo4j": {"acceptLicense": True}}, stack=STACK)
    return Scene(build_plan(settings), settings)


if __name__ == "__main__":
    sys.exit(main())
