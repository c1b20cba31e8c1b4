"""A runbook for each alert and no other; each of one shape; what the playbook says stands in it."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from runbook import FOLDER, INDEX, Page, pages

from model.dashboards.names import NAMES
from model.rules.latency import thresholds
from model.rules.shapes import AlertRule
from model.rules.sla import PER_JOB, PER_OBJECTIVE, sla_tier
from render import runbooks
from render.runbook_heads import heads, with_head

HEADINGS = [
    "",
    "Who is hurt",
    "First action",
    "Look at",
    "Likely causes",
    "Escalation",
    "Silence",
    "The lasting step",
]
# Requirements, section 4: what to do first, and what to look for then.
PLAYBOOK = {
    "ServiceDown": ("Pod 재시작 (`kubectl rollout restart`)", "로그 확인, OOM 여부, 디스크 풀"),
    "CriticalErrorRate": (
        "이전 버전 롤백 (`kubectl rollout undo`)",
        "최근 배포 diff, DB 마이그레이션 오류",
    ),
    "HighLatency": ("동시 요청 수 확인, HPA 스케일 트리거", "느린 쿼리 EXPLAIN, 커넥션 풀 포화"),
    "LLMHighLatency": ("Fallback 모델 전환", "OpenAI 상태 페이지 확인, Rate Limit"),
    "DBPoolExhaustion": ("`DB_MAX_OVERFLOW` 임시 증가", "느린 트랜잭션 식별, 누수 커넥션"),
    "RedisHighMemory": ("MAXLEN 축소, 캐시 TTL 감소", "메모리 프로파일링 (`redis-cli memory doctor`)"),
    "OutboxBacklog": ("Sync Worker 인스턴스 추가", "Worker 에러 로그, Redis 연결 확인"),
    "LLMErrorRate": ("Fallback 모델 자동 전환", "API 키 유효성, Rate Limit 상태"),
    "TokenBudgetHigh": ("비필수 LLM 호출 일시 중단", "토큰 소비 분석 (모델/목적별)"),
    "CircuitBreakerOpen": ("타겟 서비스 상태 확인, 최근 배포 리뷰", "타겟 서비스 과부하 또는 다운"),
    "DLQBacklog": (
        "Admin API로 DLQ 메시지 확인, 실패 패턴 분석",
        "지속적 다운스트림 장애",
    ),
}
DASHBOARDS = tuple(name.english for name in NAMES)
MOST_LINES = 80
_FILE = re.compile(r"`((?:components|config|docs|model|stacks|tests)/[\w./-]*)`")
_LINK = re.compile(r"\]\(([\w./-]*?)(?:#([\w-]+))?\)")
ALERTS = runbooks.by_name(chain.from_iterable(runbooks.alerts().values()))


def wrong_shape(page: Page) -> Iterator[str]:
    """Parts that are missing or out of order, and more than a tired reader takes in."""
    if not page.text.startswith(f"# {page.name}\n"):
        yield "its title is not its alert"
    if list(page.sections) != HEADINGS:
        yield f"its parts are {list(page.sections)}"
    if len(page.blocks("sh", "First action")) != 1 or len(page.commands("First action")) != 3:
        yield "the first action is not three commands in one block"
    told = re.search(r"^Dashboards: ([^.\n]+)\.", page.sections.get("Look at", ""), re.MULTILINE)
    named = re.sub(r" \([^)]*\)", "", told.group(1)).split(", ") if told else [""]
    listed = ", ".join(DASHBOARDS)
    yield from (
        f"no dashboard is called {name}; there are {listed}" for name in named if name not in DASHBOARDS
    )
    if len(page.text.splitlines()) > MOST_LINES:
        yield f"more than {MOST_LINES} lines"


def wrong_places(page: Page) -> Iterator[str]:
    """Files of the checkout and parts of pages that are not there."""
    yield from (path for path in _FILE.findall(page.text) if not Path(path).exists())
    for path, part in _LINK.findall(page.text):
        target = FOLDER / path if path else FOLDER / f"{page.name}.md"
        if not target.exists():
            yield path
        elif part and part not in anchors(target.read_text()):
            yield f"{path}#{part}"


def anchors(text: str) -> set[str]:
    """What a link may point to in a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def wrong_words(page: Page, rules: list[AlertRule]) -> Iterator[str]:
    """What the alert or the playbook says and the page does not."""
    first, causes = page.sections.get("First action", ""), page.sections.get("Likely causes", "")
    action, then = PLAYBOOK.get(page.name, ("", ""))
    said = {rule.annotations.action for rule in rules}
    yield from (f"the first action is {text}" for text in {action, *said} if text not in first)
    if then not in causes:
        yield f"then look for {then}"
    for name, part in (("First action", first), ("Likely causes", causes)):
        if not re.search(r"[가-힣].* – \w", part.replace("\n", " ")):
            yield f"no English beside the Korean in {name}: it has a line `<Korean> – <English>`"
    if with_head(page.text, heads()[page.name]) != page.text:
        yield f"the line under its title is {heads()[page.name]!r}: `make docs` writes it"
    tiers = {tier for rule in rules for tier in tiers_of(rule)}
    told = page.sections.get("Escalation", "").lower()
    yield from (f"tier {tier} is not told" for tier in sorted(tiers) if f"tier {tier}" not in told)


