"""Alerts that are generated: on targets that are gone, and Watchdog, whose silence is the alarm."""

from collections.abc import Mapping

from model.routing import WATCHDOG
from model.rules.shapes import AlertRule


def service_absent(job: str) -> AlertRule:
    """An alert for a service whose targets are gone: without them nothing else can fire."""
    return _absent_alert(
        job,
        wait="2m",
        alert="ServiceAbsent",
        labels={"severity": "critical", "service": job},
        summary=f"{job} 서비스 대상 없음",
        description=f"Prometheus finds no pod of {job}: all are gone, or their labels changed.",
        action="서비스 Pod 상태 확인 → kubectl get pods",
    )


def target_absent(job: str) -> AlertRule:
    """The same for an exporter or a server of the stack, whose alerts fall silent with it."""
    return _absent_alert(
        job,
        wait="5m",
        alert="TargetAbsent",
        labels={"severity": "warning", "service": "monitoring"},
        summary=f"{job} 수집 대상 없음",
        description=f"Prometheus finds no target of {job}; alerts on what it exposes are silent.",
        action="대상 Pod 상태 확인 → kubectl -n monitoring get pods",
    )


def watchdog() -> AlertRule:
    """Fires as long as samples come in, rules are evaluated and alerts leave: its silence is the alarm."""
    rule = {
        "alert": WATCHDOG,
        # Not a constant: a Prometheus that scrapes nothing must fall silent too.
        "expr": "max(timestamp(up)) > time() - 60",
        "labels": {"severity": "info", "service": "monitoring"},
        "annotations": {
            "summary": "Watchdog: 알림 경로 정상",
            "description": "Samples are fresh, rules are evaluated and alerts leave the cluster.",
            "action": "조치 불필요",
        },
    }
    return AlertRule.model_validate(rule)


def _absent_alert(
    job: str, *, wait: str, alert: str, labels: Mapping[str, str], **annotations: str
) -> AlertRule:
    rule = {
        "alert": alert,
        # Each job by itself: over a pattern, `absent` fires only when every one is gone.
        "expr": f'absent(up{{job="{job}"}})',
        "for": wait,
        "labels": labels,
        "annotations": annotations,
    }
    return AlertRule.model_validate(rule)
