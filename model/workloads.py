"""Decides the services of Axiom: sizes, settings, how many pods."""

from config.data import Service, service_image, services, tier
from config.scalars import Environment
from config.settings import Settings
from model.slices import WorkloadsPlan
from model.spec import (
    Autoscaled,
    Fixed,
    HttpProbe,
    Namespace,
    Port,
    Probes,
    Replicas,
    Resources,
    WorkloadSpec,
)
from model.stores import postgres_host

# The port of the API serves /metrics too: declared once, under the name that scraping keeps.
METRICS_PORT = "metrics"
_HTTP_PORT = "http"
_USER = 10001
# The scaling triggers of the capacity table.
_MOST_PODS = 8
_CPU_PERCENT = 70
_MEMORY_PERCENT = 80
_POSTGRES_PORT = 5432

# One table from environment to the name that traces, Sentry and the services know it by.
APP_ENV = {
    Environment.DEV: "development",
    Environment.STAGING: "staging",
    Environment.PROD: "production",
}
DEPLOYED = ("core-api",)


def workloads_plan(settings: Settings) -> WorkloadsPlan:
    """The services of a stack."""
    return WorkloadsPlan(services=tuple(_workload(name, settings) for name in DEPLOYED))


def _workload(name: str, settings: Settings) -> WorkloadSpec:
    service = services()[name]
    port = METRICS_PORT if service.job else _HTTP_PORT
    return WorkloadSpec(
        name=name,
        component=service.component,
        kind="Deployment",
        namespace=Namespace.AXIOM,
        image=service_image(name, settings.images),
        user=_USER,
        ports=(Port(name=port, number=service.http_port),),
        resources=Resources(cpu=service.cpu, memory=service.memory, memory_limit=service.memory),
        replicas=_replicas(name, service, settings),
        probes=Probes(
            startup=HttpProbe(path="/health", port=port, period=5, failures=24),
            readiness=HttpProbe(path="/health/ready", port=port),
            liveness=HttpProbe(path="/health", port=port, period=20),
        ),
        environment=_environment(service, settings),
        scratch=("/tmp",),  # noqa: S108 - a path inside the container
        grace_seconds=60,
    )


def _replicas(name: str, service: Service, settings: Settings) -> Replicas:
    count = tier(settings.tier).instances.get(name, service.instances)
    if not service.autoscaled:
        return Fixed(count)
    return Autoscaled(
        minimum=count, maximum=_MOST_PODS, cpu_percent=_CPU_PERCENT, memory_percent=_MEMORY_PERCENT
    )


def _environment(service: Service, settings: Settings) -> dict[str, str]:
    common = {
        "APP_ENV": APP_ENV[settings.environment],
        "APP_VERSION": settings.images.app_version,
        "OTEL_EXPORTER_ENDPOINT": "http://tempo:4317",
    }
    database = {"DATABASE_HOST": postgres_host(settings), "DATABASE_PORT": str(_POSTGRES_PORT)}
    return dict(sorted({**common, **(database if service.database else {}), **service.environment}.items()))
