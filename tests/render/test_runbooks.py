"""The index of the runbooks."""

from pathlib import Path

import pytest

from render import runbooks

PAGE = Path("docs/runbooks/README.md").read_text()


def test_the_page_is_current() -> None:
    """`make docs` would change nothing."""
    assert runbooks.page() == PAGE, "run make docs"


@pytest.mark.parametrize(
    ("alert", "told"),
    [
        ("HighErrorRate", "warning | of the job | {job} 에러율 {value} | 최근 배포 diff, 에러 로그 확인"),
        ("ServiceAbsent", "critical | of the job | {job} 서비스 대상 없음 | 서비스 Pod 상태 확인 →"),
        ("HITLBacklog", "warning | 3 | HITL 대기 {value}건 - 검토자 배정 필요 | 검토자 배정 |"),
        ("Neo4jDown", "critical | 1 | Neo4j {instance} 응답 없음 | Neo4j Pod 상태와 로그 확인 |"),
    ],
)
def test_a_row_says_what_the_rule_says(alert: str, told: str) -> None:
    """Of many jobs, generated for each job, of one service, and with two rules of one name."""
    assert f"\n| [{alert}]({alert}.md) | {told}" in PAGE


def test_tiers_are_those_of_the_services() -> None:
    """With how soon each is answered."""
    assert "\n| 2 | 99.5% | within 4 hours | `oracle`, `vision`, `weaver` |\n" in PAGE


def test_every_alert_has_one_row_under_its_file() -> None:
    """Whatever stack has it, and no template is left in its words."""
    for name, rules in runbooks.alerts().items():
        part = PAGE.split(f"### `config/alerts/{name}.yaml`\n")[1].split("\n### ")[0]
        for alert in {rule.alert for rule in rules}:
            assert part.count(f"| [{alert}]({alert}.md) |") == 1
    assert "{{" not in PAGE


def test_alerts_of_single_stacks_are_there() -> None:
    """Loki's, the workspace's, the heartbeat's."""
    named = {rule.alert for rules in runbooks.alerts().values() for rule in rules}
    assert {"LokiRefusingLines", "RemoteWriteBehind", "Watchdog"} <= named
