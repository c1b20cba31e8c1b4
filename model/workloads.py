"""Decides the services of Axiom and MindsDB: sizes, settings, how many pods, whom they call."""

from config.data import service_image, services, tier
from config.files import DataError
from config.scalars import RedisMode
from config.secrets import SecretKey
from config.settings import SENTRY_DSNS, Settings
from config.tables import Service
from model import neo4j
from model.container import Autoscaled, FileMount, Fixed, HttpProbe, Port, Probes, Replicas, Resources
from model.frontend import EXPORTER, frontend
from model.generated import Generated, SecretValue
from model.keda import keda
from model.mindsdb import HTTP_PORT as MINDSDB_PORT
from model.mindsdb import NAME as MINDSDB
from model.mindsdb import mindsdb
from model.platform import load_balancers
from model.postgres_roles import PASSWORDS
from model.reach import Edge, Namespace, Peer, from_balancers, scraped, to_internet, to_ranges
from model.scrape import METRICS_PORT, pod_job
from model.servers.names import COLLECTOR, OTLP_GRPC_PORT
from model.slices import WorkloadsPlan
from model.spec import IngressSpec, Route, ServerSpec, WorkloadSpec
from model.stores import (
    CA_FILE,
    POSTGRES_PORT,
    REDIS_PORT,
    ca_mount,
    postgres_host,
    redis_host,
    redis_mode,
    redis_token,
)
from model.tags import APP_ENV, SERVICE_PREFIX
from model.triggers import trigger

FRONTEND = "canvas"
# Whose pool the settings may change.
_POOLED = "core-api"
_USER = 10001
_TEMPORARY = "/tmp"  # noqa: S108 - a path inside the container
# The scaling triggers of the capacity table.
_MOST_PODS = 8
_CPU_PERCENT = 70
_MEMORY_PERCENT = 80
# A load balancer stops sending within its deregistration; requests may take 30 seconds more.
_DRAIN_SECONDS = 15
_GRACE_SECONDS = 60


def workloads_plan(settings: Settings) -> WorkloadsPlan:
    """The services of a stack, and what stands behind them."""
    return WorkloadsPlan(
        services=(*(_server(name, settings) for name in services()), mindsdb(settings)),
        scaler=keda(settings),
        ingress=_ingress(settings),
    )


def _server(name: str, settings: Settings) -> ServerSpec:
    service = services()[name]
    workload, edges = _workload(name, service, settings), _edges(name, service, settings)
    if name != FRONTEND:
        return ServerSpec(workload=workload, edges=edges)
    # Prometheus knows the jobs of the services; that of Nginx is one of its own.
    asked = scraped(Peer(namespace=Namespace.AXIOM, app=name), EXPORTER.number)
    job = pod_job("nginx", name, Namespace.AXIOM, EXPORTER.name)
    return ServerSpec(workload=workload, scrape=(job,), edges=(*edges, asked))


def _workload(name: str, service: Service, settings: Settings) -> WorkloadSpec:
    port = METRICS_PORT if service.job else "http"
    spec = WorkloadSpec(
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
        environment=_environment(name, service, settings),
        secret_environment=_secret_environment(service, settings),
        config=_files(name, service, settings),
        scratch=_scratch(service),
        drain_seconds=_DRAIN_SECONDS,
        grace_seconds=_GRACE_SECONDS,
    )
    return frontend(spec, settings, APP_ENV[settings.environment]) if name == FRONTEND else spec


def _replicas(name: str, service: Service, settings: Settings) -> Replicas:
    count = tier(settings.tier).instances.get(name, service.instances)
    followed = trigger(name, service, count, _MOST_PODS)
    if not service.autoscaled:
        return Fixed(count)
    if count > _MOST_PODS:
        reason = f"an autoscaler's minimum is at most its maximum, {_MOST_PODS} (_MOST_PODS)"
        raise DataError(f"config: {name} has {count} instances at {settings.tier}: {reason}")
    return Autoscaled(
        minimum=count,
        maximum=_MOST_PODS,
        cpu_percent=_CPU_PERCENT,
        memory_percent=_MEMORY_PERCENT,
        trigger=followed,
    )


def _files(name: str, service: Service, settings: Settings) -> tuple[FileMount, ...]:
    return (ca_mount(name, settings),) if service.database else ()


def _scratch(service: Service) -> tuple[str, ...]:
    # Processes that share a pod leave their metrics in a folder of it.
    shares = service.environment.get("PROMETHEUS_MULTIPROC_DIR")
    return (_TEMPORARY, shares) if shares else (_TEMPORARY,)


