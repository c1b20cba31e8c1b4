"""The services: the tier's peak, the load tests, and whether autoscalers see what they wait for."""

from collections.abc import Iterator

from config.capacity import LoadTest
from model.capacity.check import Check
from model.capacity.scene import Scene
from model.container import Autoscaled
from model.sizes import cores, processes
from model.spec import WorkloadSpec

_CONCURRENCY = "MAX_CONCURRENT_EXTRACTIONS"
_REMEDY = "config/services.yaml or `instances` in config/tiers.yaml: more pods, or bigger ones"


def checks(scene: Scene) -> Iterator[Check]:
    """The checks."""
    for name, seconds in scene.given.cpu_seconds_per_request.items():
        yield _promised(scene.one(name), seconds, scene)
    for name, test in scene.given.load_tests.items():
        yield _tested(name, test, scene)
    yield _extraction(scene)
    for workload in scene.workloads:
        if isinstance(workload.replicas, Autoscaled) and "DB_POOL_SIZE" in workload.environment:
            yield _trigger(workload, workload.replicas)


def _usable(workload: WorkloadSpec, pods: int, scene: Scene) -> float:
    """Cores that pods can put to work: Python uses one in each process."""
    size = cores(workload.resources.cpu)
    in_python = "DB_POOL_SIZE" in workload.environment
    each = min(size, processes(workload.environment)) if in_python else size
    return pods * each * scene.given.cpu_use


def _promised(workload: WorkloadSpec, seconds: float, scene: Scene) -> Check:
    pods = scene.pods(workload, most=False)
    return Check(
        name=f"{workload.name}-cpu",
        formula="requests/s at the peak x CPU seconds <= least pods x min(cores, processes) x use",
        inputs={
            "requests/s": scene.load.peak_requests_per_second,
            "CPU seconds": seconds,
            "pods": pods,
        },
        need=scene.load.peak_requests_per_second * seconds,
        limit=_usable(workload, pods, scene),
        unit="cores",
        remedy=_REMEDY,
    )


def _tested(name: str, test: LoadTest, scene: Scene) -> Check:
    workload = scene.one(test.workload)
    pods = scene.pods(workload, most=test.at == "maximum")
    return Check(
        name=f"load-test-{name}",
        formula=f"requests/s x CPU seconds <= pods at the {test.at} x min(cores, processes) x use",
        inputs={"requests/s": test.requests_per_second, "CPU seconds": test.cpu_seconds, "pods": pods},
        need=test.requests_per_second * test.cpu_seconds,
        limit=_usable(workload, pods, scene),
        unit="cores",
        remedy=_REMEDY,
    )


def _extraction(scene: Scene) -> Check:
    test, seconds = scene.given.load_tests["extraction"], scene.given.extraction_seconds
    workload = scene.one(test.workload)
    pods, at_once = scene.pods(workload, most=True), int(workload.environment[_CONCURRENCY])
    return Check(
        name="extraction-concurrency",
        formula=f"documents/s <= {_CONCURRENCY} x most pods / seconds a document",
        inputs={_CONCURRENCY: at_once, "pods": pods, "seconds": seconds},
        need=test.requests_per_second,
        limit=at_once * pods / seconds,
        unit="documents/s",
        remedy=f"config/services.yaml: {_CONCURRENCY}",
    )


def _trigger(workload: WorkloadSpec, scaled: Autoscaled) -> Check:
    size, count = cores(workload.resources.cpu), processes(workload.environment)
    return Check(
        name=f"{workload.name}-trigger",
        formula="share of its processor at which the autoscaler adds a pod <= what its processes can use",
        inputs={"cores": size, "processes": count},
        need=scaled.cpu_percent / 100 * size,
        limit=min(size, count),
        unit="cores",
        remedy=(
            "a process of Python uses one core, so CPU alone adds no pod: as many processes as cores"
            " (WEB_CONCURRENCY, which multiplies the connections), fewer cores, or another trigger"
        ),
        # The sizes are the requirements'; memory adds pods too.
        binding=False,
    )
