"""Same thing, same colour; and colours that everybody can tell apart."""

from itertools import combinations

import pytest

from app import colours
from app.colours import GREY, OTHER, PALETTE
from app.server import THEMES

# Machado, Oliveira, Fernandes 2009, severity 1: how linear RGB looks to dichromats.
SIGHT = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_CONES = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566), (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
TO_OKLAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099), (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip
TELLABLE = 0.08  # distance in OKLab; 0.02 is just noticed side by side

Vector = tuple[float, ...]


def times(matrix: tuple[Vector, ...], vector: Vector) -> Vector:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def linear(colour: str) -> Vector:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def seen(colour: str, sight: tuple[Vector, ...]) -> Vector:
    light = tuple(min(1.0, max(0.0, part)) for part in times(sight, linear(colour)))
    return times(TO_OKLAB, tuple(part ** (1 / 3) for part in times(TO_CONES, light)))


def distance(one: str, other: str, sight: tuple[Vector, ...]) -> float:
    return sum((a - b) ** 2 for a, b in zip(seen(one, sight), seen(other, sight), strict=True)) ** 0.5


def luminance(colour: str) -> float:
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_two_can_be_told_apart(theme: str, sight: str) -> None:
    for one, other in combinations(PALETTE, 2):
        assert distance(one.on(theme), other.on(theme), SIGHT[sight]) > TELLABLE, (one, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_stands_out_from_its_page(theme: str) -> None:
    for colour in (*PALETTE, GREY):
        assert contrast(colour.on(theme), THEMES[theme]["backgroundColor"]) >= 2.98


def test_a_name_keeps_its_colour_whoever_stands_beside_it() -> None:
    alone = colours.assign(["anthropic"])["anthropic"]
    assert colours.assign(["zeta", "anthropic", "openai", "azure"])["anthropic"] == alone


def test_no_two_of_eight_are_alike() -> None:
    for names in (["a", "b", "c", "d", "e", "f", "g", "h"], ["gemini", "google", "vertex_ai", "openai"]):
        given = colours.assign(names)
        assert len({given[name] for name in names}) == len(names)


def test_the_order_of_names_does_not_matter() -> None:
    names = ["acme", "openai", "deepseek", "xai"]
    assert colours.assign(names) == colours.assign(reversed(names))


def test_what_is_kept_gives_way_to_nobody() -> None:
    kept = {"zeta": colours.assign(["openai"])["openai"], "eta": colours.PINK}
    given = colours.assign(["openai", "zeta", "acme"], kept)
    assert given["zeta"] == kept["zeta"]
    assert "eta" not in given
    assert len({*given.values()}) == 4


def test_the_rest_is_grey() -> None:
    assert colours.assign(["openai", OTHER])[OTHER] == GREY
