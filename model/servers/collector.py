"""The OpenTelemetry Collector: the services know it as `tempo`, so that traces can go on to several.

What it does with spans stands in `trace_pipeline.py`.
"""

from config.data import image, services
from config.settings import Settings
from model.container import ConfigFile, FileMount, Fixed, HttpProbe, Port, Probes, Resources
from model.reach import Edge, Namespace, Peer, scraped, to_internet
from model.scrape import server_job
from model.servers.names import COLLECTOR, OTLP_GRPC_PORT, OTLP_HTTP_PORT, TEMPO, collector_replicas
from model.servers.trace_pipeline import GATES, HEALTH_PORT, METRICS_PORT, pipeline
from model.servers.trace_sizes import memory_mebibytes
from model.sinks import sinks_of
from model.sinks.sink import TraceExport
from model.spec import AliasSpec, ServerSpec, WorkloadSpec
from model.yamltext import dumped

_CONFIG = "/etc/otelcol"
_USER = 10001
_HEALTH = Port(name="health", number=HEALTH_PORT)
_METRICS = Port(name="metrics", number=METRICS_PORT)
_OTLP = (Port(name="otlp-grpc", number=OTLP_GRPC_PORT), Port(name="otlp-http", number=OTLP_HTTP_PORT))


def collector(settings: Settings) -> ServerSpec:
    """The server, under a name of its own and as `tempo` beside the services."""
    me = Peer(namespace=Namespace.MONITORING, app=COLLECTOR)
    exports = _exports(settings)
    senders = tuple(
        Edge(source=Peer(namespace=Namespace.AXIOM, app=app), target=me, port=port.number, why="traces")
        for app, service in services().items()
        if service.job
        for port in _OTLP
    )
    return ServerSpec(
        workload=_workload(settings, exports),
        scrape=(server_job(COLLECTOR, _METRICS),),
        edges=(
            scraped(me, _METRICS.number),
            *senders,
            *((to_internet(me, "DataDog"),) if exports else ()),
        ),
        aliases=(
            AliasSpec(
                name=TEMPO,
                namespace=Namespace.AXIOM,
                target=f"{COLLECTOR}.{Namespace.MONITORING}.svc.cluster.local",
            ),
        ),
    )


def _exports(settings: Settings) -> tuple[TraceExport, ...]:
    return tuple(export for sink in sinks_of(settings) if (export := sink.traces(settings)))


def _workload(settings: Settings, exports: tuple[TraceExport, ...]) -> WorkloadSpec:
    main = ConfigFile(name="config.yaml", text=dumped(pipeline(exports, settings)))
    most = memory_mebibytes(settings, 1 + sum(len(export.exporters) for export in exports))
    return WorkloadSpec(
        name=COLLECTOR,
        component="traces",
        kind="Deployment",
        namespace=Namespace.MONITORING,
        image=image(COLLECTOR, settings.images),
        user=_USER,
        ports=(*_OTLP, _METRICS, _HEALTH),
        in_go=True,
        resources=Resources(
            cpu="100m",
            memory=f"{most // 2}Mi",
            memory_limit=f"{most}Mi",
        ),
        replicas=Fixed(collector_replicas(settings)),
        probes=Probes(
            readiness=HttpProbe(path="/", port=_HEALTH.name),
            liveness=HttpProbe(path="/", port=_HEALTH.name, period=20),
        ),
        args=(f"--config={_CONFIG}/config.yaml", f"--feature-gates={','.join(GATES)}"),
        secret_environment={
            name: secret for export in exports for name, secret in export.secret_environment.items()
        },
        config=(FileMount(name="otel-collector-config", path=_CONFIG, files=(main,)),),
        # Batches leave before the end.
        grace_seconds=60,
        drain_seconds=5,
    )
