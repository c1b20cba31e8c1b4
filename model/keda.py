"""KEDA: owns the autoscalers that follow figures of Prometheus.

Three servers of one Helm release: the operator asks Prometheus and makes the autoscalers, the
adapter hands its answers to the Kubernetes API, the webhooks refuse contradicting ScaledObjects.
Names of values and ports: the chart's README and templates.
"""

from collections.abc import Mapping
from typing import Any

from config.data import image, versions
from config.scalars import Environment
from config.settings import Settings
from model.container import Fixed, HttpProbe, Port, Probes, Resources
from model.reach import PROMETHEUS, Edge, Namespace, Peer, scraped, to_kubernetes
from model.scrape import METRICS_PORT, pod_job
from model.servers.names import PROMETHEUS_PORT
from model.spec import ReleaseSpec, ServerSpec, WorkloadSpec

NAME = "keda"
OPERATOR = "keda-operator"
ADAPTER = "keda-operator-metrics-apiserver"
WEBHOOKS = "keda-admission-webhooks"
_USER = 65532
_METRICS = Port(name=METRICS_PORT, number=8080)
_ANSWERS = Port(name="metricsservice", number=9666)
_HEALTH = Port(name="health", number=8081)
_EXTERNAL_METRICS = Port(name="https", number=6443)
_ADMISSION = Port(name="http", number=9443)
# One of each works while the others wait to take over.
_REPLICAS = {Environment.DEV: 1, Environment.STAGING: 2, Environment.PROD: 2}
# The chart has a limit on processor time by default; none of them comes near this one.
_MOST_CPU = "1"


def keda(settings: Settings) -> ReleaseSpec:
    """The release."""
    chart = versions().charts[NAME]
    operator, adapter, webhooks = servers = (_operator(settings), _adapter(settings), _webhooks(settings))
    return ReleaseSpec(
        name=NAME,
        namespace=Namespace.KEDA,
        chart=NAME,
        version=chart.version,
        repository=chart.repository,
        values=_values(operator.workload, adapter.workload, webhooks.workload),
        servers=servers,
    )


def _operator(settings: Settings) -> ServerSpec:
    me = _peer(OPERATOR)
    return ServerSpec(
        workload=_workload(
            OPERATOR,
            "keda",
            settings,
            ports=(_METRICS, _ANSWERS, _HEALTH),
            probed=_HEALTH,
            resources=Resources(cpu="100m", memory="128Mi", memory_limit="512Mi"),
        ),
        # Its own label `namespace` is that of what it scales.
        scrape=(pod_job(OPERATOR, OPERATOR, Namespace.KEDA, _METRICS.name, labels=()),),
        edges=(
            *_to_api(me, settings),
            Edge(source=me, target=PROMETHEUS, port=PROMETHEUS_PORT, why="figures that autoscalers follow"),
            scraped(me, _METRICS.number),
        ),
    )


def _adapter(settings: Settings) -> ServerSpec:
    me = _peer(ADAPTER)
    return ServerSpec(
        workload=_workload(
            ADAPTER,
            "keda-metrics-apiserver",
            settings,
            ports=(_EXTERNAL_METRICS,),
            probed=_EXTERNAL_METRICS,
            resources=Resources(cpu="50m", memory="64Mi", memory_limit="256Mi"),
        ),
        edges=(
            *_to_api(me, settings),
            Edge(source=me, target=_peer(OPERATOR), port=_ANSWERS.number, why="figures for the API"),
            _from_api(me, _EXTERNAL_METRICS, "external metrics", settings),
        ),
    )


def _webhooks(settings: Settings) -> ServerSpec:
    me = _peer(WEBHOOKS)
    return ServerSpec(
        workload=_workload(
            WEBHOOKS,
            WEBHOOKS,
            settings,
            ports=(_ADMISSION, _HEALTH),
            probed=_HEALTH,
            resources=Resources(cpu="10m", memory="32Mi", memory_limit="128Mi"),
        ),
        edges=(*_to_api(me, settings), _from_api(me, _ADMISSION, "admission of ScaledObjects", settings)),
    )


