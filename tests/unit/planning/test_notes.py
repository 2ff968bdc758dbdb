"""What a person writes into the speaker notes decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.planning.notes import parse_notes
from pipeline.records import NotesOverride


@pytest.mark.parametrize(
    ("notes", "illustrate"),
    [
        ("illustrate: no", False),
        ("illustrate: yes", True),
        ("Illustrate: NO.", False),
        ("  illustrate :yes  ", True),
        ("Say hello.\nillustrate: no\nThen go on.", False),
        ("Say hello.\villustrate: no", False),
        ("illustrate: yes\nillustrate: no", False),
        ("We illustrate: no more words", None),
        ("illustrate: maybe", None),
        ("illustrate: not", None),
        ("", None),
    ],
)
def test_a_line_of_its_own_switches_a_slide(notes, illustrate):
    assert parse_notes(notes).illustrate is illustrate


@pytest.mark.parametrize(
    ("notes", "style"),
    [
        ("style: watercolour", "watercolour"),
        ("Style: Line-Art.", "line-art"),
        ("my style: bold", ""),
        ("style: a b", ""),
    ],
)
def test_a_style_can_be_named(notes, style):
    assert parse_notes(notes).style == style


@pytest.mark.parametrize(
    ("notes", "prompt"),
    [
        ("Image prompt: a red fox", "a red fox"),
        ("IMAGE PROMPT:a red fox", "a red fox"),
        ("DALL-E Prompt: a red fox", "a red fox"),
        ("DALL·E prompt: a red fox", "a red fox"),
        ("DALLE prompt: a red fox", "a red fox"),
        ("DALL-E Prompt:\na red fox", "a red fox"),
        ("DALL-E Prompt:\n\n\na red fox\nin the snow", "a red fox in the snow"),
        ("Image prompt: a red fox\nin the snow\n\nNow tell the joke.", "a red fox in the snow"),
        ("Слайд 10: Лиса\n\nСодержание:\nЛисы…\n\nDALL-E Prompt:\nRED FOX, isometric", "RED FOX, isometric"),
        ("Image prompt: a fox\nstyle: photo\nin the snow", "a fox"),
        ("Image prompt: a fox\nImage prompt: a bear", "a bear"),
        ("Image prompt:", ""),
        ("Image prompt:\n\n", ""),
        ("The image prompt: is a thing", ""),
    ],
)
def test_a_ready_prompt_follows_its_label(notes, prompt):
    assert parse_notes(notes).prompt == prompt


def test_all_of_them_together():
    notes = "Greet.\nillustrate: yes\nstyle: photo\nImage prompt:\na red fox\n\nGo on."
    assert parse_notes(notes) == NotesOverride(illustrate=True, style="photo", prompt="a red fox")


@given(st.text())
def test_no_notes_break_it(notes):
    assert "\n" not in parse_notes(notes).prompt


@pytest.mark.parametrize(
    "line",
    ["illustrate: no!", "illustrate: no, thanks", "- illustrate: no", "**illustrate: no**", 'illustrate: "no"',
     "illustrate: false", "\u200billustrate: no", "• Illustrate : No.", "illustrate：no"],
)  # fmt: skip
def test_a_no_is_heard_however_it_is_written(line):
    assert parse_notes(f"Greet them.\n{line}\nGo on.").illustrate is False


@pytest.mark.parametrize("label", ["* Image prompt:", "**DALL-E Prompt:**", "DALL\u2011E prompt:", "DALL-E 3 Prompt:"])
def test_a_prompt_is_found_however_its_label_is_written(label):
    assert parse_notes(f"{label} A fox in a forest").prompt == "A fox in a forest"


def test_words_that_only_begin_alike_decide_nothing():
    assert parse_notes("illustrate: nothing here yet").illustrate is None
