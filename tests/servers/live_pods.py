"""Pods as the controllers of a stack that is up would make them, each with its metrics on loopback.

No controller runs on the target: a pod here is the template of its Deployment, StatefulSet or
DaemonSet, accepted by the API server, with the status that a kubelet would report. Its address is
one of loopback, where the ports by which servers are scraped answer.
"""

import copy
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkout import Checkout
from loopback import Handler, serving

# Another run on this machine, at the same time, has another block of loopback.
_BLOCK = f"127.77.{os.getpid() % 256}"
_ANSWERING_PORTS = ("http", "metrics", "records")
_AUTOSCALERS = "horizontalpodautoscalers,scaledobjects"


# What a kubelet says of a container that it may not start again at once.
_KILLED: dict[str, Any] = {
    "ready": False,
    "restartCount": 1,
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
}


@dataclass(frozen=True)
class LivePod:
    """A pod that is to be, with the address that it gets and what its kubelet says of it."""

    document: Mapping[str, Any]
    address: str
    phase: str = "Running"
    killed: bool = False
    """Whether its first container wanted more memory than it may have."""

    @property
    def name(self) -> str:
        return str(self.document["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.document["metadata"]["namespace"])

    @property
    def app(self) -> str:
        return str(self.document["metadata"]["labels"]["app"])

    @property
    def ports(self) -> Iterator[int]:
        """Where its containers answer: those of init containers are over, or no server's."""
        for container in self.document["spec"]["containers"]:
            for port in container.get("ports", []):
                if port["name"] in _ANSWERING_PORTS:
                    yield port["containerPort"]

    def _container(self) -> dict[str, str]:
        first = self.document["spec"]["containers"][0]
        return {"name": first["name"], "image": first["image"], "imageID": ""}

    def reported(self) -> dict[str, Any]:
        """The pod with its status."""
        ready = "True" if self.phase == "Running" else "False"
        status = {
            "phase": self.phase,
            "podIP": self.address,
            "podIPs": [{"ip": self.address}],
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [_KILLED | self._container()] if self.killed else [],
        }
        return {**self.document, "status": status}


def planned_pods(checkout: Checkout, nodes: Sequence[str]) -> list[LivePod]:
    """The pods of every controller of the stack: as many as it says, or its autoscaler at the least."""
    listed = checkout.kubectl(
        "get", f"deployments,statefulsets,daemonsets,{_AUTOSCALERS}", "-A", "-o", "json"
    )
    objects = json.loads(listed)["items"]
    least = {found["spec"]["scaleTargetRef"]["name"]: _least(found) for found in objects if _scales(found)}
    documents = [
        _pod(controller, number)
        for controller in objects
        if not _scales(controller)
        for number in range(_count(controller, least, nodes))
    ]
    return list(_placed(documents, nodes))


def _scales(found: Mapping[str, Any]) -> bool:
    return "scaleTargetRef" in found["spec"]


def _least(autoscaler: Mapping[str, Any]) -> int:
    spec = autoscaler["spec"]
    return int(spec.get("minReplicas") or spec["minReplicaCount"])


def _count(controller: Mapping[str, Any], least: Mapping[str, int], nodes: Sequence[str]) -> int:
    if controller["kind"] == "DaemonSet":
        return len(nodes)
    name = controller["metadata"]["name"]
    return least.get(name) or int(controller["spec"].get("replicas", 1))


def _placed(documents: Iterable[dict[str, Any]], nodes: Sequence[str]) -> Iterator[LivePod]:
    """Each on a node, with an address of its own or, in the node's network, with the node's."""
    for number, document in enumerate(documents):
        node = number % len(nodes)
        document["spec"]["nodeName"] = f"node-{node}"
        own = not document["spec"].get("hostNetwork")
        yield LivePod(document, address(number + 1) if own else nodes[node])


def address(number: int) -> str:
    """An address of this run's own, from 1 to 250."""
    return f"{_BLOCK}.{number}"


def _pod(controller: Mapping[str, Any], number: int) -> dict[str, Any]:
    name = f"{controller['metadata']['name']}-{number}"
    template = copy.deepcopy(controller["spec"]["template"])
    claims = [claim["metadata"]["name"] for claim in controller["spec"].get("volumeClaimTemplates", [])]
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": f"{claim}-{name}"}} for claim in claims]
    template["spec"]["volumes"] = [*template["spec"].get("volumes", []), *volumes]
    metadata = {
        "name": name,
        "namespace": controller["metadata"]["namespace"],
        "labels": template["metadata"]["labels"],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


@dataclass
class Cluster:
    """The pods that there are; their servers on loopback end with it, or one by one."""

    checkout: Checkout
    folder: Path
    pods: list[LivePod] = field(default_factory=list)
    _servers: dict[str, ExitStack] = field(default_factory=dict)

    def create(self, pods: Iterable[LivePod]) -> None:
        """Have them accepted and reported, and answer for those that run."""
        added = list(pods)
        for pod in added:
            if pod.phase == "Running":
                self._answer(pod)
        self._submit(("create",), [pod.document for pod in added])
        self._submit(("replace", "--subresource=status"), [pod.reported() for pod in added])
        self.pods += added

    def delete(self, app: str, *names: str) -> None:
        """The pods of an app, or those with these names, are gone with what answered for them."""
        gone = [pod for pod in self.pods if pod.app == app and pod.name in (names or (pod.name,))]
        for pod in gone:
            self.silence(pod.name)
            # Nobody would confirm that its containers have ended.
            self.checkout.kubectl("delete", "pod", pod.name, f"--namespace={pod.namespace}", "--force")
        self.pods = [pod for pod in self.pods if pod not in gone]

    def silence(self, name: str) -> None:
        """The pod runs and answers no longer."""
        self._servers.pop(name, ExitStack()).close()

    def close(self) -> None:
        """End every server."""
        for name in list(self._servers):
            self.silence(name)

    def _answer(self, pod: LivePod) -> None:
        servers = self._servers.setdefault(pod.name, ExitStack())
        for port in pod.ports:
            servers.enter_context(serving(_Metrics, pod.address, port))

    def _submit(self, command: tuple[str, ...], documents: list[Any]) -> None:
        file = self.folder / "pods.json"
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}))
        self.checkout.kubectl(*command, f"--filename={file}")


class _Metrics(Handler):
    """Valid metrics, wherever a server has them, and nothing elsewhere."""

    _PATHS = ("/metrics", "/api/v2/metrics/prometheus")

    def do_GET(self) -> None:
        self.answer(200 if self.path in self._PATHS else 404, b"# TYPE played gauge\nplayed 1\n")
