"""Slides of one layout get one slot where it fits them, and pictures keep to one side of the deck."""

from __future__ import annotations

from dataclasses import replace

from pipeline.config.settings import Layout
from pipeline.planning.slots import choose_slots
from pipeline.records import SlotKind
from tests.builders import INCH, box, deck, shape, slide

GUIDES = (box(0.92, 0.4, 11.5, 1.2), box(0.92, 1.8, 11.5, 4.8))
HEADING = shape(box(0.92, 0.4, 11.5, 1.2), shape_id=90, ink=(box(1, 0.7, 5, 0.6),), placeholder="title", text="Rivers")


def bullets(number, *widths, left=1.0, **changes):
    lines = tuple(box(left, 1.9 + 0.6 * row, width, 0.35) for row, width in enumerate(widths))
    text = shape(GUIDES[1], shape_id=91, ink=lines, placeholder="body", text="words")
    return slide(number, HEADING, text, guides=GUIDES, **changes)


def boxes_of(*slides):
    slots = choose_slots(slides, replace(deck(), slides=slides), Layout())
    return {number: slot.box for number, slot in slots.items()}


def test_slides_of_one_layout_share_the_slot_that_fits_all():
    found = boxes_of(bullets(2, 4, 4.5, 3), bullets(3, 5, 4), bullets(4, 3, 5.4, 2, 2), bullets(5, 4.2))
    assert len(set(found.values())) == 1
    assert found[2].left_emu >= 6.4 * INCH


def test_a_slide_it_does_not_fit_has_its_own_and_spoils_it_for_none():
    crowded = bullets(5, 9, 9.5, 9)
    found = boxes_of(bullets(2, 4, 4.5, 3), bullets(3, 5, 4), bullets(4, 3, 5.4, 2, 2), crowded)
    assert found[2] == found[3] == found[4]
    assert found[5] != found[2]
    assert found[2].left_emu < 7 * INCH


def test_nobody_makes_do_with_a_stamp_for_the_sake_of_another():
    roomy, cramped = bullets(2, 3, 3.2), bullets(3, 8.8, 8.9, 8.7, 9, 8.8, 8.9)
    found = boxes_of(roomy, cramped)
    assert found[2].area_emu2 > 1.4 * found[3].area_emu2


def test_another_layout_is_another_matter():
    other = bullets(3, 5.4, layout_id="other")
    found = boxes_of(bullets(2, 4), other)
    assert found[2] == boxes_of(bullets(2, 4))[2]
    assert found[3] == boxes_of(other)[3]


def test_a_slide_that_could_have_its_picture_on_either_side_takes_the_decks():
    middle = slide(9, shape(box(5.17, 2, 3, 3), text="words"), layout_id="middle")
    left = [bullets(number, 4, 4.5, left=7.8) for number in range(2, 5)]
    right = [bullets(number, 4, 4.5) for number in range(2, 5)]
    assert boxes_of(*left, middle)[9].right_emu <= 5.17 * INCH
    assert boxes_of(*right, middle)[9].left_emu >= 8.17 * INCH


def test_where_nothing_else_decides_a_readers_direction_does():
    """Thousandths of an inch do not: 5.17 inches are left on the left, 5.163 on the right."""
    middle = slide(9, shape(box(5.17, 2, 3, 3), text="words"), layout_id="middle")
    assert boxes_of(middle)[9].left_emu >= 8.17 * INCH
    assert boxes_of(replace(middle, language="he"))[9].right_emu <= 5.17 * INCH


def test_a_marked_place_is_no_one_elses():
    frame = shape(box(7, 1.8, 5, 4.8), shape_id=5, placeholder="pic", is_empty=True)
    marked = slide(2, HEADING, frame, guides=GUIDES)
    slides = marked, bullets(3, 4)
    slots = choose_slots(slides, replace(deck(), slides=slides), Layout())
    assert slots[2].kind is SlotKind.PLACEHOLDER
    assert slots[3].kind is SlotKind.FREE
