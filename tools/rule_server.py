"""A real Prometheus on loopback that scrapes nothing: it holds what it is sent, and evaluates rules."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.processes import Problem, answers, free_port, spawn, stop, wait_until
from model.scrape import SCRAPE_INTERVAL
from model.yamltext import dumped

_START_SECONDS = 120
_POLL_SECONDS = 2
# The year of a time that is not set.
_NEVER = "0001-"
# A query that its own limit does not end.
_HANGS_SECONDS = 60


@dataclass(frozen=True)
class Round:
    """One evaluation of a group: seconds of all of it, and of each rule in its order."""

    whole: float
    rules: Sequence[float]


@dataclass(frozen=True)
class Rounds:
    """Several evaluations of each group."""

    groups: Mapping[str, Sequence[Round]]
    processor: float
    """Processor time of the whole server, in seconds for each of them."""


@dataclass(frozen=True)
class Server:
    """It runs, and reads rules from the folder `rules` when it is told to."""

    url: str
    rules: Path

    def take(self, files: Mapping[str, str]) -> None:
        """Evaluate the rules of these files from now on."""
        for name, text in files.items():
            (self.rules / name).write_text(text)
        request = urllib.request.Request(f"{self.url}/-/reload", method="POST")
        with urllib.request.urlopen(request, timeout=_HANGS_SECONDS):
            pass

    def rounds(self, count: int, until: float) -> Rounds:
        """So many evaluations of each group, without its first, in which much is not recorded yet.

        Raises:
            Problem: a rule fails, or they are not done at the time `until`, when the series end.
        """
        seen: dict[str, dict[str, Round]] = {}
        self._see(1, seen, until)
        before = self.processor()
        self._see(count + 1, seen, until)
        used = self.processor() - before
        groups = {name: list(found.values())[1 : count + 1] for name, found in seen.items()}
        return Rounds(groups, used / count)

    def _see(self, count: int, seen: dict[str, dict[str, Round]], until: float) -> None:
        """Note evaluations by group and time, until there are so many of each group."""
        while not seen or min(map(len, seen.values())) < count:
            if time.time() > until:
                raise Problem("the rules were not evaluated in time: this machine has too much else to do")
            for group in self.get("rules")["groups"]:
                known = seen.setdefault(group["name"], {})
                if not group["lastEvaluation"].startswith(_NEVER):
                    known[group["lastEvaluation"]] = _round(group)
            time.sleep(_POLL_SECONDS)

    def processor(self) -> float:
        """Processor time that it has used, in seconds."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=_HANGS_SECONDS) as response:
            return processor_seconds(response.read().decode())

    def seconds(self, expr: str, at: int, limit: float) -> float | None:
        """How long an instant query takes to be evaluated; None where it needs more than the limit."""
        asked = {"query": expr, "time": str(at), "timeout": f"{limit:g}s", "stats": "all"}
        try:
            found = self.get("query", asked)
        except urllib.error.HTTPError as error:
            # 503: it ran out of time. 422: it has too many samples.
            text = error.read().decode()
            if error.code == 503 or "too many samples" in text:
                return None
            raise Problem(f"a query was refused: {text}\n{expr[:1000]}") from None
        return float(found["stats"]["timings"]["evalTotalTime"])

    def get(self, path: str, form: Mapping[str, str] | None = None) -> Any:
        """What the API answers."""
        # Inlined queries are longer than an address may be.
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", body)
        with urllib.request.urlopen(request, timeout=_HANGS_SECONDS) as response:
            return json.loads(response.read())["data"]


@contextmanager
def running(prometheus: Path, folder: Path, retention_days: int) -> Iterator[Server]:
    """A Prometheus with its data in `folder/data`, without rules; ended afterwards."""
    rules, port = folder / "rules", free_port()
    rules.mkdir()
    file = folder / "prometheus.yml"
    file.write_text(dumped(_config(rules, retention_days)))
    flags = {
        "config.file": file,
        "storage.tsdb.path": folder / "data",
        "web.listen-address": f"127.0.0.1:{port}",
    }
    words = [f"--{name}={value}" for name, value in flags.items()]
    command = [str(prometheus), *words, "--web.enable-remote-write-receiver", "--web.enable-lifecycle"]
    process = spawn(command, log=folder / "log")
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(
            lambda: answers(f"{url}/-/ready"),
            seconds=_START_SECONDS,
            what="Prometheus",
            alive=lambda: process.poll() is None,
        )
        yield Server(url, rules)
    finally:
        stop(process)


def processor_seconds(page: str) -> float:
    """The processor time on a page of metrics."""
    lines = (line.split() for line in page.splitlines() if line.startswith("process_cpu_seconds_total "))
    return float(next(lines)[1])


def _config(rules: Path, retention_days: int) -> dict[str, Any]:
    return {
        "global": {"evaluation_interval": SCRAPE_INTERVAL},
        "storage": {"tsdb": {"retention": {"time": f"{retention_days}d"}}},
        "rule_files": [f"{rules}/*.yml"],
    }


def _round(group: Mapping[str, Any]) -> Round:
    for rule in group["rules"]:
        # One that fails costs little.
        if rule["health"] == "err":
            raise Problem(f"{rule['name']} can't be evaluated: {rule['lastError']}")
    return Round(group["evaluationTime"], [rule["evaluationTime"] for rule in group["rules"]])
