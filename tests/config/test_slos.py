"""What the table of objectives refuses."""

from collections.abc import Mapping
from typing import Any

import pytest

from config.metrics import metrics
from config.slos import Slos, problems, slos


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"availability": 1.0}, "100% leaves no error to budget"),
        ({"requests": None}, "core, API: availability has no series"),
        ({"requests": {"metric": "gone_total", "failed": {"status": "5.."}}}, "nobody exposes gone_total"),
        (
            {"requests": {"metric": "api_requests_total", "failed": {"code": "5.."}}},
            "api_requests_total has no label code",
        ),
        ({"p95": 0.7}, "p95 is 0.7 s, and api_request_duration_seconds has no edge there"),
        ({"durations": {"metric": "up"}}, "up has no edge"),
    ],
)
def test_a_wrong_row_is_told_by_name(change: Mapping[str, Any], said: str) -> None:
    """What it is, what there is."""
    raw = slos().model_dump(by_alias=True)
    raw["objectives"] = [{**raw["objectives"][0], **change}]
    assert said in "\n".join(refused(raw))


def refused(raw: Mapping[str, Any]) -> list[str]:
    """What is said of a table."""
    try:
        found = Slos.model_validate(raw, strict=False)
    except ValueError as error:
        return [str(error)]
    return list(problems(found, metrics()))
