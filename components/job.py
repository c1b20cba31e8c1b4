"""A Job with all that belongs to it: its files, its secrets, its account.

Its pods' template never changes, so changed work is another Job under another name; the old one
goes when the new one has run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.batch.v1 import Job as KubernetesJob
from pulumi_kubernetes.core.v1 import ServiceAccount
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict

from components.base import Component
from components.config_files import ConfigFiles, ConfigFilesArgs, LateValues
from components.labels import labels
from components.pods import Digests, job_template
from components.secret_files import SecretFiles, SecretFilesArgs, SecretValues
from model.reach import Namespace
from model.spec import JobSpec

ATTEMPTS = 5
# Attempts wait for one another up to six minutes.
DEADLINE_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class JobArgs:
    """The work and what it meets: namespaces, late values, secrets."""

    spec: JobSpec
    namespaces: Mapping[Namespace, pulumi.Input[str]]
    late: LateValues
    secrets: SecretValues
    after: tuple[pulumi.Resource, ...] = ()


class Job(Component):
    """One Job; whoever depends on `done` waits until it has run."""

    done: pulumi.Resource

    def __init__(self, name: str, args: JobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("axiom:monitoring:Job", name, opts)
        spec, namespace = args.spec, args.namespaces[args.spec.namespace]
        account = ServiceAccount(
            self.named("account"),
            metadata=_metadata(spec, spec.name, namespace),
            automount_service_account_token=False,
            opts=self.child(),
        )
        files = ConfigFilesArgs(spec=spec, namespace=namespace, late=args.late)
        config = ConfigFiles(self.named("files"), files, self.child())
        secrets = SecretFilesArgs(spec=spec, namespace=namespace, secrets=args.secrets)
        contents = SecretFiles(self.named("secrets"), secrets, self.child())
        before = [*args.after, account, *config.config_maps, *contents.objects]
        self.done = KubernetesJob(
            self.named("run"),
            metadata=_metadata(spec, spec.object_name, namespace),
            spec={
                "backoff_limit": ATTEMPTS,
                "active_deadline_seconds": DEADLINE_SECONDS,
                "template": job_template(spec, Digests(secret=contents.digest)),
            },
            # Under one name: a Job that came first would be taken for the finished one.
            opts=self.child(delete_first=True, depends_on=before, timeout="30m"),
        )
        self.finish(name=spec.object_name)


def _metadata(spec: JobSpec, name: str, namespace: pulumi.Input[str]) -> ObjectMetaArgsDict:
    return {"name": name, "namespace": namespace, "labels": labels(spec.app, spec.component)}
