"""Whole parts, in their order, within the limit; what is left out is counted."""

from collections.abc import Iterator

import pytest

from review.fit import LIMIT, Part, fitted
from review.markdown import size


def part(count: int, length: int = 100, tail: str = "") -> Part:
    """A part of blocks that are numbered."""
    return Part(
        heading="**h**", blocks=(f"- {n:05} {'x' * length}" for n in range(count)), count=count, tail=tail
    )


@pytest.mark.parametrize("count", [0, 1, 100, 600, 650, 100_000])
def test_it_fits_with_whole_blocks_and_a_count(count: int) -> None:
    """What is shown and what is counted add up, and nothing is cut in the middle."""
    text = fitted("head", [part(count)], "foot", where="[the whole](x)")
    assert size(text) <= LIMIT
    assert text.startswith("head")
    assert text.endswith("foot\n")
    blocks = [line for line in text.splitlines() if line.startswith("- ")]
    assert all(len(line) == 108 for line in blocks)
    left = [line for line in text.splitlines() if "Left out" in line]
    counted = int(left[0].split()[3].replace(",", "")) if left else 0
    assert len(blocks) + counted == count
    assert all("[the whole](x)" in line for line in left)


def test_a_part_is_closed_also_where_it_is_cut() -> None:
    """An open `<details>` would swallow what follows."""
    text = fitted("h", [part(10_000, tail="</details>"), part(3)], "f")
    assert text.count("</details>") == 1
    assert size(text) <= LIMIT


def test_blocks_beyond_the_limit_are_not_made() -> None:
    """What nobody reads costs nothing."""
    made = []

    def blocks() -> Iterator[str]:
        for number in range(100_000):
            made.append(number)
            yield "x" * 1000

    fitted("h", [Part(heading="p", blocks=blocks(), count=100_000)], "f")
    assert len(made) < 70


def test_without_a_limit_everything_is_written() -> None:
    """For the whole text."""
    assert len(fitted("h", [part(5000)], "f", limit=None)) > 500_000


def test_a_head_that_cannot_fit_is_a_mistake() -> None:
    """It is ours, and bounded."""
    with pytest.raises(ValueError, match="longer than a comment"):
        fitted("x" * LIMIT, [], "f")