def _workload(
    name: str,
    image_name: str,
    settings: Settings,
    *,
    ports: tuple[Port, ...],
    probed: Port,
    resources: Resources,
) -> WorkloadSpec:
    return WorkloadSpec(
        name=name,
        component="autoscaling",
        kind="Deployment",
        namespace=Namespace.KEDA,
        image=image(image_name, settings.images),
        user=_USER,
        ports=ports,
        resources=resources,
        replicas=Fixed(_REPLICAS[settings.environment]),
        probes=Probes(
            readiness=HttpProbe(path="/readyz", port=probed.name),
            liveness=HttpProbe(path="/healthz", port=probed.name),
        ),
    )


def _peer(app: str) -> Peer:
    return Peer(namespace=Namespace.KEDA, app=app)


def _to_api(me: Peer, settings: Settings) -> tuple[Edge, ...]:
    return to_kubernetes(me, settings.network.cidr, settings.cluster.service_cidr)


def _from_api(me: Peer, port: Port, why: str, settings: Settings) -> Edge:
    """The control plane of EKS reaches pods from its interfaces in the network, at any port."""
    return Edge(source=Peer(cidr=settings.network.cidr), target=me, port=port.number, why=why)


def _values(operator: WorkloadSpec, adapter: WorkloadSpec, webhooks: WorkloadSpec) -> Mapping[str, Any]:
    """What differs from the chart's defaults, and the defaults that others here lean on.

    The chart has three names for the adapter, one in each group of values.
    """
    each = {"operator": operator, "metricServer": adapter, "webhooks": webhooks}
    return {
        "image": {
            "keda": _image(operator),
            "metricsApiServer": _image(adapter),
            "webhooks": _image(webhooks),
            "pullPolicy": "IfNotPresent",
        },
        "operator": {"name": operator.name, **_run(operator)},
        "metricsServer": _run(adapter),
        "webhooks": {"enabled": True, "name": webhooks.name, "port": _ADMISSION.number, **_run(webhooks)},
        "service": {"portHttpsTarget": _EXTERNAL_METRICS.number},
        "prometheus": {"operator": {"enabled": True, "port": _METRICS.number}},
        # Only the platform's own workloads are scaled, and no secret of theirs is read for it.
        "watchNamespace": str(Namespace.AXIOM),
        "permissions": {
            "operator": {"restrict": {"secret": True}},
            "metricServer": {"restrict": {"secret": True}},
        },
        "rbac": {"enabledCustomScaledRefKinds": False},
        "logging": {"operator": {"format": "json"}, "webhooks": {"format": "json"}},
        "podSecurityContext": {name: _pod_security(found) for name, found in each.items()},
        "resources": {name: _resources(found.resources) for name, found in each.items()},
        "podDisruptionBudget": {name: {"maxUnavailable": 1} for name in each},
        "topologySpreadConstraints": {
            "operator": _spread(operator),
            "metricsServer": _spread(adapter),
            "webhooks": _spread(webhooks),
        },
    }


def _image(workload: WorkloadSpec) -> Mapping[str, str]:
    """The reference in the chart's three parts; a digest stands behind the tag."""
    registry, _, rest = workload.image.partition("/")
    repository, _, tag = rest.partition(":")
    return {"registry": registry, "repository": repository, "tag": tag}


def _run(workload: WorkloadSpec) -> Mapping[str, Any]:
    assert isinstance(workload.replicas, Fixed)
    return {"replicaCount": workload.replicas.count}


def _pod_security(workload: WorkloadSpec) -> Mapping[str, Any]:
    return {
        "runAsNonRoot": True,
        "runAsUser": workload.user,
        "runAsGroup": workload.user,
        "fsGroup": workload.user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _resources(size: Resources) -> Mapping[str, Any]:
    return {
        "requests": {"cpu": size.cpu, "memory": size.memory},
        "limits": {"cpu": _MOST_CPU, "memory": size.memory_limit},
    }


def _spread(workload: WorkloadSpec) -> list[Mapping[str, Any]]:
    return [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": workload.app}},
            "matchLabelKeys": ["pod-template-hash"],
        }
    ]
