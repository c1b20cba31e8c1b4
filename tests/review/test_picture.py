"""A reader sees the risk without scrolling: the comment in a real browser.

The picture in the README is made by `PICTURE=docs/review.png pytest tests/review/test_picture.py`.
"""

import os
import shutil
from pathlib import Path

import pytest
from browser import HEIGHT, browser, page, photograph, risk_ends
from checkout import ROOT
from preview_samples import PROD, digest

from review.comment import Options, comment
from review.preview import previews

LICENCE = "neo4j.acceptLicense: got nothing; tier 1year runs Neo4j Enterprise"
PICTURE = ROOT / "docs/review.png"
MOST_BYTES = 300_000

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(browser() is None, reason="no Chromium: `apt-get install chromium`"),
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a comment with much at risk: to tier 1year, without the licence."""
    text = digest(config={**PROD, "axiom-monitoring:tier": "1year"}, errors=[LICENCE])
    file = Path(tmp_path_factory.mktemp("page")) / "page.html"
    file.write_text(page(comment(previews(text), Options())))
    return file


def test_the_risk_is_seen_without_scrolling(shown: Path) -> None:
    """All of it, its ways folded, above the edge of a usual window."""
    assert 0 < risk_ends(shown) < HEIGHT


def test_a_comment_without_risk_has_no_such_part(tmp_path: Path) -> None:
    """The measure is not true of everything."""
    (tmp_path / "page.html").write_text(page(comment(previews(digest()), Options())))
    assert risk_ends(tmp_path / "page.html") == -1
    (tmp_path / "far.html").write_text(page("x\n\n" * 100 + "#### At risk\n\n- y"))
    assert risk_ends(tmp_path / "far.html") > HEIGHT


def test_it_can_be_photographed(shown: Path, tmp_path: Path) -> None:
    """As the picture in the README, which is no larger than a picture need be."""
    photograph(shown, tmp_path / "review.png")
    made = (tmp_path / "review.png").read_bytes()
    assert made.startswith(b"\x89PNG")
    assert 10_000 < len(made) < MOST_BYTES
    if os.environ.get("PICTURE"):
        shutil.copy(tmp_path / "review.png", ROOT / os.environ["PICTURE"])
    assert PICTURE.stat().st_size < MOST_BYTES
