"""The providers, made explicitly: a resource that slips past them fails instead of reaching
whatever account or cluster happens to be configured on the machine.
"""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
import pulumiverse_grafana as grafana

from model.slices import Identity


def aws_provider(identity: Identity) -> aws.Provider:
    """AWS in the stack's region; every resource carries the stack's tags."""
    return aws.Provider(
        "aws",
        region=identity.region,
        default_tags={"tags": dict(sorted(identity.tags.items()))},
    )


def kubernetes_provider(kubeconfig: pulumi.Input[str], cluster_name: str) -> kubernetes.Provider:
    """The cluster; ConfigMaps and Secrets change in place instead of being replaced."""
    return kubernetes.Provider(
        "kubernetes",
        kubeconfig=kubeconfig,
        # A renewed endpoint or certificate is the same cluster: nothing in it is replaced.
        cluster_identifier=cluster_name,
        enable_server_side_apply=True,
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
    )


def grafana_provider(url: str, token: pulumi.Input[str]) -> grafana.Provider:
    """A Grafana's API, with the token of a service account."""
    return grafana.Provider("grafana", url=url, auth=token)


def random_provider() -> random.Provider:
    """Passwords; it reaches nothing."""
    return random.Provider("random")
