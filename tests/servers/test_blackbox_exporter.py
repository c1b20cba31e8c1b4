"""The real blackbox_exporter probes real addresses through the modules that are planned."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from loopback import HOST, Handler, serving
from real_server import Pod, Running, running, workload

from local.processes import free_port

pytestmark = pytest.mark.tools


class Answers(Handler):
    """Answers a GET of /503 with that status, of anything else with 200."""

    def do_GET(self) -> None:
        self.answer(503 if self.path == "/503" else 200)


@contextmanager
def answering() -> Iterator[str]:
    """An HTTP server on loopback."""
    with serving(Answers) as port:
        yield f"http://{HOST}:{port}"


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The exporter of dev."""
    pod = Pod(workload("blackbox-exporter", "dev"), tmp_path_factory.mktemp("blackbox"))
    pod.lay_out()
    with running(pod) as server:
        yield server


def succeeds(exporter: Running, module: str, target: str) -> bool:
    """Whether the probe of `target` through `module` is a success."""
    text = exporter.text("http", f"/probe?module={module}&target={target}")
    return "\nprobe_success 1\n" in text


def test_an_address_that_answers_is_up(exporter: Running) -> None:
    """Through `http`, as Neo4j is asked."""
    with answering() as url:
        assert succeeds(exporter, "http", url)


def test_an_address_that_refuses_is_down(exporter: Running) -> None:
    """Nothing listens there."""
    assert not succeeds(exporter, "http", f"http://127.0.0.1:{free_port()}")


def test_any_status_but_200_is_down(exporter: Running) -> None:
    """A server that says that it is unavailable is."""
    with answering() as url:
        assert not succeeds(exporter, "http", f"{url}/503")


def test_the_public_module_refuses_an_address_without_tls(exporter: Running) -> None:
    """What `http` finds up is down for `https`."""
    with answering() as url:
        assert succeeds(exporter, "http", url)
        assert not succeeds(exporter, "https", url)
