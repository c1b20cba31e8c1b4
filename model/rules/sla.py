"""What an alert's label `service` stands for, from the table of services: SLA tier, job, apps."""

from config.data import services

# The label `service` of an alert over many jobs: which one it is, only the alert knows.
PER_JOB = "{{ $labels.job }}"
# Of an alert over objectives: their series carry both.
PER_OBJECTIVE = "{{ $labels.service }}"
_JOB_PREFIX = "axiom-"
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


def service_job(service: str) -> str | None:
    """The scrape job of a service, by its name or the job's own; of several workloads the first."""
    found = (each.job for each in services().values() if service in {each.job, each.service})
    return next(found, None)


def app_prefix(service: str) -> str | None:
    """How the names of the apps begin that an alert with this label `service` is about; a template over many.

    None where it is about no service of Axiom: logs are looked up by it.
    """
    if service == PER_JOB:
        return f'{{{{ reReplaceAll "^{_JOB_PREFIX}" "" $labels.job }}}}'
    if service == PER_OBJECTIVE:
        return "{{ $labels.service }}"
    if service in {found.service for found in services().values()}:
        return service
    return service.removeprefix(_JOB_PREFIX) if service_job(service) else None


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
