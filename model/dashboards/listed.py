"""The points that the requirements list for each dashboard (section 5), which a panel must show."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.dashboards.names import API, CANVAS, DATA, LLM, OVERVIEW, RESILIENCE, WORKERS, Name


@dataclass(frozen=True)
class Point:
    """One point: its dashboard, and its words in the requirements."""

    board: Name
    korean: str


POINTS: Mapping[str, Point] = {
    "availability": Point(OVERVIEW, "5개 서비스 가용성 게이지"),
    "budget": Point(OVERVIEW, "Error budget remaining (월간)"),
    "requests": Point(OVERVIEW, "전체 요청량 그래프 (req/s)"),
    "errors": Point(OVERVIEW, "전체 에러율 그래프 (%)"),
    "latency": Point(OVERVIEW, "P95 latency (5분)"),
    "stores": Point(OVERVIEW, "Redis/PostgreSQL/Neo4j 상태"),
    "alerts": Point(OVERVIEW, "활성 알림 목록"),
    "latency-heat": Point(API, "p50/p95/p99 지연 히트맵 (서비스 × 시간)"),
    "endpoints": Point(API, "엔드포인트별 요청 분포"),
    "statuses": Point(API, "HTTP 상태 코드 분포"),
    "slow-queries": Point(API, "슬로우 쿼리 TOP 10"),
    "llm-calls": Point(LLM, "모델별 호출 수"),
    "llm-latency": Point(LLM, "모델별 지연"),
    "llm-errors": Point(LLM, "모델별 에러율"),
    "tokens": Point(LLM, "토큰 사용량 (일별, 서비스별)"),
    "cost": Point(LLM, "LLM 비용 추이 (일별)"),
    "llm-fallbacks": Point(LLM, "Fallback 발동 횟수"),
    "token-budget": Point(LLM, "토큰 예산 소진율"),
    "postgres-pool": Point(DATA, "PostgreSQL: 커넥션 풀"),
    "postgres-time": Point(DATA, "PostgreSQL: 쿼리 시간"),
    "postgres-disk": Point(DATA, "PostgreSQL: 디스크 사용량"),
    "redis-memory": Point(DATA, "Redis: 메모리 사용"),
    "redis-commands": Point(DATA, "Redis: 명령 수"),
    "redis-streams": Point(DATA, "Redis: Stream 길이"),
    "neo4j-time": Point(DATA, "Neo4j: 쿼리 시간"),
    "neo4j-pool": Point(DATA, "Neo4j: 커넥션 풀"),
    "neo4j-cache": Point(DATA, "Neo4j: 인덱스 히트율"),
    "outbox-pending": Point(DATA, "Event Outbox: 적체량"),
    "outbox-published": Point(DATA, "Event Outbox: 발행 속도"),
    "outbox-failed": Point(DATA, "Event Outbox: 실패율"),
    "worker-runs": Point(WORKERS, "Worker별 처리량"),
    "worker-latency": Point(WORKERS, "Worker별 지연"),
    "worker-errors": Point(WORKERS, "Worker별 에러율"),
    "group-pending": Point(WORKERS, "Consumer Group 상태: pending"),
    "group-lag": Point(WORKERS, "Consumer Group 상태: lag"),
    "cep-alerts": Point(WORKERS, "Watch CEP 알림 발동/발송 현황"),
    "extraction": Point(WORKERS, "Synapse 추출 파이프라인 현황"),
    "lcp": Point(CANVAS, "Web Vitals 추이: LCP"),
    "fid": Point(CANVAS, "Web Vitals 추이: FID"),
    "cls": Point(CANVAS, "Web Vitals 추이: CLS"),
    "js-errors": Point(CANVAS, "JS 에러율 (Sentry)"),
    "browser-failures": Point(CANVAS, "API 호출 실패율 (프론트엔드 관점)"),
    "bundle": Point(CANVAS, "번들 크기 추이 (CI 빌드별)"),
    "breakers": Point(RESILIENCE, "Circuit Breaker 상태 (서비스별 게이지)"),
    "trips": Point(RESILIENCE, "Circuit Breaker Trip 이력 (시계열)"),
    "dlq": Point(RESILIENCE, "DLQ Depth (스트림별)"),
    "fallbacks": Point(RESILIENCE, "Fallback 발동 횟수 (서비스별)"),
    "retries": Point(RESILIENCE, "Retry 성공/실패율"),
}
