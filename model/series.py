"""How many series a target has: of our services what the catalogue says, of others what was counted."""

import math

from config.capacity import assumptions
from config.data import services, tier
from config.metrics import Metric, exposed_by, exposers
from config.scalars import Tier

# What Prometheus notes of every scrape.
_OF_SCRAPES = "targets"


def of_target(job: str) -> float:
    """Series of one target of a job, without what grows with the customers."""
    given = assumptions().series
    ours = {service.job for service in services().values() if service.own_metrics}
    if job in ours:
        return sum(metric.series for metric in (*exposed_by(job).values(), *_of_scrapes()))
    return given.per_target.get(job, given.per_other_target)


def of_container() -> float:
    """Series that cAdvisor has of a container: what is kept of them."""
    return len(exposed_by("cadvisor"))


def samples_limit(job: str) -> int:
    """More samples than any target of the job should have, so that a faulty one can't fill the memory.

    Rounded up to whole thousands.
    """
    given = assumptions().series
    customers = tier(list(Tier)[-1]).users * given.per_user_and_pod
    most = given.most_of_target.get(job) or (of_target(job) + customers) * given.limit_factor
    return math.ceil(most / 1000) * 1000


def _of_scrapes() -> tuple[Metric, ...]:
    return tuple(exposers()[_OF_SCRAPES].metrics.values())
