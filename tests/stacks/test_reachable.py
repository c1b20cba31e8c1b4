"""A Grafana that does not answer is one error before anything is changed."""

from http.server import BaseHTTPRequestHandler

import pulumi
import pytest
from loopback import Handler, serving

from config.settings import load
from local.processes import free_port
from model.plan import build_plan
from model.slices import Plan
from stacks.reachable import check_grafana

TOKEN = "glsa_planted"


def plan(url: str) -> Plan:
    """A plan that delivers through the API at an address."""
    return build_plan(load({"grafana": {"delivery": "api", "url": url}}, stack="dev"))


class Grafana(Handler):
    """Knows one token."""

    def do_GET(self: BaseHTTPRequestHandler) -> None:
        known = self.path == "/api/org" and self.headers["Authorization"] == f"Bearer {TOKEN}"
        self.answer(200 if known else 401, b"{}")  # type: ignore[attr-defined]


def test_a_grafana_that_knows_the_token_passes() -> None:
    """With a slash behind its address too."""
    with serving(Grafana) as port:
        check_grafana(plan(f"http://127.0.0.1:{port}/"), TOKEN)


def test_another_token_is_refused() -> None:
    """The error names the secret and the setting, and not the token."""
    with serving(Grafana) as port, pytest.raises(pulumi.RunError, match="answers 401") as found:
        check_grafana(plan(f"http://127.0.0.1:{port}"), "other")
    assert "grafanaApiToken" in str(found.value)
    assert "other" not in str(found.value).split("Grafana at")[1].split("Dashboards")[0]


def test_nobody_at_the_address_is_refused() -> None:
    """With what to do."""
    with pytest.raises(pulumi.RunError, match=r"does not answer.*grafana\.delivery to provisioned"):
        check_grafana(plan(f"http://127.0.0.1:{free_port()}"), TOKEN)


def test_a_stack_with_files_asks_nobody() -> None:
    """Its Grafana may not be there yet."""
    check_grafana(build_plan(load({}, stack="dev")), None)
