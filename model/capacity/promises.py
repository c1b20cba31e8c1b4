"""What is stated and refuses nothing: availability of what services stand on, and the budget of tokens."""

import math
from collections.abc import Iterator, Mapping

from config.data import services
from config.slos import Slo, slos
from model.capacity.check import Check, Setting
from model.capacity.scene import Scene
from model.container import Fixed


def checks(scene: Scene) -> Iterator[Check]:
    """The checks, none of them binding."""
    promised = stores(scene)
    for slo in slos().objectives:
        # Nothing stands behind the files of Canvas, and nothing is known of stores that exist.
        if slo.availability is not None and _behind(slo.service) & promised.keys():
            yield _availability(slo, slo.availability, promised)
    yield _tokens(scene)


def stores(scene: Scene) -> Mapping[str, float]:
    """What is promised of each store that the stack makes, as a share of a month."""
    given, plan = scene.given.availability, scene.plan.stores
    replicas = plan.neo4j.workload.replicas
    several = isinstance(replicas, Fixed) and replicas.count > 1
    found = {"Neo4j": given.ec2_multi_az if several else given.ec2_single}
    if not plan.postgres.existing_host:
        found["PostgreSQL"] = given.rds_multi_az if plan.postgres.multi_az else given.rds_single
    if not plan.redis.existing_host:
        found["Redis"] = given.elasticache_multi_az if plan.redis.replicas else given.elasticache_single
    return found


def _availability(slo: Slo, wanted: float, promised: Mapping[str, float]) -> Check:
    behind = _behind(slo.service)
    below = {name: promised[name] for name in promised if name in behind}
    return Check(
        name=f"availability-{slo.service}-{slo.kind.lower().replace(' ', '-')}",
        formula="availability of the objective <= product of what is promised of its stores",
        inputs=below,
        need=wanted,
        limit=math.prod(below.values()),
        unit="of a month",
        remedy="`postgres.multiAz` and `redis.replicas` may be set before the tier does; Neo4j needs 1year",
        binding=False,
    )


def _behind(service: str) -> frozenset[str]:
    """The stores that a service cannot answer without."""
    rows = [row for row in services().values() if row.service == service]
    found = {"PostgreSQL", "Redis"} if any(row.database for row in rows) else set()
    return frozenset(found | ({"Neo4j"} if any(row.graph for row in rows) else set()))


def _tokens(scene: Scene) -> Check:
    need = scene.load.tokens_per_day
    return Check(
        name="token-budget",
        formula="requests a day x tokens a request <= budget",
        inputs={
            "requests a day": scene.load.requests_per_day * scene.load.share,
            "tokens a request": scene.given.load.tokens_per_request,
        },
        need=need,
        limit=scene.settings.alerting.token_budget,
        unit="tokens a day",
        remedy="TokenBudgetHigh would fire every day: another budget, or fewer tokens",
        setting=Setting("alerting.tokenBudget", str(math.ceil(need / 0.8))),
        binding=False,
    )
