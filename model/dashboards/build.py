"""The dashboards of a stack as files."""

from collections.abc import Collection, Mapping

from config.files import DataError
from config.settings import Settings
from model.dashboards import api, canvas, data, llm, overview, resilience, workers
from model.dashboards.document import ANNOTATIONS, Context, text
from model.dashboards.limits import Thresholds
from model.dashboards.lint import problems, size_problem
from model.dashboards.stack import annotations_of, jobs_of, of_stack
from model.rules.groups import recorded_labels
from model.rules.shapes import RuleGroup
from model.rules.stack import Stack

BOARDS = tuple(
    each.BOARD for each in (overview, api, llm, data, workers, canvas, resilience)
)  # fmt: skip


def dashboards(
    settings: Settings, groups: Mapping[str, RuleGroup], jobs: Collection[str]
) -> Mapping[str, str]:
    """The JSON of each dashboard by its uid, for a stack that scrapes `jobs` and has these rules.

    Raises:
        DataError: a panel names what nobody exposes, or is wrong otherwise; a file is too big.
    """
    wrong = [found for board in BOARDS for found in problems(board, recorded_labels())]
    if wrong:
        raise DataError("\n".join(wrong))
    stack = Stack(settings, jobs, groups)
    context = Context(
        environment=settings.environment,
        runbooks=settings.alerting.runbook_base.rstrip("/"),
        thresholds=Thresholds(groups, settings.alerting.token_budget),
        annotations=annotations_of(ANNOTATIONS, stack),
    )
    found = {}
    for board in BOARDS:
        own = of_stack(board, stack)
        found[board.name.uid] = text(own, jobs_of(own, stack), context)
    too_big = [told for uid, written in found.items() if (told := size_problem(uid, written))]
    if too_big:
        raise DataError("\n".join(too_big))
    return found
