"""Values of others stay values, whatever they hold."""

import pytest
from preview_samples import leaves, parsed

from review.markdown import code, details, fence, inset, plain, size, table, visible

NASTY = [
    "`", "``", "```", "````\n```", "`a`", " `", "a`", "|", "a|b",
    "<script>alert(1)</script>", "</details>", "<!-- x -->",
    "-->", "@octocat", "#123", "owner/repo#1", "![x](http://e.com/i.png)", "[x](javascript:1)", "http://e.com",
    "www.e.com", "**b**", "_i_", "~~s~~", "# h", "- l", "1. l", "> q", "\\", "\\`", "&lt;", "a\nb",
    "a\r\nb", "\u202egnp.exe", "\u200b",
    "\x00", "\x1b[31m", "\ud800", "\U000e0041", "", "   ", "\t", "`" * 500, "é", "한국어", "😀",
]  # fmt: skip


@pytest.mark.parametrize("value", NASTY)
def test_a_code_span_holds_any_value(value: str) -> None:
    """It is one span in a list item, and nothing else."""
    text = f"- a {code(value)} b"
    text.encode()
    tokens = [token.type for token in leaves(text)]
    assert tokens.count("code_inline") == (1 if visible(value).strip() else 0)
    assert not {"html_inline", "html_block", "image", "link_open", "em_open", "fence"} & set(tokens)
    assert "\u202e" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("value", NASTY)
def test_a_fence_holds_any_lines(value: str) -> None:
    """It ends where it was meant to, also within a list and a part that opens."""
    for text in (fence(value), f"- a\n{inset(fence(value))}", details("s", fence(value))):
        tokens = [token.type for token in leaves(f"{text}\n\nend")]
        assert tokens.count("fence") == 1
        assert parsed(f"{text}\n\nend")[-2].content == "end"


@pytest.mark.parametrize("value", NASTY)
def test_plain_text_has_no_meaning(value: str) -> None:
    """Neither Markdown, nor HTML, nor what GitHub makes of text: mentions, references, links."""
    text = plain(value)
    tokens = leaves(f"x {text} y")
    assert {token.type for token in tokens} <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
    }
    shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert "@o" not in shown
    assert "#1" not in shown
    assert "http://" not in shown
    assert "www.e" not in shown


@pytest.mark.parametrize("value", NASTY)
def test_a_cell_stays_in_its_table(value: str) -> None:
    """Two rows of two cells, whatever is in them."""
    tokens = [token.type for token in parsed(table(("a", "b"), [(plain(value), "1"), ("c", plain(value))]))]
    assert tokens.count("tr_open") == 3
    assert tokens.count("td_open") == 4


@pytest.mark.parametrize("value", NASTY)
def test_a_summary_is_text(value: str) -> None:
    """No value closes it or opens another element."""
    text = details(value, "inside")
    assert text.count("<") == text.count("</") * 2 == 4


def test_long_values_are_cut_and_say_so() -> None:
    """On one line, with how long they are."""
    text = code("x" * 5_000_000)
    assert len(text) < 200
    assert "5,000,000 characters" in text


def test_length_counts_as_the_strictest_reader_does() -> None:
    """A character beyond the first plane is two."""
    assert size("a😀") == 3
