"""The metric catalogue: what it must hold, and what it refuses."""

from collections.abc import Iterator

import pytest
import yaml
from pydantic import ValidationError

from config.metrics import EVERY_JOB, Exposer, Metric, exposed_by, exposers, metrics, problems
from config.settings import load
from config.slos import slos
from model.plan import build_plan


def metric(**more: object) -> Metric:
    """A counter, or what `more` makes of it."""
    return Metric.model_validate(
        {"type": "counter", "unit": "things", "help": "Things", **more}, strict=False
    )


def exposer(**listed: Metric) -> Exposer:
    """One with these metrics, in the job `job`."""
    return Exposer.model_construct(jobs=("job",), source="here", metrics=listed)


def stacks() -> Iterator[dict[str, object]]:
    """The Prometheus file of a stack of each kind."""
    for environment, raw in (
        ("dev", {}),
        ("prod", {"tier": "1year", "neo4j": {"acceptLicense": True}, "ingress": {"host": "a.example.com"}}),
    ):
        plan = build_plan(load(raw, stack=environment))
        yield yaml.safe_load(plan.observability.files["prometheus/prometheus.yml"])


def jobs() -> set[str]:
    """Every scrape job that some stack has."""
    return {job["job_name"] for stack in stacks() for job in stack["scrape_configs"]}


def test_every_job_has_its_metrics_and_every_metric_a_job() -> None:
    """A file for a job that nobody scrapes promises nothing; a job without a file says nothing."""
    listed = {job for found in exposers().values() for job in found.jobs} - {EVERY_JOB}
    assert listed - jobs() == set()
    # Of these two only whether they answer matters.
    assert {job for job in jobs() if not exposed_by(job)} == {"blackbox-exporter", "redis-exporter"}


def test_each_latency_objective_is_an_edge_of_the_histogram_of_requests() -> None:
    """At each percentile, for whatever is a request."""
    edges = metrics()["api_request_duration_seconds"].buckets or ()
    wanted = {
        value
        for slo in slos().objectives
        if slo.job and slo.job != "axiom-core-worker"
        for value in (slo.p50, slo.p95, slo.p99)
    }
    assert wanted <= set(edges)


def test_gauges_of_a_shared_store_are_said_to_be_shared() -> None:
    """Rules and panels take them once (requirements, section 12)."""
    shared = {name for name, found in metrics().items() if found.replicas == "shared"}
    assert {
        "core_event_outbox_pending",
        "core_worker_queue_depth",
        "core_dlq_depth",
        "synapse_hitl_pending_count",
        "vision_mv_row_count",
    } <= shared
    assert "core_db_pool_active_connections" not in shared


def test_series_are_counted_from_labels_and_buckets() -> None:
    """+Inf, sum and count beside the edges; combinations where not all labels meet."""
    labels = {"method": ["GET", "POST"], "path": 10}
    assert metric(labels=labels).series == 20
    assert metric(labels=labels, combinations=12).series == 12
    assert metric(type="histogram", buckets=[1.0, 2.0], labels=labels, combinations=12).series == 12 * 5
    assert metric(labels={"tenant_id": "users"}).series == 1


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("core_things", {}, "a counter ends in _total"),
        ("core_Things_total", {}, "the name is"),
        ("planted_things_total", {}, "the name is"),
        ("core_things_seconds", {"type": "histogram"}, "a histogram has buckets"),
        ("core_things_seconds", {"type": "histogram", "buckets": [2.0, 1.0]}, "buckets ascend"),
        ("core_things_total", {"buckets": [1.0]}, "nothing else has"),
        ("core_things_total", {"labels": {"a": 2}, "combinations": 3}, "3 combinations of 2 values"),
        ("core_things_total", {"jobs": ["other"]}, "other is no job of the file's"),
        ("core_other", {"type": "histogram", "buckets": [1.0]}, "a histogram of things ends in it"),
    ],
)
def test_what_contradicts_itself_is_refused(name: str, more: dict[str, object], said: str) -> None:
    """With the file and the metric."""
    (found,) = problems({"core": exposer(**{name: metric(**more)})})
    assert found.startswith(f"config/metrics/core.yaml: {name}")
    assert said in found


def test_one_metric_has_one_exposer() -> None:
    """Else nobody could say whose it is."""
    one = exposer(core_things_total=metric())
    (found,) = problems({"core": one, "middleware": one})
    assert found == "config/metrics/middleware.yaml: core_things_total is in core.yaml too"


def test_a_label_without_values_is_refused() -> None:
    """It would make a metric of no series."""
    with pytest.raises(ValidationError):
        metric(labels={"a": []})
