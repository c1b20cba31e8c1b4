"""PostgreSQL: connections, storage, processor. An existing database is somebody else's to size."""

from collections.abc import Iterator

from model.capacity.check import Check, Setting
from model.capacity.scene import Scene
from model.servers.grafana import POOL as GRAFANA_POOL
from model.servers.names import GRAFANA
from model.sizes import processes
from model.spec import WorkloadSpec

_GIBI = 1024**3


def checks(scene: Scene) -> Iterator[Check]:
    """The checks."""
    if scene.plan.stores.postgres.existing_host:
        return
    yield _connections(scene)
    yield _storage(scene)
    yield _processor(scene)


def connections(name: str, scene: Scene) -> int:
    """Connections that an instance class allows to others than its administrators."""
    given = scene.given.postgres
    memory = scene.given.rds_classes[name].memory_gibibytes * _GIBI * given.memory_share
    return min(int(memory / given.bytes_per_connection), given.most_connections) - given.reserved_connections


def pool(workload: WorkloadSpec) -> int:
    """Connections of one process at the most."""
    return int(workload.environment["DB_POOL_SIZE"]) + int(workload.environment["DB_MAX_OVERFLOW"])


def _connections(scene: Scene) -> Check:
    given, name = scene.given.postgres, scene.plan.stores.postgres.instance_class
    wanted: dict[str, float] = {
        workload.name: pool(workload) * processes(workload.environment) * scene.surged(workload)
        for workload in scene.with_database()
    }
    wanted[GRAFANA] = GRAFANA_POOL * scene.surged(scene.one(GRAFANA))
    wanted["exporter"] = given.exporter_connections
    wanted["roles Job"] = given.job_connections
    need = sum(wanted.values())
    return Check(
        name="postgres-connections",
        formula=(
            "sum of (DB_POOL_SIZE + DB_MAX_OVERFLOW) x processes x (most pods + 1 of a rollout) + Grafana"
            " + exporter + roles Job <= LEAST(memory / 9531392, 5000) - reserved"
        ),
        inputs=wanted,
        need=need,
        limit=connections(name, scene),
        unit="connections",
        remedy=f"{name} has too little memory for so many, or the pools are too big",
        setting=_mended(need, wanted["core-api"], scene),
    )


def _mended(need: float, of_core: float, scene: Scene) -> Setting:
    """The smallest class that carries so many; where none does, a pool that fits the present one."""
    for name in scene.given.rds_classes:
        if need <= connections(name, scene):
            return Setting("postgres.instanceClass", name)
    core = scene.one("core-api")
    room = connections(scene.plan.stores.postgres.instance_class, scene) - (need - of_core)
    each = int(room / (scene.surged(core) * processes(core.environment)))
    kept, beside = (int(core.environment[name]) for name in ("DB_POOL_SIZE", "DB_MAX_OVERFLOW"))
    if beside > kept:
        return Setting("postgres.maxOverflow", str(max(0, each - kept)))
    return Setting("postgres.poolSize", str(max(1, each - beside)))


def _storage(scene: Scene) -> Check:
    given, spec = scene.given.postgres, scene.plan.stores.postgres
    per_day = scene.load.requests_per_day * scene.load.share
    need = given.fixed_gibibytes + per_day * given.kept_days * given.bytes_per_request / _GIBI
    enough = -(-need // given.usable_share)
    return Check(
        name="postgres-storage",
        formula="fixed + requests a day x days x bytes a request <= storage x usable share",
        inputs={
            "fixed GiB": given.fixed_gibibytes,
            "requests a day": per_day,
            "days": given.kept_days,
            "bytes a request": given.bytes_per_request,
            "storage GiB": spec.allocated_gibibytes,
            "usable share": given.usable_share,
        },
        need=need,
        limit=spec.allocated_gibibytes * given.usable_share,
        unit="GiB",
        remedy="the storage holds less than a year of rows",
        setting=Setting("postgres.storageGibibytes", f"{enough:.0f}"),
    )


def _processor(scene: Scene) -> Check:
    given, name = scene.given, scene.plan.stores.postgres.instance_class
    tested = max(test.requests_per_second for test in given.load_tests.values())
    rate = max(scene.load.peak_requests_per_second, tested)
    need = rate * given.postgres.cpu_seconds_per_request
    bigger = (found for found, size in given.rds_classes.items() if size.cpu * given.cpu_use >= need)
    return Check(
        name="postgres-cpu",
        formula="max(requests/s at the peak, of the stress test) x CPU seconds a request <= vCPU x use",
        inputs={
            "requests/s": rate,
            "CPU seconds a request": given.postgres.cpu_seconds_per_request,
            "vCPU": given.rds_classes[name].cpu,
            "use": given.cpu_use,
        },
        need=need,
        limit=given.rds_classes[name].cpu * given.cpu_use,
        unit="vCPU",
        remedy=f"{name} has too few processors",
        setting=Setting("postgres.instanceClass", next(bigger, list(given.rds_classes)[-1])),
    )
