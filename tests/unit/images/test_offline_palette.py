"""What a user may rely on of the colours: they are the deck's own, and can be told apart."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.images import palette
from pipeline.images.palette import Palette, lightness, parse
from pipeline.records import Theme
from tests.unit.images.test_offline import COLOUR, OFFICE


def choose(theme: Theme, seed: int) -> Palette:
    return palette.choose(theme, Random(seed))


@pytest.mark.parametrize("seed", range(20))
def test_the_leading_colour_is_one_of_the_decks_accents(seed: int) -> None:
    main = choose(OFFICE, seed).main
    nearest = min(max(abs(a - b) for a, b in zip(main, parse(accent), strict=True)) for accent in OFFICE.accents)
    assert nearest < 48


def test_a_grey_accent_never_leads_where_the_deck_has_colours() -> None:
    leading = [choose(OFFICE, seed).main for seed in range(50)]
    assert all(max(colour) - min(colour) > 40 for colour in leading)


def test_a_grey_deck_gets_grey_pictures() -> None:
    grey = replace(OFFICE, accents=("7F7F7F", "A5A5A5"))
    assert all(max(c) - min(c) <= 3 for c in choose(grey, 1).tints)


def test_neon_accents_are_calmed() -> None:
    neon = replace(OFFICE, accents=("FF00FF",))
    red, green, blue = choose(neon, 1).main
    assert max(red, green, blue) - min(red, green, blue) < 200


@pytest.mark.parametrize("seed", range(8))
def test_an_accent_that_is_the_background_over_again_is_left_out(seed: int) -> None:
    blue = replace(OFFICE, background="0078D7", accents=("0078D7", "1080E0", "FFB900"))
    red, _, lowest = choose(blue, seed).main
    assert red > lowest


@pytest.mark.parametrize("background", ["FFFFFF", "E8F0E8", "0078D7", "101018"])
def test_a_card_that_stands_alone_is_told_from_the_slide(background: str) -> None:
    colours = palette.choose(replace(OFFICE, background=background), Random(1), is_alone=True)
    assert colours.ground == parse(background)
    assert max(abs(a - b) for a, b in zip(colours.paper, colours.ground, strict=True)) >= 16


def test_a_deck_without_accents_still_gets_a_colour() -> None:
    main = choose(replace(OFFICE, accents=()), 1).main
    assert max(main) - min(main) > 40


@given(background=COLOUR, text=COLOUR, accents=st.lists(COLOUR, max_size=6), seed=st.integers(0, 99))
def test_an_icon_always_stands_out_from_what_it_lies_on(
    background: str, text: str, accents: list[str], seed: int
) -> None:
    chosen = choose(replace(OFFICE, background=background, text=text, accents=tuple(accents)), seed)
    for fill in (chosen.main, chosen.second, chosen.paper):
        assert abs(lightness(chosen.on(fill)) - lightness(fill)) > 0.12
    assert abs(lightness(chosen.on_paper(chosen.main)) - lightness(chosen.paper)) > 0.12


@given(accent=COLOUR, seed=st.integers(0, 99))
def test_a_dark_deck_gets_dark_pictures_and_a_light_deck_light_ones(accent: str, seed: int) -> None:
    dark = choose(replace(OFFICE, background="101018", accents=(accent,)), seed)
    light = choose(replace(OFFICE, background="FFFFFF", accents=(accent,)), seed)
    assert lightness(dark.ground) < 0.4
    assert lightness(light.ground) > 0.85
