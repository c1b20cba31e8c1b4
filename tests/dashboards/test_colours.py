"""Colours stay apart for every kind of colour vision."""

import itertools

import pytest

from model.dashboards.colours import LINES, MOODS

# What each kind sees of linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.
KINDS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
# sRGB's primaries in XYZ, by the white of daylight; then a difference of CIE 1976 that is seen at a glance.
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)
LEAST = 15


def times(matrix: tuple[tuple[float, ...], ...], colour: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(part * value for part, value in zip(row, colour, strict=True)) for row in matrix)


def linear(colour: str) -> tuple[float, ...]:
    """A colour's parts of light."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def seen(colour: str, kind: str) -> tuple[float, ...]:
    """A colour in CIE L*a*b* as a kind of vision sees it."""
    felt = tuple(min(1.0, max(0.0, part)) for part in times(KINDS[kind], linear(colour)))
    x, y, z = (_root(value / white) for value, white in zip(times(XYZ, felt), WHITE, strict=True))
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116


def difference(one: str, other: str, kind: str) -> float:
    pairs = zip(seen(one, kind), seen(other, kind), strict=True)
    return sum((left - right) ** 2 for left, right in pairs) ** 0.5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("colours", [tuple(MOODS.values()), LINES], ids=["moods", "lines"])
def test_every_two_are_told_apart(kind: str, colours: tuple[str, ...]) -> None:
    """Good from warning from bad, and each line from each other."""
    near = [pair for pair in itertools.combinations(colours, 2) if difference(*pair, kind) < LEAST]
    assert near == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_looks_like_a_mood(kind: str) -> None:
    """A service is drawn in no colour that says how it is."""
    pairs = itertools.product(LINES, MOODS.values())
    assert [pair for pair in pairs if difference(*pair, kind) < LEAST] == []


def contrast(one: str, other: str) -> float:
    """As the accessibility guidelines of the web reckon it."""
    dark, light = sorted(times(XYZ, linear(colour))[1] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["#FFFFFF", "#181B1F"])
def test_every_line_is_seen_on_both_grounds(ground: str) -> None:
    """On Grafana's light theme and on its dark one, which nearly hide yellow and black."""
    assert [colour for colour in (*LINES, *MOODS.values()) if contrast(colour, ground) < 1.8] == []
    assert contrast("#F0E442", "#FFFFFF") < 1.8 > contrast("#000000", "#181B1F")


def test_the_usual_green_and_red_are_not() -> None:
    """The check turns red on what Grafana takes by itself."""
    assert difference("#73BF69", "#F2495C", "deuteranopia") < LEAST
    assert difference("#73BF69", "#F2495C", "all") > LEAST
