"""docs/runbooks/README.md: what all runbooks share and the index of alerts."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from config.data import services, versions
from config.metrics import carrying
from config.scalars import Environment, Tier
from config.settings import load
from config.slos import slos
from model.rules import rule_groups
from model.rules.promql import parsed, selections
from model.rules.shapes import AlertRule, RuleGroup
from model.rules.sla import PER_JOB, PER_OBJECTIVE, sla_tier

_HEAD = """# Runbooks

Made by `make docs` from `config/alerts/` and `render/runbooks.py`; a test holds it current. One page an
alert, of one shape: who is hurt, three commands, what to look at, causes, escalation, silence, and the step
that lasts. Slack's message links the page.

Commands name prod; elsewhere it is `axiom-dev` or `axiom-staging`. What stands in `<…>` is a label of the
alert, or is printed by the command before. Tests hold every name against the program and every query against
`config/metrics/`; nothing here ran on AWS.

## Ways in

```sh
aws eks update-kubeconfig --name axiom-prod --alias axiom-prod
kubectl -n monitoring port-forward svc/prometheus 9090 &
kubectl -n monitoring port-forward svc/alertmanager 9093 &
kubectl -n monitoring port-forward svc/grafana 3000 &
```

Then `http://localhost:9090` has alerts, queries and targets, `:9093` who is told and what is silenced,
`:3000` dashboards and Explore. Network policies refuse the API server's own proxy
(`kubectl get --raw …/proxy`); `port-forward`, `exec` and `logs` go through the node and are not subject to
them.

One query without a port, and what fires now:

```sh
kubectl -n monitoring exec prometheus-0 -- promtool query instant http://localhost:9090 'up == 0'
kubectl -n monitoring exec alertmanager-0 -- amtool alert query --alertmanager.url=http://localhost:9093
```

Only the images of Prometheus and Alertmanager, Neo4j, MindsDB and the PostgreSQL client are known to have a
shell.

**Logs**: Grafana's Explore, in the sinks that the stack has ([architecture](../architecture.md)). A record
has `timestamp`, `level`, `event`, `service` (core, oracle, vision, synapse, weaver: without `axiom-`),
`tenant_id`, `request_id`, `trace_id`, and `duration_ms`, `error`, `stack_trace` where they apply. A
`trace_id` opens in Tempo. `kubectl logs` with `-l` shows ten lines a pod unless it has `--tail=-1`.

## Into the stores

No pod has `psql` or `redis-cli`. A container added to the exporter's pod reaches the store and sees the
exporter's password; without `--profile=restricted` it is refused. It goes with the pod.

PostgreSQL, as the role `metrics`, which sees all statistics and no tables:

```sh
pod=$(kubectl -n monitoring get pods -l app=postgres-exporter -o name)
kubectl -n monitoring debug -it "$pod" --image=docker.io/library/postgres:{postgres} \\
  --target=postgres-exporter --profile=restricted -- sh
```

```sh
uri=$(tr '\\0' '\\n' < /proc/1/environ | sed -n 's|^DATA_SOURCE_URI=||p' | sed 's|/etc|/proc/1/root&|')
PGPASSWORD=$(cat /proc/1/root/etc/postgres-exporter/password) psql "postgresql://metrics@$uri"
```

To cancel or to explain a query of a service, do the same in one of its pods (`-n axiom`, `--target=vision`):
its `DATABASE_HOST`, `DATABASE_USER` and `DATABASE_PASSWORD` stand in `/proc/1/environ`.

