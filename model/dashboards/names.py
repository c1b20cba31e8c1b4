"""The dashboards by uid and title, for whoever links to one."""

from dataclasses import dataclass

FOLDER_UID = "axiom"
FOLDER_TITLE = "Axiom"


@dataclass(frozen=True, kw_only=True)
class Name:
    """One dashboard: its uid, which never changes, and what people call it."""

    uid: str
    korean: str
    english: str

    @property
    def title(self) -> str:
        """Both names."""
        return f"{self.korean} · {self.english}"


OVERVIEW = Name(uid="axiom-overview", korean="전체 현황", english="Overview")
API = Name(uid="axiom-api", korean="서비스별 API 성능", english="API performance")
LLM = Name(uid="axiom-llm", korean="LLM 운영", english="LLM operations")
DATA = Name(uid="axiom-data", korean="데이터 인프라", english="Data infrastructure")
WORKERS = Name(uid="axiom-workers", korean="워커와 이벤트", english="Workers and events")
CANVAS = Name(uid="axiom-canvas", korean="Canvas 프론트엔드", english="Canvas frontend")
RESILIENCE = Name(uid="axiom-resilience", korean="복원력", english="Resilience")
NAMES = (OVERVIEW, API, LLM, DATA, WORKERS, CANVAS, RESILIENCE)
