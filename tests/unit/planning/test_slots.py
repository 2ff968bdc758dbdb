"""A picture takes an empty picture placeholder, else the largest free room, and never covers anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import Layout
from pipeline.planning.rectangles import meets
from pipeline.planning.slots import MAX_RATIO, find_slot
from pipeline.records import ShapeKind, SlotKind
from tests.builders import INCH, box, deck, shape, slide

BODY = shape(box(0.5, 1.5, 6, 5), placeholder="body")
FRAME = shape(box(7, 1.5, 5, 5), ShapeKind.OTHER, 5, placeholder="pic", is_empty=True)


def slot_of(one, **layout):
    return find_slot(one, deck(one), Layout(**layout))


def test_an_empty_picture_placeholder_comes_first():
    slot = slot_of(slide(2, BODY, FRAME))
    assert (slot.kind, slot.box, slot.shape_id) == (SlotKind.PLACEHOLDER, FRAME.box, 5)


def test_the_largest_of_several_is_taken():
    small = shape(box(7, 6.6, 2, 0.8), ShapeKind.OTHER, 6, placeholder="pic", is_empty=True)
    assert slot_of(slide(2, small, FRAME, BODY)).shape_id == 5


@pytest.mark.parametrize(
    "frame",
    [
        replace(FRAME, is_empty=False),
        replace(FRAME, placeholder="body"),
        replace(FRAME, box=box(-1, 1, 4, 4)),
        replace(FRAME, box=box(10, 1, 4, 4)),
        replace(FRAME, box=box(5, 2, 4, 4)),
        replace(FRAME, box=box(7, 2, 0, 4)),
        replace(FRAME, box=None),
        replace(FRAME, shape_id=2),
    ],
    ids=["full", "not for pictures", "off the left", "off the right", "under text", "no width", "no box", "shared id"],
)
def test_a_placeholder_that_cannot_hold_a_picture_is_not_filled(frame):
    slot = slot_of(slide(2, BODY, frame))
    assert slot is None or slot.kind is SlotKind.FREE


def test_else_the_largest_free_rectangle_beside_the_text():
    slot = slot_of(slide(2, BODY))
    assert slot.kind is SlotKind.FREE
    assert slot.shape_id is None
    assert slot.box.left_emu == round(6.65 * INCH)
    assert slot.box.right_emu == deck().width_emu - round(0.3 * INCH)


def test_gap_and_margin_are_kept_as_set():
    slot = slot_of(slide(2, BODY), margin_in=1, gap_in=0.5)
    assert slot.box.left_emu == 7 * INCH
    assert slot.box.top_emu >= INCH
    assert slot.box.bottom_emu <= deck().height_emu - INCH


def test_no_room_gives_no_slot():
    assert slot_of(slide(2, shape(box(0.5, 0.5, 12.3, 6.5)))) is None


def test_room_below_the_smallest_share_is_no_room():
    assert slot_of(slide(2, BODY), min_slot_share=0.2) is not None
    assert slot_of(slide(2, BODY), min_slot_share=0.5) is None
    assert slot_of(slide(2), margin_in=2, min_slot_share=0.9) is None, "even an empty slide can be too small"


def test_margins_wider_than_the_slide_leave_no_room():
    tiny = replace(deck(), width_emu=3 * INCH, height_emu=3 * INCH)
    assert find_slot(slide(2), tiny, Layout(margin_in=2)) is None


def test_the_layouts_art_is_kept_clear_of_but_not_its_backdrop():
    stripe, backdrop = box(6.7, 0, 6.6, 7.5), box(0, 0, 13.333, 7.5)
    assert slot_of(slide(2, BODY, art=(stripe,))) is None
    assert slot_of(slide(2, BODY, art=(backdrop,))) == slot_of(slide(2, BODY))


def test_a_line_without_a_height_is_not_crossed():
    line = shape(box(7, 4, 5, 0), ShapeKind.CONNECTOR, 8)
    slot = slot_of(slide(2, BODY, line))
    assert not meets(slot.box, line.box)


BOXES = st.builds(box, *[st.floats(-3, 14)] * 2, *[st.floats(0, 9)] * 2)


@given(st.lists(BOXES, max_size=12), st.floats(0, 1), st.floats(0, 1))
def test_a_free_slot_covers_no_shape_stays_on_the_slide_and_is_a_shape_models_make(boxes, margin_in, gap_in):
    one = slide(2, *[shape(where, shape_id=number) for number, where in enumerate(boxes)])
    slot = slot_of(one, margin_in=margin_in, gap_in=gap_in)
    if slot is None:
        return
    assert not any(meets(slot.box, where) for where in boxes)
    assert slot.box.left_emu >= 0
    assert slot.box.top_emu >= 0
    assert slot.box.right_emu <= deck().width_emu
    assert slot.box.bottom_emu <= deck().height_emu
    assert 1 / MAX_RATIO - 1e-5 <= slot.box.aspect_ratio <= MAX_RATIO + 1e-5
    assert slot.box.area_emu2 >= 0.08 * deck().width_emu * deck().height_emu * 0.9999
