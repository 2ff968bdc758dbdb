"""What a style says of the ground its subjects stand on and of the edges of its pictures."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.prompting.cleaning import clean_prompt
from pipeline.prompting.styles import Finish, Style
from pipeline.prompting.templates import compose_prompt, load_prohibited, load_styles, load_templates
from pipeline.prompting.writing import Limits, ready_prompt
from pipeline.records import Ground, PictureFinish
from tests.builders import THEME, brief

STYLES = load_styles(None)
ALONE = [style for style in STYLES.values() if style.ground == "slide"]
NAVY = "0F172A"


def test_styles_that_draw_a_lone_subject_stand_on_the_slide():
    assert {style.name for style in ALONE} == {"flat", "isometric", "line-art", "3d-render", "clay"}


@pytest.mark.parametrize("style", ALONE, ids=lambda style: style.name)
@pytest.mark.parametrize("ground", Ground)
@pytest.mark.parametrize("background", ["FFFFFF", NAVY, "C0504D"])
def test_a_prompt_that_tells_of_the_ground_is_left_alone_by_cleaning(style, ground, background):
    composed = compose_prompt("A lighthouse guiding ships", style, style.ground_sentence(ground, background))
    assert clean_prompt(composed, deck_text=(), max_chars=1000, prohibited=load_prohibited(None)) == composed


@pytest.mark.parametrize("style", ALONE, ids=lambda style: style.name)
def test_no_suffix_names_a_background_of_its_own(style):
    assert "plain" not in style.suffix
    assert "white" not in style.suffix


def test_the_slides_colour_is_named_in_words_and_digits():
    style = STYLES["flat"]
    assert f"exactly dark blue (#{NAVY})" in style.ground_sentence(Ground.PLAIN, NAVY)
    assert f"transparent background, whole, in colours that stand out on dark blue (#{NAVY})" in style.ground_sentence(
        Ground.TRANSPARENT, NAVY
    )


@pytest.mark.parametrize("ground", Ground)
def test_a_style_that_fills_its_frame_says_nothing_of_a_ground(ground):
    assert STYLES["photo"].ground_sentence(ground, NAVY) == ""


def test_the_ground_is_told_to_the_writer_and_to_the_image_model():
    told = brief(ground=Ground.PLAIN)
    sentence = STYLES["flat"].ground_sentence(Ground.PLAIN, told.theme.background)
    assert f"Ground: {sentence}" in load_templates(None).slide_part(told)
    prompt = ready_prompt("A lighthouse guiding ships", told, STYLES["flat"], Limits(max_chars=900, prohibited=()))
    assert sentence in prompt.text
    assert sentence not in prompt.subject


def test_a_persons_own_prompt_without_a_style_is_told_no_ground():
    told = brief(ground=Ground.PLAIN)
    assert "solid" not in ready_prompt("A lighthouse", told, None, Limits(max_chars=900, prohibited=())).text


def test_an_outline_takes_the_themes_colour():
    assert Finish(outline="accent").on(THEME).outline == THEME.accents[0]
    assert Finish(outline="text").on(THEME).outline == THEME.text
    assert Finish().on(THEME) == PictureFinish()


def test_shipped_finishes_are_few_and_quiet():
    finished = {name: style.finish for name, style in STYLES.items() if style.finish != Finish()}
    assert set(finished) == {"photo", "paper-cut", "blueprint"}
    assert all(finish.corner_share <= 0.05 for finish in finished.values())
    assert not any(style.finish != Finish() for style in ALONE), "what has no edge cannot be finished"


@pytest.mark.parametrize("wrong", [{"corner_share": 0.7}, {"corners": 0.1}, {"shadow": "hard"}, {"outline": "FF0000"}])
def test_a_finish_nobody_knows_is_refused(wrong):
    with pytest.raises(ValidationError):
        Style(name="x", description="x", suffix="x", guidance="x", finish=wrong)


def test_how_edges_are_finished_changes_nothing_of_what_was_written(tmp_path):
    (tmp_path / "styles").mkdir()
    plain = "name: mine\ndescription: a\nsuffix: b\nguidance: c\n"
    keys = set()
    for finish in ("", "finish: {corner_share: 0.1}\n"):
        (tmp_path / "styles/mine.yaml").write_text(plain + finish, encoding="utf-8")
        keys.add(load_templates(tmp_path).key)
    assert len(keys) == 1