def _environment(name: str, service: Service, settings: Settings) -> dict[str, str]:
    if name == FRONTEND:
        return {}
    found = {
        "APP_ENV": APP_ENV[settings.environment],
        "APP_VERSION": settings.images.app_version,
        # One series more of each counter and histogram, which nothing here reads.
        "PROMETHEUS_DISABLE_CREATED_SERIES": "true",
        "OTEL_EXPORTER_ENDPOINT": f"http://tempo:{OTLP_GRPC_PORT}",
        "OTEL_SERVICE_NAME": f"{SERVICE_PREFIX}{service.service}",
        **{f"{_variable(called)}_URL": f"http://{called}:{_http_port(called)}" for called in service.calls},
        **service.environment,
    }
    if service.database:
        found |= _database(service, settings) | _redis(settings)
    if name == _POOLED:
        found |= _pool(settings)
    if service.graph:
        found |= {"NEO4J_URI": f"neo4j://{neo4j.NAME}:{neo4j.BOLT_PORT}", "NEO4J_USER": neo4j.USERNAME}
    if settings.langsmith.enabled and service.prompts:
        found |= {"LANGSMITH_TRACING": "true", "LANGSMITH_PROJECT": f"axiom-{service.service}"}
    return dict(sorted(found.items()))


def _database(service: Service, settings: Settings) -> dict[str, str]:
    return {
        "DATABASE_HOST": postgres_host(settings),
        "DATABASE_PORT": str(POSTGRES_PORT),
        "DATABASE_NAME": service.service,
        "DATABASE_USER": service.service,
        "DATABASE_SSLMODE": "verify-full",
        "DATABASE_SSLROOTCERT": CA_FILE,
    }


def _pool(settings: Settings) -> dict[str, str]:
    """What the settings say about the pool, which wins over the service's own."""
    wanted = {"DB_POOL_SIZE": settings.postgres.pool_size, "DB_MAX_OVERFLOW": settings.postgres.max_overflow}
    return {name: str(value) for name, value in wanted.items() if value is not None}


def _redis(settings: Settings) -> dict[str, str]:
    return {
        "REDIS_HOST": redis_host(settings),
        "REDIS_PORT": str(REDIS_PORT),
        "REDIS_TLS": "true",
        "REDIS_CLUSTER": str(redis_mode(settings) is RedisMode.CLUSTER).lower(),
    }


def _secret_environment(service: Service, settings: Settings) -> dict[str, SecretValue]:
    found: dict[str, SecretValue] = {}
    if service.database:
        found |= {"DATABASE_PASSWORD": PASSWORDS[service.service], "REDIS_PASSWORD": redis_token(settings)}
        # Core signs the tokens that the others check.
        found["JWT_SECRET_KEY"] = Generated.JWT_SIGNING
    if service.graph:
        found["NEO4J_PASSWORD"] = Generated.NEO4J
    if settings.sentry.enabled and service.service in SENTRY_DSNS:
        found["SENTRY_DSN"] = SENTRY_DSNS[service.service]
    if settings.langsmith.enabled and service.prompts:
        found["LANGSMITH_API_KEY"] = SecretKey.LANGSMITH_API_KEY
    return found


def _edges(name: str, service: Service, settings: Settings) -> tuple[Edge, ...]:
    me = Peer(namespace=Namespace.AXIOM, app=name)
    network, graph = Peer(cidr=settings.network.cidr), Peer(namespace=Namespace.AXIOM, app=neo4j.NAME)
    traces = Peer(namespace=Namespace.MONITORING, app=COLLECTOR)
    apis = ((Peer(namespace=Namespace.AXIOM, app=called), _http_port(called)) for called in service.calls)
    found = [Edge(source=me, target=api, port=port, why="API") for api, port in apis]
    if service.database:
        found.append(Edge(source=me, target=network, port=POSTGRES_PORT, why="PostgreSQL"))
        found.append(Edge(source=me, target=network, port=REDIS_PORT, why="Redis"))
    if service.graph:
        found.append(Edge(source=me, target=graph, port=neo4j.BOLT_PORT, why="graph"))
    if name != FRONTEND:
        found.append(Edge(source=me, target=traces, port=OTLP_GRPC_PORT, why="traces"))
    if service.internet:
        found.append(to_internet(me, "LLM providers, Sentry, LangSmith"))
    if service.data_sources:
        found += to_ranges(me, settings.network.data_source_cidrs)
    if service.path and settings.ingress.host:
        balancers = load_balancers(settings, internal=settings.ingress.internal)
        found += from_balancers(balancers, me, service.http_port)
    return tuple(found)


def _ingress(settings: Settings) -> IngressSpec | None:
    if settings.ingress.host is None:
        return None
    public = [(service.path, name, service) for name, service in services().items() if service.path]
    return IngressSpec(
        name="axiom",
        namespace=Namespace.AXIOM,
        host=settings.ingress.host,
        # The load balancer takes the first that fits.
        routes=tuple(
            Route(path=path, workload=name, port=METRICS_PORT if service.job else "http")
            for path, name, service in sorted(public, key=lambda route: -len(route[0]))
        ),
        health_path="/health",
        internal=settings.ingress.internal,
        certificate_arn=settings.ingress.certificate_arn,
    )


def _http_port(name: str) -> int:
    """The port of an API that is called.

    Raises:
        DataError: there is no workload of that name.
    """
    if name == MINDSDB:
        return MINDSDB_PORT
    if name not in services():
        known = ", ".join((*services(), MINDSDB))
        raise DataError(f"config/services.yaml: calls names {name!r}, which is no workload: may be {known}")
    return services()[name].http_port


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")
