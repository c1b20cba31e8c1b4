"""How the program reaches the cluster: a kubeconfig that fetches a token when one is needed."""

import pulumi


def kubeconfig(
    *,
    cluster_name: pulumi.Input[str],
    region: str,
    endpoint: pulumi.Input[str],
    certificate: pulumi.Input[str],
) -> pulumi.Output[str]:
    """A kubeconfig as JSON; it holds no token, so it is no secret."""
    arguments = ["eks", "get-token", "--cluster-name", cluster_name, "--region", region, "--output", "json"]
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": arguments,
        "interactiveMode": "Never",
        "provideClusterInfo": False,
    }
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "eks",
                    "cluster": {"server": endpoint, "certificate-authority-data": certificate},
                }
            ],
            "users": [{"name": "deployer", "user": {"exec": command}}],
            "contexts": [{"name": "eks", "context": {"cluster": "eks", "user": "deployer"}}],
            "current-context": "eks",
        },
        sort_keys=True,
    )
