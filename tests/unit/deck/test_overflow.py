"""A text that runs out of its box keeps its room too, so that no picture lands on it."""

from __future__ import annotations

import pytest
from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.util import Inches, Pt

from pipeline.deck.reading import read_deck

SHORT = "A few words"
LONG = "Many more words than such a small box can ever hold at this size, and then some more of them"


@pytest.fixture
def read(tmp_path):
    """The one shape of a slide with one text box of 4 by 1 inches, 3 inches from the top left corner each way."""

    def build(text, size=None, anchor=MSO_ANCHOR.TOP, fit=MSO_AUTO_SIZE.NONE, wrap=True, rotation=0):
        presentation = Presentation()
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        box = slide.shapes.add_textbox(Inches(3), Inches(3), Inches(4), Inches(1))
        box.rotation = rotation
        frame = box.text_frame
        frame.text, frame.word_wrap, frame.auto_size, frame.vertical_anchor = text, wrap, fit, anchor
        if size:
            frame.paragraphs[0].runs[0].font.size = Pt(size)
        path = tmp_path / "deck.pptx"
        presentation.save(str(path))
        return read_deck(path, Presentation(str(path))).slides[0].shapes[0]

    return build


def test_text_that_fits_takes_no_more_than_its_box(read):
    shape = read(SHORT)
    assert shape.ink[0] == shape.box


def test_text_set_from_the_top_runs_out_below(read):
    shape = read(LONG, size=28)
    assert shape.ink[0].top_emu == shape.box.top_emu
    assert shape.ink[0].bottom_emu > shape.box.bottom_emu + Inches(0.5)


def test_text_set_from_the_bottom_runs_out_above(read):
    shape = read(LONG, size=28, anchor=MSO_ANCHOR.BOTTOM)
    assert shape.ink[0].bottom_emu == shape.box.bottom_emu
    assert shape.ink[0].top_emu < shape.box.top_emu


def test_centred_text_runs_out_both_ways(read):
    shape = read(LONG, size=28, anchor=MSO_ANCHOR.MIDDLE)
    assert shape.ink[0].top_emu < shape.box.top_emu
    assert shape.ink[0].bottom_emu > shape.box.bottom_emu


def test_larger_letters_need_more_room(read):
    assert read(LONG, size=40).ink[0].height_emu > read(LONG, size=24).ink[0].height_emu


def test_east_asian_letters_are_a_full_square_wide(read):
    assert read("字" * 60, size=20).ink[0].height_emu > read("x" * 60, size=20).ink[0].height_emu


def test_lines_that_are_not_wrapped_run_out_sideways(read):
    shape = read(LONG, size=28, wrap=False)
    assert shape.ink[0].width_emu > shape.box.width_emu


def test_text_that_shrinks_to_fit_stays_inside(read):
    shape = read(LONG, size=28, fit=MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE)
    assert shape.ink[0] == shape.box


def test_a_turned_text_is_left_at_its_box(read):
    shape = read(LONG, size=28, rotation=30)
    assert shape.ink[0] == shape.box


def test_a_placeholder_takes_its_letter_size_from_the_master(tmp_path):
    """The default template's titles are 44 points: three lines of them do not fit a box of one inch."""
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = Inches(1), Inches(1), Inches(5), Inches(1)
    title.text_frame.auto_size = MSO_AUTO_SIZE.NONE
    title.text = "A title that is far too long for its box"
    path = tmp_path / "deck.pptx"
    presentation.save(str(path))
    shape = read_deck(path, Presentation(str(path))).slides[0].shapes[0]
    assert shape.ink[0].height_emu > Inches(1.8)
