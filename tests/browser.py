"""A comment in a real browser, laid out about as GitHub lays it out."""

import html
import re
import shutil
import subprocess
from pathlib import Path

from markdown_it import MarkdownIt

WIDTH, HEIGHT = 1000, 900
_STYLE = """
body { font: 14px/1.5 -apple-system, "DejaVu Sans", sans-serif; margin: 16px; color: #1f2328; }
main { border: 1px solid #d1d9e0; border-radius: 6px; padding: 4px 16px 12px; max-width: 900px; }
code, pre { font: 12px/1.45 "DejaVu Sans Mono", monospace; background: #eff1f3; border-radius: 6px; }
code { padding: .1em .4em; } pre { padding: 10px; overflow: auto; } pre code { padding: 0; }
h3 { font-size: 18px; margin: 12px 0 8px; } h4 { font-size: 15px; margin: 14px 0 6px; }
p { margin: 6px 0; } ul { margin: 4px 0; padding-left: 24px; } li { margin: 3px 0; }
table { border-collapse: collapse; } th, td { border: 1px solid #d1d9e0; padding: 3px 10px; }
"""
# Where the last of what is at risk ends, for whoever reads the page back.
_MEASURE = """
const heading = [...document.querySelectorAll('h4')].find(each => each.textContent === 'At risk');
const end = heading ? heading.nextElementSibling.getBoundingClientRect().bottom : -1;
document.body.dataset.riskEnds = Math.round(end);
"""


def browser() -> str | None:
    """Chromium, where it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def page(markdown: str) -> str:
    """A page that shows the comment."""
    body = MarkdownIt("commonmark").enable("table").render(markdown)
    return (
        f"<!doctype html><meta charset='utf-8'><title>{html.escape('review')}</title><style>{_STYLE}</style>"
        f"<body><main>{body}</main><script>{_MEASURE}</script></body>"
    )


def _run(file: Path, *arguments: str) -> str:
    found = browser()
    assert found, "no Chromium here"
    flags = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--window-size={WIDTH},{HEIGHT}",
    )
    profile = f"--user-data-dir={file.parent / 'profile'}"
    done = subprocess.run(
        [found, *flags, profile, *arguments, file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def photograph(file: Path, picture: Path) -> None:
    """What a reader sees of a page without scrolling, as a PNG."""
    _run(file, f"--screenshot={picture}")
    assert picture.is_file()


def risk_ends(file: Path) -> int:
    """How far down the part "At risk" goes, in pixels; -1 where there is none."""
    found = re.search(r'data-risk-ends="(-?\d+)"', _run(file, "--dump-dom"))
    assert found, "the page was not measured"
    return int(found[1])
