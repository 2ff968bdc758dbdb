"""Colours and shapes are told in words a language model understands."""

from dataclasses import replace

import pytest

from pipeline.prompting.facts import name_colour, name_shape, slide_facts
from tests.builders import brief


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ("FFFFFF", "white"),
        ("000000", "black"),
        ("A5A5A5", "grey"),
        ("44546A", "dark blue"),
        ("4472C4", "blue"),
        ("ED7D31", "orange"),
        ("FFC000", "yellow"),
        ("70AD47", "green"),
        ("008080", "dark teal"),
        ("7B3F00", "brown"),
        ("F4B6C2", "light pink"),
        ("C00000", "red"),
        ("FF0000", "red"),
    ],
)
def test_a_colour_has_a_rough_name(rgb, name):
    assert name_colour(rgb) == name


@pytest.mark.parametrize(
    ("aspect_ratio", "name"),
    [
        (1.78, "wide 16:9"),
        (1.3, "wide 4:3"),
        (1.02, "square 1:1"),
        (0.67, "tall 2:3"),
        (0.05, "tall 1:4"),
        (30, "wide 4:1"),
    ],
)
def test_a_shape_is_named_by_the_nearest_common_one(aspect_ratio, name):
    assert name_shape(aspect_ratio) == name


def test_only_a_cover_is_told_that_words_will_stand_on_it():
    assert "behind the slide's title" in slide_facts(brief(is_cover=True))["cover"]
    assert slide_facts(brief())["cover"] == ""


@pytest.mark.parametrize(("ground", "tones"), [("FFFFFF", "pale tones"), ("0B1B3A", "dark tones")])
def test_a_cover_is_asked_for_as_light_or_dark_as_the_slide_is(ground, tones):
    on = replace(brief().theme, background=ground)
    assert tones in slide_facts(brief(is_cover=True, theme=on))["cover"]
