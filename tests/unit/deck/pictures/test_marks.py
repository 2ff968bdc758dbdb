from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.deck.pictures.marks import Mark, read_mark, write_mark
from tests.builders import box

MARK = Mark(content="0123456789", look="0123456789abcdef", place=box(1, 2, 3, 4), last_slide_id=260)


def test_a_mark_is_read_as_it_was_written() -> None:
    assert read_mark(write_mark(MARK)) == MARK


def test_a_place_left_of_the_slide_is_kept() -> None:
    mark = replace(MARK, place=box(-1, -0.5, 3, 4))
    assert read_mark(write_mark(mark)) == mark


def test_a_copy_of_the_shape_keeps_its_mark() -> None:
    assert read_mark(f"Copy of {write_mark(MARK)} 2") == MARK


@pytest.mark.parametrize("name", ["", "Picture 3", "Illustration 4", "Illustration (deck-illustrator)"])
def test_other_names_hold_no_mark(name: str) -> None:
    assert read_mark(name) is None


def test_another_programs_rounding_is_no_move() -> None:
    near = replace(MARK.place, left_emu=MARK.place.left_emu + 400, width_emu=MARK.place.width_emu - 700)
    assert MARK.is_at(near)


@pytest.mark.parametrize("edge", ["left_emu", "top_emu", "width_emu", "height_emu"])
def test_a_tenth_of_an_inch_is_a_move(edge: str) -> None:
    moved = replace(MARK.place, **{edge: getattr(MARK.place, edge) + 91_440})
    assert not MARK.is_at(moved)
