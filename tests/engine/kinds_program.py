"""A Pulumi program with one object of each kind whose defaults or validation are special."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.kubeconfig import kubeconfig

NAMESPACE = "kinds"
GROUP = "kinds.example.com"
LABELS = {"app": "kinds"}
POD = {
    "restart_policy": "Never",
    "containers": [{"name": "main", "image": "main:1", "resources": {"limits": {"cpu": "1000m"}}}],
}


def main() -> None:
    """Declare them on a given cluster."""
    cloud = pulumi.InvokeOptions(provider=aws.Provider("aws", region="us-east-1"))
    cluster = aws.eks.get_cluster_output(name="kinds", opts=cloud)
    config = kubeconfig(
        cluster_name=cluster.name,
        region="us-east-1",
        endpoint=cluster.endpoint,
        certificate=cluster.certificate_authorities[0].data,
    )
    provider = kubernetes.Provider("kubernetes", kubeconfig=config, enable_server_side_apply=True)
    _objects(pulumi.ResourceOptions(provider=provider))
    secret = random.RandomPassword(
        "password", length=20, opts=pulumi.ResourceOptions(provider=random.Provider("random"))
    )
    pulumi.export("password", secret.result)


def _objects(opts: pulumi.ResourceOptions) -> None:
    space = kubernetes.core.v1.Namespace("space", metadata={"name": NAMESPACE}, opts=opts)
    inside = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[space]))
    _workloads(inside)
    _limits(inside)
    _network(inside)
    _custom(inside)
    kubernetes.scheduling.v1.PriorityClass("priority", metadata={"name": "kinds"}, value=1000, opts=opts)
    kubernetes.helm.v3.Release(
        "release", chart="chart", version="1.0.0", namespace=NAMESPACE, values={"replicas": 2}, opts=inside
    )


def _workloads(opts: pulumi.ResourceOptions) -> None:
    always = {**POD, "restart_policy": "Always"}
    kubernetes.apps.v1.DaemonSet(
        "daemonset",
        metadata=_named("daemonset"),
        spec={"selector": {"match_labels": LABELS}, "template": _template(always)},
        opts=opts,
    )
    kubernetes.batch.v1.Job(
        "job", metadata=_named("job"), spec={"backoff_limit": 2, "template": _template(POD)}, opts=opts
    )
    kubernetes.batch.v1.CronJob(
        "cronjob",
        metadata=_named("cronjob"),
        spec={"schedule": "0 3 * * *", "job_template": {"spec": {"template": _template(POD)}}},
        opts=opts,
    )
    kubernetes.policy.v1.PodDisruptionBudget(
        "budget",
        metadata=_named("budget"),
        spec={"max_unavailable": "25%", "selector": {"match_labels": LABELS}},
        opts=opts,
    )


def _limits(opts: pulumi.ResourceOptions) -> None:
    kubernetes.core.v1.ResourceQuota(
        "quota",
        metadata=_named("quota"),
        spec={"hard": {"requests.cpu": "4000m", "requests.memory": "8192Mi", "count/pods": "50"}},
        opts=opts,
    )
    kubernetes.core.v1.LimitRange(
        "range",
        metadata=_named("range"),
        spec={"limits": [{"type": "Container", "default_request": {"cpu": "0.1", "memory": "128Mi"}}]},
        opts=opts,
    )


def _network(opts: pulumi.ResourceOptions) -> None:
    kubernetes.networking.v1.IngressClass(
        "class", metadata={"name": "kinds"}, spec={"controller": "eks.amazonaws.com/alb"}, opts=opts
    )
    backend = {"service": {"name": "plain", "port": {"name": "http"}}}
    path = {"path": "/", "path_type": "Prefix", "backend": backend}
    kubernetes.networking.v1.Ingress(
        "ingress",
        metadata=_named("ingress"),
        spec={"ingress_class_name": "kinds", "rules": [{"host": "a.example", "http": {"paths": [path]}}]},
        opts=opts,
    )
    port = {"name": "http", "port": 80}
    for name, spec in {
        "external": {"type": "ExternalName", "external_name": "db.example.com"},
        "plain": {"selector": LABELS, "ports": [port]},
        "headless": {"selector": LABELS, "ports": [port], "cluster_ip": "None"},
    }.items():
        kubernetes.core.v1.Service(name, metadata=_named(name), spec=spec, opts=opts)
    block = {"cidr": "0.0.0.0/0", "except_": ["169.254.169.254/32"]}
    kubernetes.networking.v1.NetworkPolicy(
        "policy",
        metadata=_named("policy"),
        spec={
            "pod_selector": {},
            "policy_types": ["Egress"],
            "egress": [{"to": [{"ip_block": block}], "ports": [{"port": 443}]}],
        },
        opts=opts,
    )


def _custom(opts: pulumi.ResourceOptions) -> None:
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {"size": {"type": "integer"}, "mode": {"type": "string", "default": "small"}},
            }
        },
    }
    definition = kubernetes.apiextensions.v1.CustomResourceDefinition(
        "definition",
        metadata={"name": f"widgets.{GROUP}"},
        spec={
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "list_kind": "WidgetList"},
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"open_apiv3_schema": schema}}
            ],
        },
        opts=opts,
    )
    kubernetes.apiextensions.CustomResource(
        "widget",
        api_version=f"{GROUP}/v1",
        kind="Widget",
        metadata=_named("widget"),
        spec={"size": 3},
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[definition])),
    )


def _named(name: str) -> dict[str, Any]:
    return {"name": name, "namespace": NAMESPACE}


def _template(spec: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"labels": LABELS}, "spec": spec}


if __name__ == "__main__":
    main()