def tiers_of(rule: AlertRule) -> set[str]:
    """Every SLA tier that an alert may carry."""
    if rule.labels.service in {PER_JOB, PER_OBJECTIVE}:
        return {"1", "2", "3"}
    return {sla_tier(rule.labels.service)}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_has_its_shape(page: Page) -> None:
    """Its parts in their order, three commands, dashboards that there are."""
    assert list(wrong_shape(page)) == []


@pytest.mark.parametrize("page", [*pages(), Page("README", INDEX.read_text())], ids=lambda page: page.name)
def test_what_a_page_points_to_is_there(page: Page) -> None:
    """Files, pages and their parts."""
    assert list(wrong_places(page)) == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_says_what_its_alert_says(page: Page) -> None:
    """Description, wait, first action and tiers of the rule, the playbook word by word."""
    assert list(wrong_words(page, ALERTS[page.name])) == []


def test_every_page_has_its_alert_and_every_alert_its_page() -> None:
    """Of whatever stack; one that waits for its metric has no page as long as it can't fire."""
    written = {page.name for page in pages()}
    missing = [str(FOLDER / f"{name}.md") for name in sorted(set(ALERTS) - written)]
    assert missing == [], "write each in the shape of OutboxBacklog.md, then `make docs`"
    assert written - set(ALERTS) == set(), "no alert has these names"


def test_latency_is_told_with_the_thresholds_of_the_rule() -> None:
    """Which stand in the table of objectives."""
    (page,) = (found for found in pages() if found.name == "HighLatency")
    above = page.sections[""]
    assert [seconds for seconds in thresholds().values() if f" {seconds:g} s" not in above] == []


GOOD = (FOLDER / "OutboxBacklog.md").read_text()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("# OutboxBacklog\n", "# Outbox\n", "its title"),
        ("\n## Look at\n", "\n## Look\n", "its parts"),
        ("\n## Escalation\n", "\n## Silence\n\n## Escalation\n", "its parts"),
        ("kubectl -n axiom get scaledobject,hpa core-worker\n", "", "not three commands"),
        ("Workers and events, Data", "Workers, Data", "no dashboard is called Workers"),
        ("Dashboards: ", "Boards: ", "no dashboard is called "),
        ("\n## Silence\n", "\n## Silence\n" + "\n" * MOST_LINES, "more than"),
    ],
)
def test_a_wrong_shape_is_found(before: str, after: str, said: str) -> None:
    """Each planted in a page that is right."""
    assert before in GOOD
    assert said in "\n".join(wrong_shape(Page("OutboxBacklog", GOOD.replace(before, after))))


@pytest.mark.parametrize("text", ["`config/gone.yaml`", "[x](Gone.md)", "[x](README.md#gone)", "[x](#gone)"])
def test_a_place_that_is_gone_is_found(text: str) -> None:
    """Planted files and links."""
    assert list(wrong_places(Page("OutboxBacklog", f"{GOOD}{text}\n")))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Sync Worker 인스턴스 추가", "Worker 추가", "the first action is Sync Worker"),
        ("Worker 에러 로그, Redis 연결 확인", "에러 로그", "then look for Worker"),
        (" – ", ": ", "no English"),
        ("five minutes", "ten minutes", "the line under its title is"),
        ("More than 1000", "More than 2000", "the line under its title is"),
        ("\n> ", "\n", "the line under its title is"),
        ("carries tier 1", "is Core's", "tier 1 is not told"),
    ],
)
def test_wrong_words_are_found(before: str, after: str, said: str) -> None:
    """What a changed rule or a translation would leave behind."""
    assert before in GOOD
    page = Page("OutboxBacklog", GOOD.replace(before, after))
    assert said in "\n".join(wrong_words(page, ALERTS["OutboxBacklog"]))
