"""What autoscalers ask Prometheus, on the real one's engine: load, silence, and figures that are gone."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from real_server import tool

from config.data import services

pytestmark = pytest.mark.tools
_BUCKETS = (1, 5, 15, 30, 60)


def query(name: str) -> str:
    """The trigger of a service."""
    found = services()[name].trigger
    assert found is not None
    return found.query


def requests(each: int, seconds: float, pod: str = "a") -> list[dict[str, str]]:
    """Series of `each` requests a minute that take so long, as a pod of Oracle has them."""
    labels = f'job="axiom-oracle",pod="{pod}",endpoint="/ask"'
    family = "oracle_request_duration_seconds"
    buckets = [
        {
            "series": f'{family}_bucket{{{labels},le="{edge}"}}',
            "values": f"0+{each if seconds <= edge else 0}x20",
        }
        for edge in _BUCKETS
    ]
    every = [f'{family}_bucket{{{labels},le="+Inf"}}', f"{family}_count{{{labels}}}"]
    return [*buckets, *({"series": series, "values": f"0+{each}x20"} for series in every)]


def up(value: str, pod: str = "a") -> dict[str, str]:
    """Whether a pod of Oracle can be scraped."""
    return {"series": f'up{{job="axiom-oracle",pod="{pod}"}}', "values": value}


def holds(folder: Path, expression: str, series: list[dict[str, str]], expected: float | None) -> bool:
    """Whether the query gives this one number, or nothing, after 15 minutes."""
    samples: list[Any] = [] if expected is None else [{"labels": "{}", "value": expected}]
    check = {"expr": expression, "eval_time": "15m", "exp_samples": samples}
    case = {"tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [check]}]}
    (folder / "case.yaml").write_text(yaml.safe_dump(case))
    command = [tool("promtool"), "test", "rules", "case.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "parse error" not in done.stdout + done.stderr
    return done.returncode == 0


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        # All between 15 and 30 s: the p95 lies 95% of the way.
        ([*requests(10, 20), up("1x20")], 29.25),
        ([*requests(10, 4), up("1x20")], 4.8),
        # Fewer than 20 in five minutes, however slow.
        ([*requests(3, 50), up("1x20")], 0),
        # Of two pods, together enough.
        ([*requests(3, 20), *requests(3, 20, "b"), up("1x20"), up("1x20", "b")], 29.25),
        # At night: the series are there and do not move.
        ([*requests(0, 0), up("1x20")], 0),
        # After a rollout: no request has come yet, so there is no series.
        ([up("1x20")], 0),
        # One pod of two cannot be scraped.
        ([up("1x20"), up("0x20", "b")], 0),
        # Nothing can be scraped, or nothing is known: no answer.
        ([up("0x20")], None),
        ([], None),
        # Prometheus knew it once.
        ([*requests(10, 20)[:1], up("1x5 stale")], None),
    ],
)
def test_the_latency_tells_silence_from_loss(
    series: list[dict[str, str]], expected: float | None, tmp_path: Path
) -> None:
    """A number where Prometheus reaches Oracle, nothing where it does not, never NaN."""
    assert holds(tmp_path, query("oracle"), series, expected)


def test_a_bare_quantile_would_give_no_number(tmp_path: Path) -> None:
    """What the query is there to avoid: without traffic a quantile is NaN or nothing."""
    bare = "histogram_quantile(0.95, sum by (le) (rate(oracle_request_duration_seconds_bucket[5m])))"
    assert not holds(tmp_path, bare, [*requests(0, 0), up("1x20")], 0)
    assert holds(tmp_path, bare, [up("1x20")], None)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        # Each pod of Core reports the one shared store.
        ({"a": "1200x20", "b": "1200x20", "c": "1190x20"}, 1200),
        ({"a": "0x20"}, 0),
        ({}, None),
    ],
)
def test_the_outbox_is_counted_once(series: dict[str, str], expected: float | None, tmp_path: Path) -> None:
    """And an empty one is 0, which is not the same as an unknown one."""
    told = [
        {"series": f'core_event_outbox_pending{{job="axiom-core",pod="{pod}"}}', "values": values}
        for pod, values in series.items()
    ]
    assert holds(tmp_path, query("core-worker"), told, expected)