Redis (`<host>` is the alert's `instance` without the port):

```sh
pod=$(kubectl -n monitoring get pods -l app=redis-exporter -o name)
kubectl -n monitoring debug -it "$pod" --image=docker.io/library/redis:7.2-alpine \\
  --target=redis-exporter --profile=restricted -- sh
```

```sh
export REDISCLI_AUTH=$(tr '\\0' '\\n' < /proc/1/environ | sed -n 's|^REDIS_PASSWORD=||p')
redis-cli --tls -h <host>
```

Neo4j has its client; the password is what follows the `/`:

```sh
kubectl -n axiom get secret neo4j-auth -o jsonpath='{{.data.auth}}' | base64 -d
kubectl -n axiom exec -it neo4j-0 -- cypher-shell -u neo4j
```

## Silencing

Each page has the command for its alert. Before it: somebody works on the cause, and whoever is hurt knows.
The comment says why and who; the shortest time that may do is right, since a silence that outlives its cause
hides the next one. A silenced critical alert still mutes its symptoms (`model/routing.py`). All
Alertmanagers share silences.

```sh
amtool silence query --alertmanager.url=http://localhost:9093
amtool silence expire <id> --alertmanager.url=http://localhost:9093
```

## Escalation

The label `sla_tier` says how soon. First the on-call of axiom-platform (label `team`), then the owner of the
service. Critical alerts go to PagerDuty in prod and to `#axiom-critical` every 30 minutes, warnings to
`#axiom-alerts` every four hours, information to `#axiom-monitoring`.

{tiers}
Stores, Kubernetes and the monitoring itself carry tier 1: every tier stands on them. A warning of tier 1 that
only makes the monitoring blind may wait where its page says so.

## First aid and the program

What `kubectl` changes on an object of the program (`rollout undo`, `set env`, `patch`, `scale`) is drift:

- `pulumi up` compares the program with its state, not with the cluster: it leaves the drift until the
  program changes that object. `pulumi refresh --preview-only --diff --stack prod` shows it.
- Then the change undoes the first aid, or its preview stops: "conflict with kubectl-…". A program that says
  the same as the first aid meets no conflict: that is the lasting step.
- To take the program's values back: `PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up --refresh --stack prod`.
- What was added (a variable, an annotation) is no field of the program. Take it away as its page says.
- `rollout restart`, deleting a pod and cancelling a query need no way back.

## Alerts

`{{…}}` is a label of the alert, or its value.
"""
_ANSWERED = {1: "at once, by day and night", 2: "within 4 hours", 3: "next business day"}
_CLIENT = "postgres"
_COLUMNS = ("alert", "severity", "SLA tier", "summary", "first action")
_LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")
_VALUE = re.compile(r"\{\{ (?:printf \S+ )?\$value[^}]*\}\}")
_EITHER = re.compile(r"\{\{ if [^}]*\}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}")


def page() -> str:
    """The whole page, in Markdown."""
    tables = (
        f"### `config/alerts/{name}.yaml`\n\n{_table(_COLUMNS, _rows(rules))}"
        for name, rules in alerts().items()
    )
    tag = versions().images[_CLIENT].tag
    tiers = _table(("tier", "promise", "answered", "workloads"), _tiers())
    return "\n".join([_HEAD.format(tiers=tiers, postgres=tag), *tables])


def alerts() -> Mapping[str, Sequence[AlertRule]]:
    """The alerts that one stack or another has, by rule file; those of many jobs once for each."""
    found = {
        name: [rule for rule in group.rules if isinstance(rule, AlertRule)]
        for name, group in groups().items()
    }
    return {name: rules for name, rules in found.items() if rules}


def by_name(rules: Iterable[AlertRule]) -> Mapping[str, list[AlertRule]]:
    """The rules of each alert; several share a name where each is about another thing or window."""
    named: dict[str, list[AlertRule]] = {}
    for rule in rules:
        named.setdefault(rule.alert, []).append(rule)
    return named


def groups() -> Mapping[str, RuleGroup]:
    """The rule groups of a stack that has everything: every job, the workspace, the heartbeat."""
    raw = {"tier": Tier.TWO_YEARS.value, "neo4j": {"acceptLicense": True}}
    return rule_groups(load(raw, stack=Environment.PROD), set(carrying("up")))


def told(rule: AlertRule, text: str) -> str:
    """A text of an alert with `{name}` for what Prometheus fills in."""
    job = next(iter(selections(parsed(rule.expr)))).equal.get("job")
    said = _VALUE.sub("{value}", _LABEL.sub(r"{\1}", _EITHER.sub(r"\1 or \2", text)))
    # Generated for each job, with its name in the text.
    return said.replace(job, "{job}") if job else said


def _rows(rules: Iterable[AlertRule]) -> Iterator[tuple[str, ...]]:
    for name, found in by_name(rules).items():
        first = found[0]
        yield (
            f"[{name}]({name}.md)",
            " or ".join(sorted({rule.labels.severity for rule in found})),
            _tier({rule.labels.service for rule in found}),
            told(first, first.annotations.summary),
            first.annotations.action,
        )


def _tier(labels: set[str]) -> str:
    """The tier that the alert carries; where its jobs have several, each has its own."""
    if PER_OBJECTIVE in labels:
        return "of the objective"
    tiers = {sla_tier(service) for service in labels}
    return "of the job" if PER_JOB in labels or len(tiers) > 1 else tiers.pop()


def _tiers() -> Iterator[tuple[str, ...]]:
    for tier, promise in slos().sla_tiers.items():
        names = (f"`{name}`" for name, service in services().items() if service.sla_tier == tier)
        yield str(tier), f"{promise:.1%}", _ANSWERED[tier], ", ".join(names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
