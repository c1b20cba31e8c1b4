"""The SLA tier that an alert is answered by, from the table of services."""

from config.data import services

# The label `service` of an alert over many jobs: which one it is, only the alert knows.
PER_JOB = "{{ $labels.job }}"
# Of an alert over objectives: their series carry both.
PER_OBJECTIVE = "{{ $labels.service }}"
# Tier 1 services stand on every store.
_STORE_TIER = 1


def sla_tier(service: str) -> str:
    """The label `sla_tier` of an alert with this label `service`: a job, a service or a store.

    A service of several workloads has the strictest of their tiers. Over many jobs the text is a
    template that chooses by the alert's own job.
    """
    if service == PER_OBJECTIVE:
        return "{{ $labels.sla_tier }}"
    if service == PER_JOB:
        return _chosen_by_job()
    tiers = [found.sla_tier for found in services().values() if service in {found.job, found.service}]
    return str(min(tiers, default=_STORE_TIER))


def _chosen_by_job() -> str:
    jobs: dict[int, list[str]] = {}
    for service in services().values():
        if service.job:
            jobs.setdefault(service.sla_tier, []).append(service.job)
    loosest, *stricter = sorted(jobs, reverse=True)
    text = str(loosest)
    for tier in stricter:
        names = " ".join(f'"{job}"' for job in jobs[tier])
        text = f"{{{{ if eq $labels.job {names} }}}}{tier}{{{{ else }}}}{text}{{{{ end }}}}"
    return text
