"""Where a designer would put the picture, on slide after slide; never over anything, and the same every time."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.settings import Layout
from pipeline.planning.candidates import MAX_RATIO
from pipeline.planning.rectangles import grown
from pipeline.planning.scene import spacing_of
from pipeline.planning.slots import choose_slots
from pipeline.records import Box, ShapeKind, SlotKind
from tests.builders import INCH, box, deck, shape, slide

TITLE_GUIDE, BODY_GUIDE = box(0.92, 0.4, 11.5, 1.2), box(0.92, 1.8, 11.5, 4.8)
GUIDES = (TITLE_GUIDE, BODY_GUIDE)
BODY = shape(box(0.5, 1.5, 6, 5), placeholder="body")
FRAME = shape(box(7, 1.5, 5, 5), ShapeKind.PICTURE, 5, placeholder="pic", is_empty=True)
few = settings(max_examples=40, deadline=None)


def title(width=5.0, left=1.0, top=0.7):
    return shape(
        TITLE_GUIDE, shape_id=90, ink=(box(left, top, width, 0.6),), placeholder="title", text="How topic 2 works"
    )


def body(*widths, left=1.0, top=1.9, box_=BODY_GUIDE, shape_id=91, step=0.6):
    """A body placeholder with lines so wide, one below the other."""
    lines = tuple(box(left, top + step * number, width, 0.35) for number, width in enumerate(widths))
    return shape(box_, shape_id=shape_id, ink=lines, placeholder="body", text="\n".join("line" for _ in widths))


def slots_of(*slides, canvas=None, **layout):
    return choose_slots(slides, replace(canvas or deck(), slides=slides), Layout(**layout))


def slot_of(one, canvas=None, **layout):
    return slots_of(one, canvas=canvas, **layout).get(one.number)


def share(slot):
    return slot.box.area_emu2 / (deck().width_emu * deck().height_emu)


# What the slide itself marks


def test_an_empty_picture_placeholder_comes_first():
    slot = slot_of(slide(2, BODY, FRAME))
    assert (slot.kind, slot.box, slot.shape_id) == (SlotKind.PLACEHOLDER, FRAME.box, 5)


def test_an_empty_content_placeholder_is_filled_too():
    assert slot_of(slide(2, BODY, replace(FRAME, placeholder="obj"))).kind is SlotKind.PLACEHOLDER


def test_the_best_of_several_placeholders_is_taken():
    small = shape(box(7, 5.2, 3.2, 2.2), ShapeKind.PICTURE, 6, placeholder="pic", is_empty=True)
    large = replace(FRAME, box=box(7, 1.5, 5, 3.5))
    assert slot_of(slide(2, small, large, BODY)).shape_id == 5


@pytest.mark.parametrize(
    "frame",
    [
        replace(FRAME, is_empty=False),
        replace(FRAME, placeholder="body"),
        replace(FRAME, box=box(-1, 1, 4, 4)),
        replace(FRAME, box=box(10, 1, 4, 4)),
        replace(FRAME, box=box(5, 2, 4, 4)),
        replace(FRAME, box=box(7, 2, 0, 4)),
        replace(FRAME, box=box(7, 2, 6, 2)),
        replace(FRAME, box=box(7, 2, 2, 2)),
        replace(FRAME, box=None),
        replace(FRAME, shape_id=2),
    ],
    ids=[
        "full", "not for pictures", "off the left", "off the right", "under text", "no width", "a sliver", "a stamp",
        "no box", "shared id",
    ],
)  # fmt: skip
def test_a_placeholder_that_cannot_hold_a_picture_is_not_filled(frame):
    slot = slot_of(slide(2, BODY, frame))
    assert slot is None or slot.kind is SlotKind.FREE


def test_a_text_that_only_says_image_here_gives_its_place_away():
    stand_in = shape(box(7, 2, 5, 4), shape_id=7, text="Insert image here")
    slot = slot_of(slide(2, BODY, stand_in))
    assert (slot.kind, slot.box, slot.shape_id) == (SlotKind.STAND_IN, stand_in.box, 7)


@pytest.mark.parametrize(
    "changes", [{"text": "Image recognition"}, {"placeholder": "title"}, {"box": box(5, 2, 5, 4)}, {"shape_id": 2}]
)
def test_a_text_that_says_something_or_is_in_use_keeps_its_place(changes):
    stand_in = replace(shape(box(7, 2, 5, 4), shape_id=7, text="[image]"), **changes)
    slot = slot_of(slide(2, BODY, stand_in))
    assert slot is None or slot.kind is SlotKind.FREE


# Room


def test_no_room_gives_no_slot():
    assert slot_of(slide(2, shape(box(0.5, 0.5, 12.3, 6.5)))) is None


def test_room_below_the_smallest_share_is_no_room():
    assert slot_of(slide(2, BODY), min_slot_share=0.2) is not None
    assert slot_of(slide(2, BODY), min_slot_share=0.5) is None
    assert slot_of(slide(2), margin_in=2.0, min_slot_share=0.9) is None, "even an empty slide can be too small"


def test_margins_wider_than_the_slide_leave_no_room():
    tiny = replace(deck(), width_emu=3 * INCH, height_emu=3 * INCH)
    assert slot_of(slide(2), tiny, margin_in=2.0) is not None, "they are kept by half where they leave none"
    assert slot_of(slide(2), replace(tiny, width_emu=2 * INCH), margin_in=2.0) is None


def test_gap_and_margin_are_kept_as_set_where_there_is_room():
    slot = slot_of(slide(2, BODY), margin_in=1.0, gap_in=0.5)
    assert slot.box.left_emu >= 7 * INCH
    assert slot.box.top_emu >= INCH
    assert slot.box.bottom_emu <= deck().height_emu - INCH


def test_where_there_is_no_room_otherwise_the_distances_are_smaller():
    """A strip of 3.1 inches: 2.65 wide at 0.15 and 0.3 inches, 2.86 at the least there may be."""
    crowded = slide(2, shape(box(0, 0, 10.23, 7.5)))
    assert slot_of(crowded, min_slot_share=0.175).box.left_emu >= round(10.38 * INCH)
    tight = slot_of(crowded, min_slot_share=0.19).box
    assert round(10.31 * INCH) - 1 <= tight.left_emu < round(10.38 * INCH)
    assert slot_of(crowded, min_slot_share=0.21) is None


def test_the_layouts_art_is_kept_clear_of_but_not_its_backdrop():
    stripe, backdrop = box(6.7, 0, 6.6, 7.5), box(0, 0, 13.333, 7.5)
    assert slot_of(slide(2, BODY, art=(stripe,))) is None
    assert slot_of(slide(2, BODY, art=(backdrop,))) == slot_of(slide(2, BODY))


def test_a_line_without_a_height_is_not_crossed():
    line = shape(box(7, 4, 5, 0), ShapeKind.CONNECTOR, 8)
    assert not slot_of(slide(2, BODY, line), gap_in=0.0).box.meets(line.box)


# What a designer would do


def test_beside_short_bullets_between_the_bodys_lines():
    slot = slot_of(slide(2, title(), body(4, 4.5, 3, 4, 3.5), guides=GUIDES)).box
    assert slot.left_emu >= 5.5 * INCH
    assert slot.right_emu == BODY_GUIDE.right_emu
    assert slot.top_emu == BODY_GUIDE.top_emu
    assert slot.bottom_emu == BODY_GUIDE.bottom_emu


def test_on_the_left_of_a_body_on_the_right():
    right_body = body(4, 4.5, 3, 4, 3.5, left=7.5, box_=box(7.4, 1.8, 5, 4.8))
    slot = slot_of(slide(2, title(), right_body, guides=GUIDES)).box
    assert slot.right_emu <= 7.5 * INCH
    assert slot.left_emu == BODY_GUIDE.left_emu


def test_sparse_text_at_the_top_left_leaves_the_picture_a_good_part_of_the_slide():
    slot = slot_of(slide(2, title(), body(3, 2.5), guides=GUIDES))
    assert share(slot) >= 0.25
    assert slot.box.top_emu >= TITLE_GUIDE.bottom_emu - INCH // 2


def test_below_two_columns_that_leave_no_room_beside_them():
    left = body(5.4, 5.2, 5.3, box_=box(0.92, 1.8, 5.6, 4.8))
    right = body(5.4, 5.2, 5.3, left=6.8, box_=box(6.8, 1.8, 5.6, 4.8), shape_id=92)
    slot = slot_of(slide(2, title(), left, right, guides=GUIDES)).box
    assert slot.top_emu >= 3.45 * INCH
    assert BODY_GUIDE.left_emu == slot.left_emu or slot.right_emu == BODY_GUIDE.right_emu


def test_above_a_title_at_the_bottom():
    low = replace(title(top=6.2), box=box(0.92, 6, 11.5, 1))
    slot = slot_of(slide(2, low, guides=(box(0.92, 6, 11.5, 1), box(0.92, 0.5, 11.5, 5.2)))).box
    assert slot.bottom_emu <= 6.2 * INCH
    assert slot.top_emu == round(0.5 * INCH)


def test_a_centred_statement_has_the_picture_in_the_middle_below():
    statement = body(8, 6, left=0, top=2.2)
    centred = replace(statement, ink=(box(2.667, 2.2, 8, 0.5), box(3.667, 2.9, 6, 0.5)))
    slot = slot_of(slide(2, title(4, left=4.667), centred, guides=GUIDES)).box
    assert slot.left_emu + slot.right_emu == pytest.approx(deck().width_emu, abs=2)
    assert slot.top_emu >= 3.4 * INCH


def test_not_beside_the_title_where_there_is_room_below_it():
    slot = slot_of(slide(2, title(2), body(2, 2.5, 2), guides=GUIDES)).box
    assert slot.top_emu >= 1.3 * INCH


def test_not_between_two_columns():
    left = body(3.5, 3.5, 3.5, box_=box(0.92, 1.8, 3.7, 4.8))
    right = body(4.2, 4, 4, left=8.2, box_=box(8.1, 1.8, 4.3, 4.8), shape_id=92)
    slot = slot_of(slide(2, title(), left, right, guides=GUIDES)).box
    assert slot.top_emu >= 3.4 * INCH


def test_a_picture_has_a_shape_that_models_make_even_on_an_empty_slide():
    slot = slot_of(slide(2, title(), guides=GUIDES))
    assert 9 / 16 <= slot.box.aspect_ratio <= 2
    assert 0.3 <= share(slot) <= 0.6


@pytest.mark.parametrize(("width", "height"), [(10.0, 7.5), (7.5, 10.0), (13.333, 7.5)])
def test_pages_of_every_shape_get_their_picture(width, height):
    page = replace(deck(), width_emu=round(width * INCH), height_emu=round(height * INCH))
    lines = tuple(box(0.6, 1.8 + 0.6 * number, 0.4 * width, 0.35) for number in range(4))
    text = shape(box(0.5, 1.6, width - 1, height - 2.2), ink=lines, placeholder="body", text="a\nb\nc\nd")
    slot = slot_of(slide(2, text), page)
    assert slot.box.area_emu2 >= 0.15 * page.width_emu * page.height_emu


def test_an_empty_placeholder_is_not_cut_through():
    empty = shape(box(7, 1.8, 2.5, 4.8), shape_id=8, placeholder="body", is_empty=True)
    slot = slot_of(slide(2, title(), body(4, 4, 4), empty, guides=GUIDES)).box
    shared = min(slot.right_emu, empty.box.right_emu) - max(slot.left_emu, empty.box.left_emu)
    assert shared <= 0 or shared >= 0.9 * empty.box.width_emu


# What always holds

# A width that has no middle in whole numbers.
ODD_WIDTH = deck().width_emu + 1
BOXES = st.builds(box, *[st.floats(-3, 14)] * 2, *[st.floats(0, 9)] * 2)
LINES = st.builds(box, st.floats(0, 9), st.floats(0, 7), st.floats(0.3, 6), st.floats(0.2, 0.5))
GUIDE_BOXES = st.builds(box, st.floats(0.3, 6), st.floats(0.3, 4), st.floats(2, 7), st.floats(1, 4))


@st.composite
def slides(draw, number=2):
    inks = draw(st.lists(st.lists(LINES, min_size=1, max_size=5), max_size=4))
    solid = draw(st.lists(BOXES, max_size=2))
    texts = [shape(None, shape_id=10 + n, ink=tuple(ink), text="words") for n, ink in enumerate(inks)]
    shapes = [replace(one, box=one.ink[0]) for one in texts] + [shape(where, ShapeKind.DRAWING, 30) for where in solid]
    if draw(st.booleans()):
        shapes.append(FRAME)
    return slide(number, *shapes, guides=tuple(draw(st.lists(GUIDE_BOXES, max_size=2))))


@few
@given(slides(), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.001, 0.08]))
def test_a_slot_meets_no_ink_stays_on_the_slide_and_is_a_shape_models_make(one, margin_in, gap_in, min_slot_share):
    slot = slot_of(one, margin_in=margin_in, gap_in=gap_in, min_slot_share=min_slot_share)
    if slot is None or slot.kind is not SlotKind.FREE:
        return
    spacing = spacing_of(Layout(margin_in=margin_in, gap_in=gap_in))
    kept = grown(slot.box, spacing.tight_gap_emu)
    assert not any(kept.meets(ink) for each in one.shapes for ink in each.ink)
    on_slide = grown(slot.box, spacing.tight_margin_emu)
    assert on_slide.left_emu >= 0
    assert on_slide.top_emu >= 0
    assert on_slide.right_emu <= deck().width_emu
    assert on_slide.bottom_emu <= deck().height_emu
    assert 1 / MAX_RATIO - 1e-5 <= slot.box.aspect_ratio <= MAX_RATIO + 1e-5
    assert slot.box.area_emu2 >= min_slot_share * deck().width_emu * deck().height_emu * 0.9999


def mirrored_box(one):
    left = ODD_WIDTH - one.right_emu
    return Box(left_emu=left, top_emu=one.top_emu, width_emu=one.width_emu, height_emu=one.height_emu)


def mirrored(one):
    shapes = tuple(
        replace(each, box=mirrored_box(each.box), ink=tuple(map(mirrored_box, each.ink))) for each in one.shapes
    )
    return replace(one, shapes=shapes, guides=tuple(map(mirrored_box, one.guides)), language="he")


@few
@given(st.lists(slides(), min_size=1, max_size=4))
def test_a_mirrored_deck_has_the_mirrored_slots(drawn):
    odd = replace(deck(), width_emu=ODD_WIDTH)
    numbered = [replace(one, number=number) for number, one in enumerate(drawn, start=2)]
    slots = slots_of(*numbered, canvas=odd)
    images = slots_of(*map(mirrored, numbered), canvas=odd)
    assert {number: replace(slot, box=mirrored_box(slot.box)) for number, slot in slots.items()} == dict(images)


@few
@given(st.lists(slides(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_the_same_deck_has_the_same_slots_in_whatever_order_its_shapes_come(drawn, random):
    numbered = [replace(one, number=number) for number, one in enumerate(drawn, start=2)]
    shuffled = [replace(one, shapes=tuple(random.sample(one.shapes, len(one.shapes)))) for one in numbered]
    assert slots_of(*numbered) == slots_of(*numbered) == slots_of(*shuffled)


@few
@given(slides(), BOXES)
def test_more_ink_never_makes_room(one, where):
    bare = replace(one, shapes=tuple(each for each in one.shapes if not each.is_empty))
    more = replace(bare, shapes=(*bare.shapes, shape(where, ShapeKind.DRAWING, 40)))
    assert slot_of(bare) is not None or slot_of(more) is None


def test_hundreds_of_pieces_of_ink_take_no_time():
    pieces = [box(0.4 + 0.6 * (n % 20), 0.4 + 0.33 * (n // 20), 0.3, 0.12) for n in range(300)]
    crowded = slide(2, *[shape(where, ShapeKind.DRAWING, number) for number, where in enumerate(pieces)])
    began = time.process_time()
    slot_of(crowded)
    assert time.process_time() - began < 0.2
