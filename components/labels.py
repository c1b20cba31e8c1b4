"""The labels that every Kubernetes object carries, and the one that selects pods."""


def selector(app: str) -> dict[str, str]:
    """What selects the pods of `app`; never changes, since selectors are immutable."""
    return {"app": app}


def labels(app: str, component: str) -> dict[str, str]:
    """The recommended labels, with the selecting one."""
    return {
        **selector(app),
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "axiom",
        "app.kubernetes.io/managed-by": "pulumi",
    }
