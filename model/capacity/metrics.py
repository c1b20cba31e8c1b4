"""Prometheus: disk, memory, retention; and the quotas of the managed workspace."""

import math
from collections.abc import Iterator

from config.scalars import Disk
from config.slos import slos
from model.capacity.check import Check, Setting
from model.capacity.scene import Scene
from model.container import Claim
from model.load import DAY
from model.servers.prometheus import NAME, kept_gibibytes
from model.sizes import gibibytes

_GIBI = 1024**3


def checks(scene: Scene) -> Iterator[Check]:
    """The checks."""
    claim = scene.one(NAME).claim
    assert claim is not None
    yield _volume(scene, claim)
    yield _size(scene, claim)
    yield _memory(scene)
    yield _retention(scene)
    if scene.plan.observability.workspace:
        yield from _workspace(scene)


def _volume(scene: Scene, claim: Claim) -> Check:
    given, days = scene.given.prometheus, scene.settings.retention.metrics_days
    need = scene.load.samples_per_second * DAY * days * given.bytes_per_sample / _GIBI
    kept = kept_gibibytes(scene.settings)
    enough = math.ceil(claim.gibibytes * (need + 1) / kept)
    return Check(
        name="prometheus-volume",
        formula="samples/s x 86400 x days x bytes a sample <= retention by size",
        inputs={
            "samples/s": scene.load.samples_per_second,
            "days": days,
            "bytes a sample": given.bytes_per_sample,
            "volume GiB": claim.gibibytes,
        },
        need=need,
        limit=kept,
        unit="GiB",
        remedy="blocks would go by size before they are that old: a bigger volume, or fewer days",
        setting=Setting(f"volumes.{Disk.PROMETHEUS}", str(enough)),
    )


def _size(scene: Scene, claim: Claim) -> Check:
    share = scene.given.prometheus.usable_share
    return Check(
        name="prometheus-retention-size",
        formula="retention by size <= volume x usable share",
        inputs={"volume GiB": claim.gibibytes, "usable share": share},
        need=kept_gibibytes(scene.settings),
        limit=claim.gibibytes * share,
        unit="GiB",
        remedy="model/servers/prometheus.py: the write-ahead log needs the rest of the volume",
    )


def _memory(scene: Scene) -> Check:
    given = scene.given.prometheus
    return Check(
        name="prometheus-memory",
        formula="base + series at the most x bytes a series + memory of queries <= request",
        inputs={
            "base MB": given.base_bytes / 1e6,
            "series": scene.load.most_series,
            "bytes a series": given.bytes_per_series,
            "queries GiB": given.query_gibibytes,
        },
        need=(given.base_bytes + scene.load.most_series * given.bytes_per_series) / _GIBI
        + given.query_gibibytes,
        limit=gibibytes(scene.one(NAME).resources.memory),
        unit="GiB",
        remedy="config/tiers.yaml: more memory for Prometheus",
    )


def _retention(scene: Scene) -> Check:
    window, days = slos().window_days, scene.settings.retention.metrics_days
    return Check(
        name="metrics-retention",
        formula="window of the error budgets <= retention",
        inputs={"window": window, "retention": days},
        need=window,
        limit=days,
        unit="days",
        remedy="an error budget needs the whole of its window",
        setting=Setting("retention.metricsDays", str(window)),
    )


def _workspace(scene: Scene) -> Iterator[Check]:
    """Every replica counts: the copies are taken out after they are let in."""
    quotas, replicas = scene.given.quotas, scene.pods(scene.one(NAME), most=True)
    rows = {
        "amp-series": ("series", scene.load.most_series, quotas.amp_series),
        "amp-samples": ("samples/s", scene.load.samples_per_second, quotas.amp_samples),
    }
    for name, (unit, each, quota) in rows.items():
        yield Check(
            name=name,
            formula=f"{unit} of one Prometheus x replicas <= quota of the workspace",
            inputs={unit: each, "replicas": replicas},
            need=each * replicas,
            limit=quota,
            unit=unit,
            remedy="ask AWS for a higher quota (Service Quotas), or drop series before they are sent",
        )
