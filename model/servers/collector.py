"""The OpenTelemetry Collector: the services know it as `tempo`, so that traces can go on to several.

Settings: opentelemetry.io/docs/collector. The memory limiter comes first and the batches last; an
exporter that is down keeps its own queue and blocks nobody.
"""

from collections.abc import Mapping
from typing import Any

from config.data import image, services
from config.settings import Settings
from model.container import ConfigFile, FileMount, Fixed, HttpProbe, Port, Probes, Resources
from model.reach import Edge, Namespace, Peer, scraped, to_internet
from model.scrape import server_job
from model.servers.names import COLLECTOR, OTLP_GRPC_PORT, OTLP_HTTP_PORT, TEMPO, collector_replicas
from model.sinks import sinks_of
from model.sinks.sink import TraceExport
from model.spec import AliasSpec, ServerSpec, WorkloadSpec
from model.yamltext import dumped

_CONFIG = "/etc/otelcol"
_USER = 10001
_HEALTH = Port(name="health", number=13133)
_METRICS = Port(name="metrics", number=8888)
_OTLP = (Port(name="otlp-grpc", number=OTLP_GRPC_PORT), Port(name="otlp-http", number=OTLP_HTTP_PORT))
# Where the exporter for Tempo stands in the file.
_TO_TEMPO = "otlp_grpc/tempo"


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
    main = ConfigFile(name="config.yaml", text=dumped(_config(exports)))
    return WorkloadSpec(
        name=COLLECTOR,
        component="traces",
        kind="Deployment",
        namespace=Namespace.MONITORING,
        image=image(COLLECTOR, settings.images),
        user=_USER,
        ports=(*_OTLP, _METRICS, _HEALTH),
        resources=Resources(cpu="100m", memory="256Mi", memory_limit="512Mi"),
        replicas=Fixed(collector_replicas(settings)),
        probes=Probes(
            readiness=HttpProbe(path="/", port=_HEALTH.name),
            liveness=HttpProbe(path="/", port=_HEALTH.name, period=20),
        ),
        args=(f"--config={_CONFIG}/config.yaml",),
        secret_environment={
            name: secret for export in exports for name, secret in export.secret_environment.items()
        },
        config=(FileMount(name="otel-collector-config", path=_CONFIG, files=(main,)),),
        # Batches leave before the end.
        grace_seconds=60,
        drain_seconds=5,
    )


def _config(exports: tuple[TraceExport, ...]) -> dict[str, Any]:
    protocols = {
        "grpc": {"endpoint": f"0.0.0.0:{OTLP_GRPC_PORT}"},
        "http": {"endpoint": f"0.0.0.0:{OTLP_HTTP_PORT}"},
    }
    to_tempo = {
        "endpoint": f"{TEMPO}.{Namespace.MONITORING}.svc:{OTLP_GRPC_PORT}",
        # Inside the cluster, where policies say who reaches it.
        "tls": {"insecure": True},
        "sending_queue": {"enabled": True, "queue_size": 5000},
        "retry_on_failure": {"enabled": True, "max_elapsed_time": "300s"},
    }
    connectors = _section(exports, "connectors")
    return {
        "extensions": {"health_check": {"endpoint": f"0.0.0.0:{_HEALTH.number}"}},
        "receivers": {"otlp": {"protocols": protocols}},
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
            "batch": {"send_batch_size": 512, "send_batch_max_size": 1024, "timeout": "1s"},
        },
        "exporters": {_TO_TEMPO: to_tempo, **_section(exports, "exporters")},
        **({"connectors": connectors} if connectors else {}),
        "service": _service(exports),
    }


def _section(exports: tuple[TraceExport, ...], name: str) -> dict[str, Any]:
    return {key: value for export in exports for key, value in export.components.get(name, {}).items()}


def _service(exports: tuple[TraceExport, ...]) -> dict[str, Any]:
    traces: Mapping[str, Any] = {
        "receivers": ["otlp"],
        "processors": ["memory_limiter", "batch"],
        "exporters": [_TO_TEMPO, *(name for export in exports for name in export.exporters)],
    }
    more = {name: pipeline for export in exports for name, pipeline in export.pipelines.items()}
    reader = {"pull": {"exporter": {"prometheus": {"host": "0.0.0.0", "port": _METRICS.number}}}}  # noqa: S104
    return {
        "extensions": ["health_check"],
        "pipelines": {"traces": traces, **more},
        "telemetry": {"metrics": {"level": "normal", "readers": [reader]}},
    }
