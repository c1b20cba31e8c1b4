"""What the capacity table assumes of Prometheus, measured on the real one.

Series are those of the catalogue, moving as services with some traffic would; a hundredth of two
million of them for the memory, some hours of one target for the disk.
"""

import random
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import yaml
from loopback import Handler, serving
from real_server import NOBODY, Pod, Running, running, tool, workload
from servers.synthetic import Series, page, target

from config.capacity import assumptions
from config.data import services

pytestmark = pytest.mark.tools
JOBS = [service.job for service in services().values() if service.own_metrics and service.job]
SERIES = 20_000
# As many rounds as three hours have at 15 s: so much the memory holds before it is written out.
ROUNDS = 720
INTERVAL = 0.5
TOLERANCE = 0.3
_BEGIN = 1767225600


@pytest.mark.parametrize("job", ["axiom-core", "axiom-vision"])
def test_a_sample_takes_as_many_bytes_as_assumed(job: str, tmp_path: Path) -> None:
    """A block of two hours as Prometheus writes it, with its index."""
    series, chance = target(job), random.Random(1)
    values, lines = [0.0] * len(series), []
    for round_ in range(480):
        stamp = _BEGIN + 15 * round_
        lines += [f"{line} {stamp}" for line in page(series, values, chance).splitlines()]
    (tmp_path / "samples").write_text("\n".join([*lines, "# EOF", ""]))
    made = ["tsdb", "create-blocks-from", "openmetrics", str(tmp_path / "samples"), str(tmp_path / "blocks")]
    subprocess.run([tool("promtool"), *made], check=True, capture_output=True)
    written = sum(file.stat().st_size for file in (tmp_path / "blocks").rglob("*") if file.is_file())
    assert written / len(lines) == pytest.approx(assumptions().prometheus.bytes_per_sample, rel=TOLERANCE)


@dataclass
class Targets:
    """What is scraped: each target's series and where they stand."""

    pages: list[tuple[list[Series], list[float]]]
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    port: int = 0

    @property
    def count(self) -> int:
        return sum(len(series) for series, _ in self.pages)

    def jobs(self) -> list[Mapping[str, object]]:
        """The scrape configuration: one pod each, by the names that pods have."""
        where = [f"127.0.0.1:{self.port}"]
        pods = [
            {
                "targets": where,
                "labels": {"__metrics_path__": f"/{number}", "pod": f"core-api-7d9c5b8f6d-{number:05}"},
            }
            for number in range(len(self.pages))
        ]
        interval = f"{INTERVAL * 1000:.0f}ms"
        timing = {"scrape_interval": interval, "scrape_timeout": interval}
        return [{"job_name": "synthetic", **timing, "static_configs": pods}]


class _Handler(Handler):
    def __init__(self, targets: Targets, *arguments: object) -> None:
        self._targets = targets
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = page(*self._targets.pages[int(self.path[1:])], self._targets.chance).encode()
        self.answer(200, body)


@contextmanager
def exposed(series: int) -> Iterator[Targets]:
    """At least so many series, on loopback."""
    found = Targets([])
    while found.count < series:
        kept = target(JOBS[len(found.pages) % len(JOBS)])
        found.pages.append((kept, [0.0] * len(kept)))
    with serving(partial(_Handler, found)) as found.port:
        yield found


def prometheus(root: Path, targets: Targets) -> Pod:
    """Prod's biggest, with all its rules, on these targets alone."""
    pod = Pod(workload("prometheus", "prod", tier="2year"), root, NOBODY)
    pod.lay_out()
    file = pod.path("/etc/prometheus/config/prometheus.yml")
    document = yaml.safe_load(file.read_text())
    document["scrape_configs"] = targets.jobs()
    for elsewhere in ("remote_write", "alerting"):
        del document[elsewhere]
    file.write_text(yaml.safe_dump(document))
    return pod


def figure(server: Running, name: str) -> float:
    """One of its own figures."""
    found = re.search(rf"^{name} (\S+)$", server.text("http", "/metrics"), re.MULTILINE)
    assert found, name
    return float(found[1])


@pytest.mark.long
def test_a_series_takes_as_many_bytes_as_assumed(tmp_path: Path) -> None:
    """What the process holds after three hours' rounds, beside what it holds without any series."""
    given = assumptions().prometheus
    with exposed(SERIES) as targets, running(prometheus(tmp_path, targets)) as server:
        server.assert_probes_answer()
        time.sleep(ROUNDS * INTERVAL)
        series = figure(server, "prometheus_tsdb_head_series")
        resident = figure(server, "process_resident_memory_bytes")
    assert series == pytest.approx(targets.count, rel=0.1)
    assert resident == pytest.approx(given.base_bytes + series * given.bytes_per_series, rel=TOLERANCE)
