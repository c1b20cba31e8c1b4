"""Every command of a runbook names objects that the program declares, and does what the cluster allows."""

from functools import cache

import kubectl
import pytest
from runbook import INDEX, Page, pages

from config.settings import load
from model.plan import build_plan
from render.recorder import record

PAGES = [*pages(), Page("README", INDEX.read_text())]


@cache
def stack() -> kubectl.There:
    """A stack that has every server: all sinks, a cluster of Neo4j, a way in."""
    raw = {
        "tier": "1year",
        "logSinks": ["loki", "cloudwatch", "datadog"],
        "neo4j": {"acceptLicense": True},
        "ingress": {"host": "axiom.example.com"},
        "grafana": {"host": "grafana.example.com"},
    }
    return kubectl.there(record(build_plan(load(raw, stack="prod"))))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_commands_name_is_there(page: Page) -> None:
    """Namespaces, kinds, names, labels, ports, containers."""
    assert page.kubectl
    assert [found for command in page.kubectl for found in kubectl.wrong(command, stack())] == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("get pods -l app=core", "no pods with app=core in axiom"),
        ("get pods -l 'app in (oracle, orakel)'", "no pods with app=orakel in axiom"),
        ("get pods -l tier=1", "no pods with app='tier=1' in axiom"),
        ("logs -l app=oracle --since=5m", "unless --tail"),
        ("logs core-api-0", "no Pod axiom/core-api-0"),
        ("logs neo4j-0 -c neo", "no container neo in axiom"),
        ("get deployments,hpas oracel", "no Deployment axiom/oracel"),
        ("get pots", "no kind pots"),
        ("describe scaledobject vision", "no ScaledObject axiom/vision"),
        ("describe hpa mindsdb", "no HorizontalPodAutoscaler axiom/mindsdb"),
        ("rollout undo deploy/neo4j", "no Deployment axiom/neo4j"),
        ("scale statefulset/oracle --replicas=0", "no StatefulSet axiom/oracle"),
        ("set env deploy/core-api deploy/core A=1", "no Deployment axiom/core"),
        ("port-forward svc/core-api 8001", "no port 8001 of Service axiom/core-api"),
        ("exec neo4j-0 -- sh", "its image is not known to have sh"),
        ("exec core-api-0 -- python", "its image is not known to have python"),
        ("annotate scaledobject oracel a.b/c=1", "no ScaledObject axiom/oracel"),
        ("debug -it $pod --target=core --image=x -- sh", "no container core in axiom"),
        ("get --raw /healthz", "no such command"),
        ("apply -f x", "no such command"),
        ("", "no such command"),
    ],
)
def test_a_wrong_command_is_found(command: str, said: str) -> None:
    """A planted name, and things that would not work."""
    assert said in "\n".join(kubectl.wrong(f"kubectl -n axiom {command}", stack()))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("kubectl -n axiom-prod get pods", "no namespace axiom-prod"),
        ("kubectl get pods", "no namespace"),
        ("kubectl -n monitoring logs -l app=keda-operator --tail=-1", "no pods with app=keda-operator"),
    ],
)
def test_a_wrong_namespace_is_found(command: str, said: str) -> None:
    """One that is not there, none, and one where the pods are not."""
    assert said in "\n".join(kubectl.wrong(command, stack()))


@pytest.mark.parametrize(
    "command",
    [
        "kubectl -n <namespace> get pods -l app=<app> | grep x",
        "kubectl -n axiom logs <pod> -c <container> --previous",
        "kubectl get nodes -o wide",
        "kubectl get pods --all-namespaces",
        "kubectl -n monitoring port-forward svc/grafana 3000 &",
        "kubectl -n monitoring exec <pod> -- promtool check config x",
    ],
)
def test_what_the_reader_fills_in_is_left_to_them(command: str) -> None:
    """Placeholders, and commands of the whole cluster."""
    assert kubectl.wrong(command, stack()) == []


def test_commands_are_found_where_they_stand() -> None:
    """In a block over two lines, in a variable, within the text; a mere word is none."""
    block = "```sh\nx=$(kubectl -n c get d)\nkubectl -n e \\\n  get f\n```\n"
    page = Page("A", f"`kubectl scale` is not `kubectl -n a get b`.\n\n{block}")
    found = [command.split() for command in page.kubectl]
    assert found == [["kubectl", "-n", namespace, "get", name] for namespace, name in ("cd", "ef", "ab")]
