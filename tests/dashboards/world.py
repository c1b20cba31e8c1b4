"""A real Prometheus that holds a day of a stack, recorded series included.

Samples become blocks as promtool writes them; recordings are evaluated over them by the rules of the
stack, level by level, since a rule may read what another records.
"""

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dashboards import series
from dashboards.rendered import settings
from real_server import tool

from local.processes import free_port, spawn, stop, wait_until
from model.dashboards.expressions import plain
from model.plan import build_plan
from model.rules import rule_groups
from model.rules.promql import Selection, parsed, selections
from model.rules.shapes import RecordingRule
from model.servers.prometheus import scrape_jobs

# The step of a day on a screen.
STEP = 60
PLAIN = {"$__range": "6h", "$job": ".+"}


@dataclass(frozen=True)
class World:
    """The server and how its samples were made."""

    url: str
    process: int
    rate_interval: str

    def series(self, expr: str, *, at_once: bool, job: str = PLAIN["$job"]) -> list[Any]:
        """The answer to a panel's query over the whole day, or for its end."""
        return list(self._asked(expr, at_once, job)["result"])

    def services(self, document: Any) -> list[str]:
        """What the variable `service` of a dashboard offers."""
        found = _variable(document, "service")
        pattern = re.compile(found["regex"].strip("/"))
        return sorted({pattern.match(job)[1] for job in self._offered(found["query"])})

    def jobs(self, document: Any, services: Sequence[str]) -> list[str]:
        """What `job` offers where these services are chosen."""
        query = _variable(document, "job")["query"]
        return self._offered(query.replace("$service", joined(services)))

    def every_job(self, document: Any) -> str:
        """What `$job` becomes while nobody has chosen anything: All of both."""
        wanted = [_variable(document, name) for name in ("service", "job")]
        assert all(each["current"]["value"] == "$__all" for each in wanted)
        return joined(self.jobs(document, self.services(document)))

    def _offered(self, query: str) -> list[str]:
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
        return self.label_values(label, selector)

    def samples(self, expr: str, *, at_once: bool) -> int:
        """How many samples the answer takes."""
        stats = self._asked(expr, at_once, PLAIN["$job"])["stats"]
        return int(stats["samples"]["totalQueryableSamples"])

    def _asked(self, expr: str, at_once: bool, job: str) -> Any:
        text = plain(expr, {**PLAIN, "$job": job, "$__rate_interval": self.rate_interval})
        end = series.BEGIN + series.DAY - STEP
        if at_once:
            return self.get("query", query=text, time=end, stats="all")
        return self.get("query_range", query=text, start=series.BEGIN, end=end, step=STEP, stats="all")

    def label_values(self, label: str, match: str) -> list[str]:
        """What a variable offers."""
        limits = {"start": series.BEGIN, "end": series.BEGIN + series.DAY}
        return list(self.get(f"label/{label}/values", **{"match[]": match}, **limits))

    def get(self, path: str, **parameters: object) -> Any:
        """The data of an answer; a refusal fails with what the server says."""
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(address, timeout=120) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def seconds(self, expr: str, *, at_once: bool) -> float:
        """How long the server works on the answer, the best of three: others use this machine too."""
        taken = []
        for _ in range(3):
            before = self._worked()
            self.series(expr, at_once=at_once)
            taken.append(self._worked() - before)
        return min(taken)

    def _worked(self) -> float:
        """Processor time of the server since its start."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        # User and system time, in ticks.
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def joined(values: Sequence[str]) -> str:
    """Several values as Grafana puts them into a query of Prometheus; one stands by itself."""
    assert values
    assert all(re.fullmatch(r"[a-z0-9-]+", value) for value in values), "Grafana escapes anything else"
    return values[0] if len(values) == 1 else f"({'|'.join(values)})"


def _variable(document: Any, name: str) -> Any:
    (found,) = (each for each in document["templating"]["list"] if each["name"] == name)
    # Whatever stands there goes into the query in place of what is offered.
    assert "allValue" not in found
    return found


@contextmanager
def world(root: Path, exprs: Collection[str], tier: str, *, step: int, most: bool) -> Iterator[World]:
    """Prod with everything that these expressions read, a sample each `step` seconds."""
    wanted = settings("prod", tier)
    plan = build_plan(wanted)
    jobs = scrape_jobs(each for each in plan.servers if each.workload.name != "prometheus")
    groups = rule_groups(wanted, {job.name for job in jobs})
    rules = [
        rule
        for group in groups.values()
        for rule in group.rules
        # No panel shows the budget of a latency.
        if isinstance(rule, RecordingRule) and rule.labels.get("kind") != "latency"
    ]
    levels = needed(exprs, rules)
    shown, recorded = raw(map(plain, exprs)), raw(rule.expr for level in levels for rule in level)
    data = root / "data"
    found = list(series.targets(plan, jobs, most=most))
    _import(root, series.text(shown, recorded, found, step=step), data)
    for number, level in enumerate(levels):
        with _serving(root, data) as (url, _):
            _record(root / f"level-{number}", level, url)
        for block in (root / f"level-{number}").iterdir():
            if block.is_dir():
                shutil.move(block, data / block.name)
    with _serving(root, data) as (url, process):
        # As Grafana computes it of the step and of the time between samples.
        yield World(url, process, f"{max(STEP + step, 4 * step)}s")


def needed(exprs: Collection[str], rules: Sequence[RecordingRule]) -> list[list[RecordingRule]]:
    """The recordings behind expressions, those first that read no other."""
    by_name: dict[str, list[RecordingRule]] = {}
    for rule in rules:
        by_name.setdefault(rule.record, []).append(rule)
    depth: dict[str, int] = {}

    def visit(expr: str) -> int:
        """How many levels of recordings lie below an expression."""
        names = {found.name for found in selections(parsed(expr)) if ":" in found.name}
        for name in names - set(depth):
            depth[name] = max(visit(rule.expr) for rule in by_name[name])
        return max((depth[name] + 1 for name in names), default=0)

    count = max(visit(plain(expr)) for expr in exprs)
    return [
        [rule for name, level in depth.items() if level == wanted for rule in by_name[name]]
        for wanted in range(count)
    ]


def raw(exprs: Iterable[str]) -> list[Selection]:
    """What expressions read of scraped series."""
    return [found for expr in exprs for found in selections(parsed(expr)) if ":" not in found.name]


def _import(root: Path, lines: Iterator[str], data: Path) -> None:
    file = root / "samples"
    with file.open("w") as written:
        written.writelines(lines)
    made = ["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=24h", "--quiet"]
    done = subprocess.run(
        [tool("promtool"), *made, str(file), str(data)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    file.unlink()


def _record(out: Path, level: Sequence[RecordingRule], url: str) -> None:
    group: Mapping[str, Any] = {
        "name": "recorded",
        "interval": f"{STEP}s",
        "rules": [rule.model_dump(by_alias=True, exclude_defaults=True) for rule in level],
    }
    file = out.with_suffix(".yml")
    file.write_text(yaml.safe_dump({"groups": [group]}))
    times = [f"--start={series.BEGIN}", f"--end={series.BEGIN + series.DAY}", f"--url={url}"]
    made = ["tsdb", "create-blocks-from", "rules", *times, f"--output-dir={out}", str(file)]
    done = subprocess.run([tool("promtool"), *made], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def _serving(root: Path, data: Path) -> Iterator[tuple[str, int]]:
    """Nothing scraped, nothing evaluated: what is there is read."""
    port, config = free_port(), root / "prometheus.yml"
    config.write_text("scrape_configs: []\n")
    command = [
        tool("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    process = spawn(command, log=root / "output")
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _ready(url), seconds=60, what="Prometheus", alive=lambda: process.poll() is None)
        yield url, process.pid
    finally:
        stop(process)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=2):
            return True
    except OSError:
        return False
