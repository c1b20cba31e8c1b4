"""Whether a Grafana that is written through its API answers: asked before anything is changed."""

import urllib.error
import urllib.request

import pulumi

from model.slices import Plan

_SECONDS = 10.0


def check_grafana(plan: Plan, token: str | None) -> None:
    """Ask for the organisation of the token; a plan without such a Grafana asks nothing.

    Raises:
        pulumi.RunError: nobody answers at the address, or the token is not accepted.
    """
    spec = plan.observability.grafana_content
    if spec is None:
        return
    address = f"{spec.url.rstrip('/')}/api/org"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):
            return
    except urllib.error.HTTPError as error:
        reason = f"answers {error.code} to the token of `grafanaApiToken`"
    except OSError as error:
        reason = f"does not answer: {getattr(error, 'reason', error)}"
    raise pulumi.RunError(
        f"nothing was changed: Grafana at {spec.url} {reason}. Dashboards are delivered through its API"
        " (grafana.delivery): see that it can be reached from here, or set grafana.delivery to provisioned."
    )
