"""docs/logs.md: current, and each alert that it names is one."""

import re
from pathlib import Path

import pytest

from config.data import alert_files
from config.scalars import Tier
from model.capacity import Scene
from model.capacity.losses import losses
from render import logs
from render.capacity import scene

GENERATED = {"ServiceAbsent", "TargetAbsent"}


def test_the_page_is_current() -> None:
    """`make docs` would change nothing."""
    assert logs.page() == Path("docs/logs.md").read_text()


def test_an_alert_says_each_loss_or_nobody_does() -> None:
    """By its name."""
    known = set(re.findall(r"alert: (\w+)", "".join(alert_files().values()))) | GENERATED
    for what, *_, told in logs.CASES:
        named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", told))
        assert named or told.startswith("nobody: "), what
        assert named <= known, what


def test_a_bigger_buffer_lasts_longer_and_a_bigger_load_less_long() -> None:
    """In proportion."""
    small, large = (losses(scene(tier)) for tier in (Tier.CURRENT, Tier.TWO_YEARS))
    assert small.buffer_seconds / large.buffer_seconds == pytest.approx(
        large.node_bytes_per_second / small.node_bytes_per_second
    )
    found = scene(Tier.CURRENT)
    logs_ = found.settings.logs.model_copy(update={"buffer_gibibytes": 4})
    doubled = Scene(found.plan, found.settings.model_copy(update={"logs": logs_}))
    assert losses(doubled).buffer_seconds == pytest.approx(2 * small.buffer_seconds)


def test_an_agent_delivers_faster_than_the_busiest_node_writes() -> None:
    """Or a full buffer would never be delivered."""
    assert all(0 < losses(scene(tier)).catch_up_seconds < 86400 for tier in Tier)
